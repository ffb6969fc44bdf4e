"""Loading the HTTP client without the certificate authorities of the system, which it would read twice for nobody."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ALONE = threading.Lock()


def load_client() -> None:
    """Import aiohttp. Call it in a thread, before anything else imports it there.

    Its connector makes two contexts for TLS when it is imported, for callers that bring none, and reads all authorities
    for each: 60 ms of a processor. Ours brings its own, with those of the kubeconfig. What used the empty ones all the
    same would trust nobody.
    """
    with _ALONE:
        if "aiohttp" not in sys.modules:
            with _without_authorities():
                import aiohttp  # noqa: F401


@contextmanager
def _without_authorities() -> Iterator[None]:
    """Contexts that this thread makes meanwhile know no authority; those of the others do."""
    mine, read = threading.get_ident(), ssl.SSLContext.set_default_verify_paths

    def unless_mine(context: ssl.SSLContext) -> None:
        if threading.get_ident() != mine:
            read(context)

    ssl.SSLContext.set_default_verify_paths = unless_mine  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        del ssl.SSLContext.set_default_verify_paths  # it is the base's again
