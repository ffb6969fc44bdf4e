"""Answers that nest without end: every one-off question is refused in words, whatever it asks for."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from replay import answering, kubeconfig, serving
from starlette.requests import Request
from starlette.responses import Response

from cockpit.clock import SystemClock
from cockpit.kube import needs
from cockpit.kube.access import Access
from cockpit.kube.around import autoscalers, configmap
from cockpit.kube.errors import KubeError
from cockpit.kube.logs import ending as logs
from cockpit.kube.pods import describe, usage
from cockpit.kube.pods.detail import pod_detail
from cockpit.kube.rollouts import rollout
from cockpit.signal.cluster.released import released

pytestmark = pytest.mark.anyio

LEVELS = [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 500 + b"1" + b"}" * 500]
IDS = ["unclosed", "closed", "what the parser still takes"]


def around(deep: bytes) -> bytes:
    """An object of any kind, with what nests in it."""
    return b'{"metadata": {"name": "x", "uid": "u", "annotations": {}}, "spec": {"template": {"x": %s}}}' % deep


ASKED: dict[str, Callable[[Access], Awaitable[Any]]] = {
    "describe": lambda access: describe.describe(access, "production", "x", SystemClock()),
    "rollout": lambda access: rollout.read(access, "production", "x"),
}
SHAPED: dict[str, Callable[[Access], Awaitable[Any]]] = {
    "events": lambda access: describe.events_of(access, "production", "x"),
    "config map": lambda access: configmap.read_config_map(access, "production", "x"),
    "usage": lambda access: usage.read_usage(access, "production", ""),
    "version": lambda access: access.version(),
    "review": lambda access: access.allowed("get", "", "pods", "production"),
    "who": needs.user,
    "containers": lambda access: logs.containers(access, "production", "x"),
    "autoscaler": lambda access: autoscalers.autoscaler_of(access, "production", "x"),
}


async def refused(tmp_path: Path, body: bytes, ask: Callable[[Access], Awaitable[Any]]) -> KubeError:
    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    async with serving(answering(answer)) as server:
        access = await Access.open("prod-eu", kubeconfig(tmp_path, server), SystemClock())
        try:
            with pytest.raises(KubeError) as error:
                await ask(access)
        finally:
            await access.close()
    return error.value


@pytest.mark.parametrize("deep", LEVELS, ids=IDS)
@pytest.mark.parametrize("asked", ASKED)
async def test_an_object_that_nests_without_end_is_refused_in_words(tmp_path: Path, asked: str, deep: bytes) -> None:
    error = await refused(tmp_path, around(deep), ASKED[asked])
    assert error.kind == "server"
    assert error.message.startswith("prod-eu answered with what cannot be read: ")
    assert "Recursion" not in error.message
    assert error.mend


@pytest.mark.parametrize("deep", LEVELS[:2], ids=IDS[:2])
@pytest.mark.parametrize("asked", SHAPED)
async def test_so_is_an_answer_of_which_little_is_read(tmp_path: Path, asked: str, deep: bytes) -> None:
    error = await refused(tmp_path, around(deep), SHAPED[asked])
    assert error.message.startswith("prod-eu answered with what cannot be read: ")


@pytest.mark.parametrize("depth", [80, 400, 900])
def test_a_pod_and_a_template_that_nest_deeply_are_no_pod_and_no_template(depth: int) -> None:
    deep: Any = 1
    for _ in range(depth):
        deep = {"a": deep}
    raw = json.dumps({"metadata": {"name": "x", "uid": "u"}, "spec": {"x": deep}}).encode()
    assert pod_detail(raw).yaml() == ("# it cannot be shown: it is no object, or nests too deeply",)
    assert pod_detail(raw).facts()
    assert released(raw, b"{}") == ""
