"""What others change: folded from rows, floods folded into one, and watched on a living cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import eventually
from simcluster import NAME, NAMESPACE, Living, living

from cockpit.clock import SystemClock
from cockpit.config import ClusterConfig, Config, ServiceConfig, ServiceKubernetes
from cockpit.kube.access import MERGE_PATCH
from cockpit.kube.around.references import References
from cockpit.kube.around.surroundings import AutoscalerRow, ConfigMapRow, ServiceRow
from cockpit.kube.errors import KubeError
from cockpit.kube.managers import Setter
from cockpit.kube.paths import resource_path
from cockpit.kube.rollouts.deployed import DeploymentDetail
from cockpit.kube.rows import DeploymentRow
from cockpit.signal import board as board_module
from cockpit.signal.board import Board
from cockpit.signal.changes import Change, RolloutBegan
from cockpit.signal.cluster.released import released
from cockpit.signal.foreign.around import MOST_NAMES, around, change_of
from cockpit.signal.foreign.change import AT_ONCE, LONGEST, QUIET, SPAN, Floods, ForeignChange
from cockpit.signal.foreign.deployment import DeploymentChanges
from cockpit.signal.foreign.source import _freshness
from cockpit.signal.freshness import Freshness
from cockpit.text import MASK
from cockpit.values import replace

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def row(**more: object) -> DeploymentRow:
    made = DeploymentRow("u", "pay", "production", generation=7, wanted=3, image="1.4.1")
    return msgspec.structs.replace(made, **more)


def template(**container: object) -> bytes:
    spec = {"containers": [{"name": "pay", "image": "registry:5000/pay:1.4.1", **container}]}
    return msgspec.json.encode({"spec": spec})


def test_a_scaling_says_from_what_to_what_and_which_program() -> None:
    fold = DeploymentChanges()
    assert fold.step(row(), NOW) == []
    assert fold.step(row(), NOW) == []
    scaled = row(wanted=5, generation=8, detail=DeploymentDetail(scaled=Setter("horizontal-pod-autoscaler", NOW)))
    assert fold.step(scaled, NOW) == [
        ForeignChange("deployment/pay", "scale", NOW, "3", "5", "horizontal-pod-autoscaler", version="u/8")
    ]


def test_pause_template_and_resume_are_told_each() -> None:
    fold = DeploymentChanges()
    fold.step(row(detail=DeploymentDetail(template=template())), NOW)
    detail = DeploymentDetail(template=template(), paused=Setter("kubectl", NOW))
    [paused] = fold.step(row(paused=True, detail=detail), NOW)
    assert (paused.matter, paused.after, paused.by) == ("pause", "paused", "kubectl")
    image = template(image="registry:5000/pay:1.4.2")
    other = msgspec.structs.replace(detail, template=image, released=Setter("helm", NOW))
    [changed] = fold.step(row(paused=True, detail=other), NOW)
    assert (changed.matter, changed.detail, changed.by) == ("template", "image 1.4.1 → 1.4.2", "helm")
    [resumed] = fold.step(row(detail=other), NOW)
    assert (resumed.matter, resumed.after, resumed.by) == ("pause", "resumed", "")


def test_a_template_that_rolls_out_is_no_change_of_its_own_and_a_new_uid_is_one() -> None:
    fold = DeploymentChanges()
    fold.step(row(detail=DeploymentDetail(template=template())), NOW)
    assert fold.step(row(detail=DeploymentDetail(template=template(image="x:2"))), NOW) == []
    [remade] = fold.step(row(uid="other", wanted=9), NOW)
    assert (remade.matter, remade.after) == ("remade", "")


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"image": "registry:5000/pay:1.4.2"}, "image 1.4.1 → 1.4.2"),
        ({"image": "other/pay:1.4.2"}, "image: registry:5000/pay:1.4.1 → other/pay:1.4.2"),
        ({"env": [{"name": "A", "value": "1"}, {"name": "TOKEN", "value": "1"}]},
         "env A: none → 1; env TOKEN: none → ‹redacted›"),
        ({"env": [{"name": name, "value": "1"} for name in "ABCDE"]},
         "env A: none → 1; env B: none → 1; env C: none → 1; and 2 more"),
    ],
)  # fmt: skip
def test_what_a_release_changed_stands_in_one_line(container: dict[str, object], said: str) -> None:
    assert released(template(), template(**container)) == said


def test_a_restart_is_called_so_and_what_is_not_known_is_not_compared() -> None:
    bare = msgspec.json.decode(template())
    restarted = bare | {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026"}}}
    assert released(template(), msgspec.json.encode(restarted)) == "restarted, nothing else changed"
    assert released(b"", template()) == released(template(), b"") == released(b"[", b"{}") == ""


def change(at: float = 0, **more: Any) -> ForeignChange:
    return replace(ForeignChange("configmap/c", "data", NOW + timedelta(seconds=at), by="x", version=f"u/{at}"), **more)


def test_a_flood_is_one_change_with_a_count() -> None:
    floods, told = Floods(), []
    for second in range(60):
        told += floods.step([change(second, detail=str(second))], NOW + timedelta(seconds=second))
    assert [each.detail for each in told] == [str(second) for second in range(AT_ONCE)]
    assert floods.step([], NOW + timedelta(seconds=59 + QUIET - 1)) == []
    [folded] = floods.step([], NOW + timedelta(seconds=59 + QUIET))
    assert (folded.count, folded.seconds, folded.detail) == (60 - AT_ONCE, 59 - AT_ONCE, "59")
    assert folded.at == NOW + timedelta(seconds=AT_ONCE)
    assert floods.step([], NOW + timedelta(days=1)) == []


def test_a_flood_without_end_is_told_from_time_to_time_and_nothing_of_it_is_lost() -> None:
    floods, told = Floods(), []
    for second in range(2000):
        told += floods.step([change(second)], NOW + timedelta(seconds=second))
    told += floods.step([], NOW + timedelta(seconds=2000 + QUIET))
    assert sum(each.count for each in told) == 2000
    assert len(told) <= 3 * (2000 / LONGEST + 1) + AT_ONCE


def test_changes_far_apart_and_of_other_programs_are_told_at_once() -> None:
    floods = Floods()
    for number in range(10):
        at = number * SPAN
        assert len(floods.step([change(at)], NOW + timedelta(seconds=at))) == 1
    for by in "abcdefgh":
        assert len(floods.step([change(0, by=by)], NOW)) == 1


def config_map(data: dict[str, str], version: str = "1") -> ConfigMapRow:
    return ConfigMapRow(uid="u", name="settings", version=version, content=data)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({"A": "2", "B": "1"}, "A: 1 → 2; B: none → 1"),
        ({}, "A: 1 → none"),
        ({"A": "1"} | dict.fromkeys("BCDEF", "x"), "B: none → x; C: none → x; D: none → x; also E, F"),
        ({"A": "1", "conf": "x\ny\nz\nw", "last": "1"}, "conf: + x; conf: + y; conf: + z; also last"),
        ({"A": "1", "password": "x\ny"}, "password: none → ‹redacted›"),
    ],
)
def test_the_keys_of_a_config_map_are_named(after: dict[str, str], said: str) -> None:
    told = change_of(config_map({"A": "1"}), config_map(after, "2"), "pay", {}, NOW)
    assert told is not None
    assert (told.detail, told.version) == (said, "u/2")


def test_what_does_not_concern_the_deployment_or_did_not_change_is_not_told() -> None:
    same, labels = config_map({"A": "1"}), {"app": "pay", "tier": "gold"}
    assert change_of(same, config_map({"A": "1"}, "2"), "pay", {}, NOW) is None
    service = ServiceRow(uid="s", name="pay", version="1", content={"app": "other"})
    assert change_of(service, replace_row(service, {"app": "third"}), "pay", labels, NOW) is None
    found = change_of(service, replace_row(service, {"app": "pay"}), "pay", labels, NOW)
    assert found is not None
    assert (found.before, found.after) == ("app=other", "app=pay")
    scaler = AutoscalerRow(uid="a", name="x", version="1", kind="Deployment", target="other", least=1, most=3)
    assert change_of(scaler, None, "pay", {}, NOW) is None
    gone = change_of(scaler, None, "other", {}, NOW)
    assert gone is not None
    assert (gone.after, gone.version) == ("deleted", "a/1 deleted")
    assert change_of(None, None, "pay", {}, NOW) is None


def replace_row(row: ServiceRow, content: dict[str, str]) -> ServiceRow:
    return msgspec.structs.replace(row, content=content, version="2")


@dataclass
class Watched:
    """A cluster with a config map and a secret in its pods, an autoscaler and a service, and a board over it."""

    alive: Living
    board: Board
    changes: list[Change]

    async def patch(self, version: str, resource: str, name: str, body: dict[str, Any], by: str) -> None:
        """Change an object over HTTP, as a program of that name."""
        path = resource_path(version, resource, NAMESPACE, name)
        query = {"fieldManager": by}
        await self.alive.access.call("PATCH", path, query=query, body=body, content_type=MERGE_PATCH)

    async def tells(self, holds: Callable[[ForeignChange], bool]) -> ForeignChange:
        """Wait for such a change."""
        found = await eventually(lambda: [each for each in self.foreign if holds(each)])
        assert isinstance(found, list)
        made: ForeignChange = found[0]
        return made

    async def rollouts(self, count: int) -> list[RolloutBegan]:
        """Wait for so many rollouts that began."""
        await eventually(lambda: len(self._rollouts) == count)
        return self._rollouts

    @property
    def _rollouts(self) -> list[RolloutBegan]:
        return [each for each in self.changes if isinstance(each, RolloutBegan)]

    @property
    def foreign(self) -> list[ForeignChange]:
        """The changes by others that were told."""
        return [each for each in self.changes if isinstance(each, ForeignChange)]


AROUND: tuple[dict[str, Any], ...] = (
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"LEVEL": "info", "P": "1"}},
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stranger"}, "data": {"LEVEL": "info"}},
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {"token": "aHVudGVyMg=="}},
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "pay"},
     "spec": {"selector": {"app": NAME}, "ports": [{"port": 80}]}},
    {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "pay"},
     "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME}, "minReplicas": 2,
              "maxReplicas": 10}},
)  # fmt: skip


@asynccontextmanager
async def watching(folder: Path, *, user: str = "good") -> AsyncIterator[Watched]:
    async with living(folder, token=user) as alive:
        for each in AROUND:
            alive.cluster.create({**each, "metadata": {**each["metadata"], "namespace": NAMESPACE}})
        sources = [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "keys"}}]
        alive.release("1.4.1", envFrom=sources)
        where = ServiceKubernetes(cluster="prod", namespace=NAMESPACE, selector=f"app={NAME}", deployment=NAME)
        config = Config(
            kubernetes={"prod": ClusterConfig(context="prod-eu", kubeconfig=folder / "kubeconfig")},
            services={NAME: ServiceConfig(kubernetes=where)},
        )
        board, changes = Board(NAME, config, (), SystemClock()), list[Change]()
        board.listen(changes.append)
        await board.start()
        try:
            yield Watched(alive, board, changes)
        finally:
            await board.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks a tenth as long apart, so that no test waits for seconds."""
    monkeypatch.setattr(board_module, "_TICK", 0.05)


