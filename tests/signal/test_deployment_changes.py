"""A deployment that is deleted and made again, and who is named for what is taken away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from cockpit.kube.managers import Setter
from cockpit.kube.rollouts.deployed import DeploymentDetail
from cockpit.kube.rows import DeploymentRow
from cockpit.signal.foreign.deployment import DeploymentChanges

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def row(**more: object) -> DeploymentRow:
    made = DeploymentRow("u", "pay", "production", generation=7, wanted=3)
    return msgspec.structs.replace(made, **more)


def paused(level: str, setter: Setter) -> DeploymentRow:
    env = [{"name": "LEVEL", "value": level}] if level else []
    template = msgspec.json.encode({"spec": {"containers": [{"name": "pay", "env": env}]}})
    return row(paused=True, detail=DeploymentDetail(template=template, released=setter))


def test_a_deployment_that_is_deleted_is_told_once_and_that_it_is_made_again() -> None:
    fold = DeploymentChanges()
    assert fold.gone(NOW) == [], "one that was never seen may have another name"
    fold.step(row(), NOW)
    [gone] = fold.gone(NOW)
    assert (gone.matter, gone.after, gone.by, gone.version) == ("remade", "deleted", "", "u/7 deleted")
    assert fold.gone(NOW) == []
    [made] = fold.step(row(uid="other", generation=1), NOW)
    assert (made.matter, made.after) == ("remade", "made")
    assert len(fold.gone(NOW)) == 1


def test_who_set_it_before_is_not_named_for_what_is_only_taken_away() -> None:
    fold, by = DeploymentChanges(), Setter("kubectl-set", NOW)
    fold.step(paused("debug", by), NOW)
    [told] = fold.step(paused("", by), NOW)
    assert (told.matter, told.detail, told.by) == ("template", "env LEVEL: debug → none", "")
    [again] = fold.step(paused("info", Setter("kubectl-set", NOW + timedelta(seconds=5))), NOW)
    assert again.by == "kubectl-set"
