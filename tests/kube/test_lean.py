"""The HTTP client is loaded without reading the system's certificate authorities; everybody else still has them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from conftest import ROOT

LOADED = """
import json, ssl, threading
from cockpit.kube import lean
if not ssl.create_default_context().cert_store_stats()["x509_ca"]:
    print("null")
    raise SystemExit
seen = {}
read = lambda name: seen.update({name: ssl.create_default_context().cert_store_stats()["x509_ca"]})
with lean._without_authorities():
    other = threading.Thread(target=read, args=("other thread meanwhile",))
    other.start()
    other.join()
    read("meanwhile")
lean.load_client()
lean.load_client()
import aiohttp.connector
read("afterwards")
seen["the client's own"] = aiohttp.connector._SSL_CONTEXT_VERIFIED.cert_store_stats()["x509_ca"]
seen["verifies"] = aiohttp.connector._SSL_CONTEXT_VERIFIED.verify_mode is ssl.CERT_REQUIRED
print(json.dumps(seen))
"""


def test_only_the_client_goes_without_authorities_and_it_trusts_nobody_then() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    if seen is None:
        pytest.skip("this machine has no certificate authorities")
    assert seen["afterwards"] > 0
    assert seen == {
        "other thread meanwhile": seen["afterwards"],
        "meanwhile": 0,
        "afterwards": seen["afterwards"],
        "the client's own": 0,
        "verifies": True,
    }