def test_those_that_are_too_many_to_be_watched_are_said_to_be_so() -> None:
    wanted = References(tuple(f"c{number:02}" for number in range(MOST_NAMES + 2)), ("s",))
    found = around(wanted, {}, "pay").references
    assert [each.state for each in found] == ["unknown"] * MOST_NAMES + ["unwatched"] * 2 + ["unknown"]
    assert found[MOST_NAMES].detail == "only 20 of its 22 config maps are"


def test_of_a_key_in_a_config_map_nothing_is_told() -> None:
    def pem(body: str) -> str:
        return f"# ours\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"

    values = (pem("MIIEowIBAAKCAQEA"), pem("MIIEpAIBAAKCAQEB"), pem("MIIEpAIBAAKCAQEB").replace("ours", "theirs"))
    rows = [ConfigMapRow(uid="u", name="c", version=str(n), content={"tls": each}) for n, each in enumerate(values)]
    other, words = change_of(rows[0], rows[1], "pay", {}, NOW), change_of(rows[1], rows[2], "pay", {}, NOW)
    assert other is not None
    assert words is not None
    assert other.detail == f"tls: {MASK} → {MASK}"
    assert words.detail == "tls: - # ours; tls: + # theirs"


def test_what_is_too_large_to_compare_in_passing_is_named() -> None:
    lines = [f"10.0.{number // 250}.{number % 250}" for number in range(20_000)]
    before = {"allowed": "\n".join(lines), "level": "info"}
    after = {"allowed": "\n".join(reversed(lines)), "level": "debug"}
    rows = [ConfigMapRow(uid="u", name="c", version=str(n), content=each) for n, each in enumerate((before, after))]
    told = change_of(*rows, "pay", {}, NOW)
    assert told is not None
    assert told.detail == "level: info → debug; also allowed"
    rows = [ConfigMapRow(uid="u", name="c", version="9", content={"allowed": row.content["allowed"]}) for row in rows]
    alone = change_of(*rows, "pay", {}, NOW)
    assert alone is not None
    assert alone.detail == "changed: allowed"


