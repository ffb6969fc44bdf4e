"""`cockpit rollout` where the pods belong to a stateful set."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from replay import answering, kubeconfig, serving
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tests.cli.shell import Shell
from tests.kube.test_setrevisions import KEPT, STATEFUL

pytestmark = pytest.mark.anyio


def pod(number: int, revision: str) -> dict[str, Any]:
    owner = {"kind": "StatefulSet", "name": "db", "uid": "set-uid", "controller": True}
    labels = {"app": "db", "controller-revision-hash": revision}
    meta = {"name": f"db-{number}", "uid": f"u{number}", "labels": labels, "ownerReferences": [owner]}
    return {"metadata": meta, "status": {"phase": "Running"}}


async def never() -> AsyncIterator[bytes]:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    yield b""


async def cluster(request: Request) -> Response:
    """A namespace with one stateful set."""
    if request.query_params.get("watch"):
        return StreamingResponse(never())
    answers = {
        "/pods": {"metadata": {"resourceVersion": "7"}, "items": [pod(0, "db-1aa"), pod(1, "db-2aa")]},
        "/db": STATEFUL, "/controllerrevisions": {"items": KEPT},
    }  # fmt: skip
    found = next((body for end, body in answers.items() if request.url.path.endswith(end)), None)
    if found is None:
        return JSONResponse({"kind": "Status", "message": "it is not there", "code": 404}, 404)
    return JSONResponse(found)


async def test_the_set_its_revisions_and_what_changed(tmp_path: Path, shell: Shell) -> None:
    async with serving(answering(cluster)) as server:
        flags = (
            "--kubeconfig",
            kubeconfig(tmp_path, server),
            "--context",
            "prod-eu",
            "-n",
            "production",
            "-l",
            "app=db",
        )
        printed = (await asyncio.to_thread(shell, *flags, "rollout")).ok().out
        read = (await asyncio.to_thread(shell, *flags, "rollout", "--json")).ok().json
    assert "StatefulSet/db: 1 of 3 pods have been updated" in printed
    assert "revision      2 15.2" in printed
    assert "current, 1 pod, 0 ready, release 15.2" in printed
    assert "changed    from rev 1 (15.1) to rev 2 (15.2)" in printed
    assert "goes back  kubectl --context prod-eu -n production rollout undo statefulset/db --to-revision=1" in printed
    [found] = read["sets"]
    assert (found["owner"], [each["number"] for each in found["revisions"]]) == ("StatefulSet/db", [2, 1])
