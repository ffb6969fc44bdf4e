"""What somebody else changed enters the record once, and what a run of the record changed does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import eventually
from screen.flying import housed, options
from scribe.story import START, Book
from simcluster import NAME, NAMESPACE, living

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.kube.access import MERGE_PATCH
from cockpit.kube.paths import resource_path
from cockpit.room.facts.signals import told_by
from cockpit.room.war_room import WarRoom
from cockpit.signal.changes import RolloutBegan
from cockpit.signal.foreign.change import ForeignChange
from cockpit.values import replace

SCALED = ForeignChange(
    "deployment/pay", "scale", START + timedelta(seconds=10), "3", "5", "kubectl", version="u/8", count=1
)
EDITED = replace(SCALED, object="configmap/settings", matter="data", before="", after="", detail="A: 1 → 2")


def told(change: ForeignChange, book: Book) -> list[kinds.Payload]:
    return [payload for payload, _ in told_by(change, book.timeline.state)]


def run(**more: Any) -> kinds.RunIntent:
    given: dict[str, Any] = {
        "run": "r", "title": "Scale", "risk": "changing", "object": "deployment/pay",
        "command": "kubectl --context prod -n production scale deployment/pay --replicas=5",
        "prior": {"verb": "scale", "replicas": "3", "made.replicas": "5"},
    }  # fmt: skip
    return kinds.RunIntent.model_validate(given | more)


def test_a_change_is_told_with_its_program() -> None:
    [payload] = told(SCALED, Book())
    assert payload == kinds.Changed(
        object="deployment/pay", matter="scale", before="3", after="5", by="kubectl", version="u/8"
    )


@pytest.mark.parametrize(
    ("change", "intent", "is_told"),
    [
        (replace(SCALED, by="incident-cockpit"), run(), False),
        (replace(SCALED, by=""), run(), False),
        (replace(SCALED, by="horizontal-pod-autoscaler"), run(), True),
        (replace(SCALED, by="incident-cockpit", after="7"), run(), True),
        (replace(SCALED, by="incident-cockpit"), run(object="deployment/other"), True),
        (replace(SCALED, by="incident-cockpit"), run(risk="read-only"), True),
        (replace(SCALED, by="incident-cockpit", matter="pause"), run(), True),
        (replace(EDITED, by="incident-cockpit"), run(object="configmap/settings", command="kubectl edit"), False),
        (SCALED, run(object="program/kubectl", command="kubectl scale deploy/pay --replicas=5", prior=None), False),
        (SCALED, run(object="program/kubectl", command="kubectl scale deploy/payments --replicas=5"), True),
        (replace(SCALED, at=START + timedelta(hours=1)), run(object="program/kubectl"), True),
    ],
)
def test_what_a_run_did_is_not_somebody_elses(change: ForeignChange, intent: kinds.RunIntent, is_told: bool) -> None:
    book = Book()
    book.add(intent, "0:05", "@a")
    assert bool(told(change, book)) is is_told


def test_two_cockpits_tell_it_once_and_the_next_change_again() -> None:
    book = Book()
    book.add(kinds.Changed(object="deployment/pay", matter="scale", before="3", after="5", version="u/8"), "0:10")
    assert told(SCALED, book) == []
    assert told(replace(SCALED, version="u/7"), book) == []
    assert told(replace(SCALED, version="u/9"), book) != []
    assert told(replace(SCALED, version="other/1"), book) != []  # deleted and made anew
    assert told(replace(SCALED, version=""), book) != []
    assert told(replace(SCALED, version="u/8 deleted"), book) != []
    again = book.add(kinds.Changed(object="deployment/pay", matter="scale", version="u/8"), "0:11")
    assert again.id in book.timeline.state.echoes


def test_a_release_says_what_changed_and_which_program_did_it() -> None:
    began = RolloutBegan("pay", 43, "1.4.2", "", "kubectl-set", START, "image 1.4.1 → 1.4.2")
    [(payload, _)] = told_by(began, Book().timeline.state)
    assert isinstance(payload, kinds.Rollout)
    assert payload.detail == "image 1.4.1 → 1.4.2 by kubectl-set"
    [(payload, _)] = told_by(replace(began, changed="", changed_by=""), Book().timeline.state)
    assert isinstance(payload, kinds.Rollout)
    assert payload.detail == ""


CONFIG = f"""\
version: 1
kubernetes:
  prod: {{context: prod-eu, kubeconfig: kubeconfig}}
services:
  {NAME}:
    kubernetes: {{cluster: prod, namespace: {NAMESPACE}, selector: app={NAME}, deployment: {NAME}}}
"""


@pytest.mark.anyio
async def test_two_cockpits_at_one_record_tell_each_change_once(tmp_path: Path) -> None:
    config = tmp_path / "cockpit.yaml"
    config.write_text(CONFIG)
    async with (
        living(tmp_path) as alive,
        housed(options(tmp_path, config)) as one,
        housed(options(tmp_path, config, actor="@bob")) as two,
    ):
        wars = [WarRoom(house, SystemClock()) for house in (one, two)]
        try:
            for war in wars:
                await war.go_live()
            await eventually(lambda: all(war.rollout().changes and war.rollout().changes.trusted for war in wars))
            path = resource_path("apps/v1", "deployments", NAMESPACE, NAME)
            for count, replicas in enumerate((4, 5, 2), start=1):
                query, body = {"fieldManager": "kubectl-scale"}, {"spec": {"replicas": replicas}}
                await alive.access.call("PATCH", path, query=query, body=body, content_type=MERGE_PATCH)
                await eventually(lambda least=count: all(len(scaled(war)) >= least for war in wars))
            assert [scaled(war) for war in wars] == [["4", "5", "2"]] * 2
        finally:
            for war in wars:
                await war.close()


def scaled(war: WarRoom) -> list[str]:
    """To how many pods the record says that it was scaled, in order."""
    return [entry.payload["to"] for entry in war.room.timeline.entries if entry.kind == "change"]