@pytest.mark.anyio
async def test_what_programs_change_around_the_deployment_is_told(tmp_path: Path) -> None:
    async with watching(tmp_path) as seen:
        await eventually(lambda: seen.board.freshness("changes").state == "live")
        states = {each.name: each.state for each in seen.board.around.references}
        assert states == {"settings": "known", "keys": "known"}
        assert seen.board.around.autoscaler == "pay: 2–10 pods"
        seen.changes.clear()
        edited = {"data": {"LEVEL": "debug", "DB_PASSWORD": "x"}}
        await seen.patch("v1", "configmaps", "settings", edited, "kubectl-edit")
        data = await seen.tells(lambda each: each.object == "configmap/settings")
        assert (data.by, data.detail) == ("kubectl-edit", "LEVEL: info → debug; DB_PASSWORD: none → ‹redacted›")
        await seen.patch("v1", "secrets", "keys", {"data": {"token": "eA=="}}, "vault")
        secret = await seen.tells(lambda each: each.object == "secret/keys")
        assert (secret.by, secret.detail, secret.before, secret.after) == ("vault", "", "", "")
        spec = {"spec": {"minReplicas": 1, "maxReplicas": 2}}
        await seen.patch("autoscaling/v2", "horizontalpodautoscalers", "pay", spec, "kubectl-edit")
        bounds = await seen.tells(lambda each: each.matter == "bounds")
        assert (bounds.before, bounds.after) == ("2–10 pods", "1–2 pods")
        await seen.patch("v1", "services", "pay", {"spec": {"selector": {"app": "green"}}}, "argocd")
        selector = await seen.tells(lambda each: each.matter == "selector")
        assert (selector.before, selector.after, selector.by) == (f"app={NAME}", "app=green", "argocd")
        await seen.patch("apps/v1", "deployments", NAME, {"spec": {"replicas": 4}}, "kubectl-scale")
        scale = await seen.tells(lambda each: each.matter == "scale")
        assert (scale.before, scale.after, scale.by) == ("3", "4", "kubectl-scale")
        seen.alive.cluster.delete("configmaps", NAMESPACE, "settings")
        await seen.tells(lambda each: each.object == "configmap/settings" and each.after == "deleted")
        await eventually(lambda: seen.board.around.references[0].state == "missing")
        image = {"containers": [{"name": "payment", "image": "registry.example/payment-service:1.4.3"}]}
        noted = {"metadata": {"annotations": {"note": "x"}}, "spec": image}
        await seen.patch("apps/v1", "deployments", NAME, {"spec": {"template": noted}}, "kubectl-set")
        began = await seen.rollouts(1)
        assert began[0].changed.startswith("image 1.4.1 → 1.4.3; env MODE: live → none")
        assert began[0].changed_by == "kubectl-set"
        await eventually(lambda: not seen.board.around.references)  # the new template refers to none
        bare = {"metadata": {"annotations": {"note": None}}}
        await seen.patch("apps/v1", "deployments", NAME, {"spec": {"template": bare}}, "helm")
        last = (await seen.rollouts(2))[1]
        assert (last.changed, last.changed_by) == ("template annotations note: x → none", "")
        assert {each.object for each in seen.foreign} == {
            "configmap/settings", "secret/keys", "horizontalpodautoscaler/pay", "service/pay", f"deployment/{NAME}",
        }  # fmt: skip


