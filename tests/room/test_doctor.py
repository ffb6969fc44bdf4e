"""The doctor's looks: each provider asked and nobody told, an end for what has none, the database's rights, clocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from replay import answering, kubeconfig, serving
from simcluster import living
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cockpit.clock import SystemClock
from cockpit.room.doctor import Finding, examine
from cockpit.room.doctor.cluster import clock_finding
from cockpit.room.doctor.finding import Look, together
from cockpit.room.doctor.rights import needs_of, resource_of
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.requests import Start
from cockpit.runbook.model import Step
from tests.postgres import Server, running
from tests.receivers import Receivers, channels_of, receiving
from tests.shop import cluster, shop, step

pytestmark = pytest.mark.anyio


async def examined(folder: Path, config: Path, environ: dict[str, str] | None = None) -> dict[str, Finding]:
    """All that the doctor finds."""
    asked = Options({"HOME": str(folder), **(environ or {})}, folder, actor="@alice", journal=folder / "record.db",
                    config=config, read_only=True)  # fmt: skip
    house = await open_house(asked, SystemClock())
    try:
        return {each.what: each async for each in examine(house, SystemClock())}
    finally:
        await house.close()


@pytest.fixture
async def receivers() -> AsyncIterator[Receivers]:
    """A simulated provider of each kind."""
    async with receiving() as every:
        yield every


async def test_every_provider_is_asked_who_we_are_and_nothing_is_sent(receivers: Receivers, tmp_path: Path) -> None:
    channels = channels_of(receivers, tmp_path)
    config = shop(tmp_path, step("look", manual="Look"), channels=channels)
    found = await examined(tmp_path, config)
    assert {name: found[f"channel {name}"].state for name in channels} == dict.fromkeys(channels, "ok")
    assert "account demo" in found["channel opsgenie"].said
    assert "page Demo" in found["channel statuspage"].said
    assert "cockpit in Demo" in found["channel slack"].said
    assert receivers.arrived.of() == []


async def test_a_token_that_was_revoked_is_found_before_it_is_needed(receivers: Receivers, tmp_path: Path) -> None:
    channels = {name: channel for name, channel in channels_of(receivers, tmp_path).items() if name != "mail"}
    config = shop(tmp_path, step("look", manual="Look"), channels=channels)
    for name in channels:
        receivers.each[name].trouble.set("revoked")
    found = await examined(tmp_path, config)
    for name in channels:
        each = found[f"channel {name}"]
        assert each.state == "bad", each
        assert each.mend, each
    tokens = [receivers.slack.token, receivers.jira.token, receivers.statuspage.token, receivers.opsgenie.key]
    assert not [each for each in found.values() for token in tokens if token in each.said]


async def test_in_a_drill_no_provider_is_asked(receivers: Receivers, tmp_path: Path) -> None:
    """A drill reaches nothing real; a revoked token would be told by whoever was asked."""
    channels = channels_of(receivers, tmp_path)
    config = shop(tmp_path, step("look", manual="Look"), channels=channels)
    for name in channels:
        if name in receivers.each:
            receivers.each[name].trouble.set("revoked")
    asked = Options({"HOME": str(tmp_path)}, tmp_path, actor="@alice", journal=tmp_path / "record.db", config=config)
    house = await open_house(asked, SystemClock())
    try:
        await house.room.perform(Start("exercise", drill=True))
        found = {each.what: each async for each in examine(house, SystemClock())}
    finally:
        await house.close()
    said = {found[f"channel {name}"].said for name in channels}
    assert said == {"not asked: the incident is a drill, which reaches nobody"}


async def test_a_look_that_has_no_end_is_cut_off_and_the_others_come_at_once() -> None:
    """And one that breaks is a finding of its own."""

    async def endless() -> AsyncIterator[Finding]:
        yield Finding("first", "ok", "came")
        await asyncio.Event().wait()

    async def broken() -> AsyncIterator[Finding]:
        raise ZeroDivisionError("nothing")
        yield Finding("never", "ok", "")

    async def quick() -> AsyncIterator[Finding]:
        yield Finding("quick", "ok", "here")

    looks = [Look("endless", "sources", endless), Look("broken", "here", broken), Look("quick", "cluster", quick)]
    found = [each async for each in together(looks, 0.2)]
    assert {each.what: each.state for each in found} == {
        "first": "ok", "quick": "ok", "broken": "bad", "endless": "bad",
    }  # fmt: skip
    assert found[-1].what == "endless", "the others did not wait for it"
    assert "no answer within 0.2 s" in found[-1].said
    assert {each.what: each.group for each in found}["quick"] == "cluster"


async def test_a_look_that_is_slow_is_waited_for_and_that_is_said() -> None:
    """As with an API server that takes half a minute for each answer; what goes on giving is not cut off."""

    async def slow() -> AsyncIterator[Finding]:
        for number in range(2):
            await asyncio.sleep(0.7)
            yield Finding(f"{number}", "ok", "came")

    async def steady() -> AsyncIterator[Finding]:
        for _ in range(4):
            await asyncio.sleep(0.2)
            yield Finding("steady", "ok", "came")

    looks = [Look("slow", "cluster", slow), Look("steady", "cluster", steady)]
    found = [each async for each in together(looks, 1.1, 0.5) if each.what != "steady"]
    assert [(each.what, each.state) for each in found] == [
        ("slow is slow", "warn"), ("0", "ok"), ("1", "ok"),
    ]  # fmt: skip
    assert found[0].said == "no answer for 0.5 s; it is waited for"


@pytest.fixture(scope="module")
def server() -> Any:
    """A PostgreSQL with a table that one login may change and another may not."""
    with running() as started:
        started.sql("CREATE TABLE orders (id int, status text)")
        started.sql("CREATE ROLE half LOGIN")
        started.sql("CREATE ROLE blind LOGIN IN ROLE pg_signal_backend")
        started.sql("GRANT SELECT, UPDATE ON orders TO half")
        yield started


STEPS = (
    step("fail", {"kind": "sql", "statement": "UPDATE orders SET status = 'FAILED' WHERE id = 1"}),
    step("purge", {"kind": "sql", "statement": "DELETE FROM orders WHERE id = 1"}),
    step("kill", {"kind": "sql", "statement": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = 1"}),
    step("lost", {"kind": "sql", "statement": "DELETE FROM gone"}),
    step("count", {"kind": "sql", "statement": "SELECT count(*) FROM orders"}),
)


async def test_the_steps_that_the_database_would_refuse_are_named(server: Server, tmp_path: Path) -> None:
    known = {"orders": {"dsn": {"env": "RO"}, "write_dsn": {"env": "RW"}}}
    config = shop(tmp_path, *STEPS, service={"postgresql": "orders"}, postgresql=known)
    environ = {"RO": server.dsn(), "RW": server.dsn(user="half")}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environ.items():
            patched.setenv(name, value)
        found = await examined(tmp_path, config)
    write = found["database orders write"]
    assert write.state == "warn"
    for said in ("3 of 4 steps", "purge (DELETE orders)", "kill (pg_signal_backend)", "lost (there is no table gone)"):
        assert said in write.said
    assert found["clock of database orders"].state == "ok"


async def test_steps_that_change_want_a_login_that_may(server: Server, tmp_path: Path) -> None:
    known = {"orders": {"dsn": {"env": "RO"}}}
    config = shop(tmp_path, *STEPS, service={"postgresql": "orders"}, postgresql=known)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RO", server.dsn())
        found = await examined(tmp_path, config)
    assert "4 steps would be refused: fail, purge, kill, lost" in found["database orders write"].said
    without = shop(tmp_path, *STEPS)
    assert "5 steps want a database" in (await examined(tmp_path, without))["database"].said


async def test_a_login_that_may_end_what_it_may_not_see_is_told_so(server: Server, tmp_path: Path) -> None:
    known = {"orders": {"dsn": {"env": "RO"}, "write_dsn": {"env": "RW"}}}
    config = shop(tmp_path, *STEPS, service={"postgresql": "orders"}, postgresql=known)
    with pytest.MonkeyPatch.context() as patched, psycopg.connect(server.dsn()):
        patched.setenv("RO", server.dsn())
        patched.setenv("RW", server.dsn(user="blind"))
        found = (await examined(tmp_path, config))["end a session"]
    assert (found.state, found.mend) == ("warn", "GRANT pg_read_all_stats TO blind")


def test_a_clock_that_differs_is_told_with_its_side() -> None:
    assert [clock_finding("c", skew).state for skew in (0.0, 1.9, -2.0, 2.1, -300.0)] == ["ok"] * 3 + ["warn"] * 2
    assert "5 min behind ours" in clock_finding("c", -300.0).said
    assert "ahead of ours" in clock_finding("c", 41.0).said
    assert "its times are moved to ours" in clock_finding("c", 41.0, moved=True).mend
    assert "cannot be compared" in clock_finding("c", 41.0).mend


async def test_a_cluster_whose_clock_is_off_is_told_with_what_is_done_about_it(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        alive.cluster.trouble.skew = -630.0
        found = await examined(tmp_path, shop(tmp_path, step("look", manual="Look"), **cluster(tmp_path)))
    clock = found["clock of the cluster"]
    assert (clock.state, clock.said) == ("warn", "is 10 min behind ours")
    assert clock.mend == "set the clocks by NTP: until then its times are moved to ours"


@pytest.mark.parametrize(
    ("named", "resource"),
    [
        ("deploy", ("deployments", "apps")), ("deployment/shop", ("deployments", "apps")), ("Pods", ("pods", "")),
        ("hpa", ("horizontalpodautoscalers", "autoscaling")), ("ingress", ("ingresses", "networking.k8s.io")),
        ("networkpolicy", ("networkpolicies", "networking.k8s.io")), ("virtualservices", None),
    ],
)  # fmt: skip
def test_what_kubectl_calls_a_resource_is_known(named: str, resource: tuple[str, str] | None) -> None:
    assert resource_of(named) == resource


async def cluster_of_a_set(request: Request) -> Response:
    """A namespace with a stateful set beside a deployment; a user who may not read revisions, nor watch its secret."""
    path = request.url.path
    if path.endswith("selfsubjectaccessreviews"):
        asked = (await request.json())["spec"]["resourceAttributes"]
        refused = asked["resource"] == "controllerrevisions" or asked.get("name") == "shop-key"
        return JSONResponse({"status": {"allowed": not refused}})
    owners = [{"kind": "StatefulSet", "name": "db", "uid": "s", "controller": True}]
    spec = {"containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "shop-config"}},
                                                     {"secretRef": {"name": "shop-key"}}]}]}  # fmt: skip
    answers = {
        "/version": {"gitVersion": "v1.36.0"},
        "/pods": {"items": [{"metadata": {"name": "db-0", "ownerReferences": owners}}]},
        "/deployments/payment-service": {"spec": {"template": {"spec": spec}}},
    }
    found = next((body for end, body in answers.items() if path.endswith(end)), None)
    return JSONResponse(found or {"kind": "Status", "code": 404, "message": "not there"}, 200 if found else 404)


async def test_every_right_is_asked_for_that_a_page_needs(tmp_path: Path) -> None:
    endpoints = {"health": {"http": "http://web:80/health", "via": "service-proxy"},
                 "redis": {"tcp": "redis:6379", "via": "pod"}}  # fmt: skip
    place = cluster(tmp_path)
    place["service"] |= {"endpoints": endpoints}
    async with serving(answering(cluster_of_a_set)) as address:
        kubeconfig(tmp_path, address)
        found = await examined(tmp_path, shop(tmp_path, step("look", manual="Look"), **place))
    assert found["get statefulsets.apps"].said == "may show the rollout of a StatefulSet"
    assert "get daemonsets.apps" not in found
    revisions = found["list controllerrevisions.apps"]
    assert (revisions.state, revisions.said) == ("warn", "may not show the revisions of sets")
    assert revisions.mend == "ask for `list controllerrevisions.apps` in production; all else is there without it"
    assert found["watch configmaps/shop-config"].state == "ok"
    assert found["watch secrets/shop-key"].state == "warn"
    assert found["get services/proxy"].said == "may ask the endpoint health"
    assert found["get pods/exec"].said == found["create pods/exec"].said == "may ask the endpoint redis"
    assert {"watch events", "get namespaces", "list pods.metrics.k8s.io", "watch services"} <= set(found)


def test_a_step_needs_what_its_action_does() -> None:
    def needed(action: dict[str, Any]) -> list[str]:
        made = Step.model_validate({"id": "x", "title": "X", "action": action, "source": {"file": "x.yaml", "line": 1}})
        return [str(need) for need in needs_of(made)]

    pod = {"kind": "kubernetes", "verb": "exec", "pod": "web", "command": ["ls"]}
    assert needed(pod) == ["get pods/exec", "create pods/exec"], "a WebSocket is opened by a GET"
    assert needed({"kind": "kubernetes", "verb": "scale", "replicas": 3}) == ["patch deployments.apps/scale"]
    assert needed({"kind": "kubernetes", "verb": "edit-config-map", "name": "c"}) == [
        "get configmaps", "patch configmaps",
    ]  # fmt: skip
    assert needed({"kind": "http", "url": "http://web:80/", "via": "service-proxy"}) == ["get services/proxy"]
    assert needed({"kind": "command", "argv": ["ls"]}) == []