@pytest.mark.anyio
async def test_a_deployment_that_somebody_deletes_is_an_entry_and_said_where_its_pods_were(tmp_path: Path) -> None:
    async with watching(tmp_path) as seen:
        await eventually(lambda: len(seen.board.pods) == 3)
        await eventually(lambda: seen.board.freshness("changes").state == "live")
        seen.alive.cluster.delete("deployments", NAMESPACE, NAME)
        gone = await seen.tells(lambda each: each.matter == "remade")
        assert (gone.object, gone.after) == (f"deployment/{NAME}", "deleted")
        said = f"there is no deployment {NAME} in {NAMESPACE} of prod-eu"
        await eventually(lambda: seen.board.freshness("pods").detail == said)
        assert seen.board.freshness("pods").state == "live"


@pytest.mark.anyio
async def test_what_may_not_be_watched_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with watching(tmp_path, user="no-secrets") as seen:
        await eventually(lambda: "secrets" in seen.board.freshness("changes").detail)
        fresh = seen.board.freshness("changes")
        assert (fresh.state, fresh.detail) == ("live", "not watched, because it is forbidden: secrets")
        assert {each.name: each.state for each in seen.board.around.references}["keys"] == "forbidden"
        await seen.patch("v1", "configmaps", "settings", {"data": {"x": "1"}}, "kubectl")
        await seen.tells(lambda each: each.object == "configmap/settings")


class Watch:
    """As much of a lister as its freshness takes."""

    def __init__(self, error: KubeError | None = None, *, complete: bool = True) -> None:
        self.error, self.complete, self.connected = error, complete, complete
        self.as_of = NOW if complete else None


FORBIDDEN, ABSENT = (
    KubeError("forbidden", "prod answered 403: no", "ask"),
    KubeError("not-found", "prod answered 404: no"),
)
GONE = KubeError("unreachable", "prod does not answer", "check the VPN")


@pytest.mark.parametrize(
    ("watches", "state", "detail"),
    [
        ((Watch(), Watch()), "live", ""),
        ((Watch(), Watch(complete=False)), "loading", ""),
        ((Watch(), Watch(FORBIDDEN, complete=False)), "live", "not watched, because it is forbidden: autoscalers"),
        (
            (Watch(), Watch(ABSENT, complete=False)),
            "live",
            "not watched, because this cluster has no such thing: autoscalers",
        ),
        ((Watch(FORBIDDEN, complete=False), Watch(FORBIDDEN, complete=False)), "forbidden", "prod answered 403: no"),
        ((Watch(), Watch(GONE)), "stale", "prod does not answer"),
        ((Watch(GONE, complete=False), Watch(GONE, complete=False)), "unreachable", "prod does not answer"),
    ],
)
def test_what_is_refused_is_no_outage_and_an_outage_is_one(watches: Any, state: str, detail: str) -> None:
    listers = dict(zip((("services", ""), ("horizontalpodautoscalers", "")), watches, strict=True))
    fresh = _freshness(Freshness("loading", NOW), listers, References(), NOW)
    assert (fresh.state, fresh.detail) == (state, detail)
