"""Editing a config map: the difference first, bound to what was seen, verified, and put back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.action.kubernetes.configmaps import EditConfigMap
from cockpit.action.kubernetes.undo import undo_of
from cockpit.action.model import Confirmation
from cockpit.kube.around.configmap import ConfigMap, EditError, editable, edited, read_config_map
from tests.action.breaking import Proxy
from tests.action.stand import NAMESPACE, Stand, stand

anyio = pytest.mark.anyio
YES = Confirmation(yes=True)
NAME = "payment-config"
DATA = {"mode": "live", "limit": "10", "app.properties": "a=1\nb=2\n"}


def made(here: Stand, data: dict[str, str] | None = None, **more: Any) -> None:
    """A config map in the cluster."""
    meta = {"name": NAME, "namespace": NAMESPACE, **more.pop("metadata", {})}
    held = {"data": DATA if data is None else data} if data != {} else {}
    here.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, **held, **more})


def data(here: Stand) -> dict[str, str]:
    """What it holds."""
    found = here.cluster.get("configmaps", NAMESPACE, NAME)
    assert found is not None
    return dict(found.get("data", {}))


def change(here: Stand, **values: str) -> None:
    """Somebody else changes it."""
    here.cluster.patch_merge("configmaps", NAMESPACE, NAME, {"data": values})


@anyio
async def test_set_and_remove_and_back(tmp_path: Path) -> None:
    """The preview shows from what to what; the undo restores the values and takes new keys away."""
    async with stand(tmp_path) as here:
        made(here)
        wanted = {"mode": "degraded", "new": "1", "app.properties": "a=1\nb=3\n"}
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, wanted, removed=("limit",)))
        assert (plan.risk, plan.refusals, plan.dry_run) == ("changing", (), "accepted by the server")
        assert plan.change == (
            "mode: live → degraded",
            "limit: 10 → none",
            "app.properties: - b=2",
            "app.properties: + b=3",
            "new: none → 1",
        )
        assert plan.prior is not None
        assert plan.prior["data.limit"] == "10"
        assert data(here) == DATA
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"
        assert data(here) == wanted
        assert (await here.runner.verify(plan)).verdict == "verified"
        undo = undo_of(here.notebook.runs()[plan.run])
        assert undo is not None
        plan = await here.runner.prepare(undo)
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"
        assert data(here) == DATA


@anyio
async def test_one_without_data_gets_its_first_key(tmp_path: Path) -> None:
    """A config map may have no data at all."""
    async with stand(tmp_path) as here:
        made(here, {})
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, {"mode": "live"}))
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"
        assert data(here) == {"mode": "live"}


@anyio
async def test_somebody_else_changed_the_same_key(tmp_path: Path) -> None:
    """A conflict, told in words; another key is no conflict, and stays as they set it."""
    async with stand(tmp_path) as here:
        made(here)
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, {"mode": "degraded"}))
        change(here, limit="99")
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"
        assert (data(here)["mode"], data(here)["limit"]) == ("degraded", "99")
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, {"mode": "off"}))
        change(here, mode="live")
        result = await here.runner.execute(plan, YES)
        assert result.outcome == "failed"
        assert result.error.startswith("mode of config map payment-config was changed since the preview")
        assert data(here)["mode"] == "live"


@anyio
async def test_a_race_at_the_last_moment_is_lost(tmp_path: Path) -> None:
    """The server's guard holds between reading and patching, too."""
    proxy = Proxy()
    async with stand(tmp_path, before=proxy.before) as here:
        made(here)
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, {"mode": "degraded"}))
        proxy.overtake = lambda: change(here, mode="theirs")
        assert (await here.runner.execute(plan, YES)).outcome == "failed"
        assert data(here)["mode"] == "theirs"


@anyio
async def test_a_lost_answer_is_looked_into(tmp_path: Path) -> None:
    """The keys are as wanted, so it was taken."""
    proxy = Proxy("lose-answer")
    async with stand(tmp_path, before=proxy.before) as here:
        made(here)
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, {"mode": "degraded"}))
        assert (await here.runner.execute(plan, YES)).outcome == "succeeded"


@anyio
async def test_from_the_editor(tmp_path: Path) -> None:
    """What it was opened on is what it is compared with; who edited meanwhile is not overwritten."""
    async with stand(tmp_path) as here:
        made(here)
        seen = await read_config_map(here.access, NAMESPACE, NAME)
        text = editable(seen)
        what = edited(text, text.replace("mode: live", "mode: degraded").replace("b=2", "b=3"))
        assert what.difference == ("mode: live → degraded", "app.properties: - b=2", "app.properties: + b=3")
        action = EditConfigMap(NAME, NAMESPACE, what.data, what.removed, seen=seen)
        assert (await here.runner.prepare(action)).refusals == ()
        change(here, mode="theirs")
        assert (await here.runner.prepare(action)).refusals[0].startswith("conflict: mode of config map")


@anyio
async def test_secrets_reach_neither_plan_nor_record(tmp_path: Path) -> None:
    """What is executed is not altered; the undo is not offered, as it would need the old value."""
    async with stand(tmp_path) as here:
        made(here, {"DB_PASSWORD": "correct-horse", "url": "postgres://u:battery@db/x"})
        wanted = {"DB_PASSWORD": "staple-secret", "url": "postgres://u:charging@db/x"}
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, wanted))
        await here.runner.execute(plan, YES)
        told = repr(plan) + repr(here.notebook.entries)
        for word in ("correct-horse", "battery", "staple-secret", "charging"):
            assert word not in told
        assert data(here) == wanted
        assert plan.undo.startswith("not offered")
        assert undo_of(here.notebook.runs()[plan.run]) is None


@anyio
@pytest.mark.parametrize(
    ("how", "values", "why"),
    [
        ({"immutable": True}, {"mode": "x"}, "is immutable"),
        ({"binaryData": {"blob": "AAEC"}}, {"blob": "text"}, "blob of config map payment-config is binary"),
        ({}, {"mode": "live"}, "has these values already"),
        ({}, {"not a key": "x"}, "the dry run was refused.*422"),
    ],
)
async def test_what_cannot_be_edited_says_why(
    tmp_path: Path, how: dict[str, Any], values: dict[str, str], why: str
) -> None:
    """In the preview."""
    async with stand(tmp_path) as here:
        made(here, **how)
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, values))
        assert re.search(why, plan.refusals[0])


@anyio
async def test_not_there_and_not_allowed(tmp_path: Path) -> None:
    """404 and the access review."""
    async with stand(tmp_path) as here:
        assert (
            '"nothing" not found'
            in (await here.runner.prepare(EditConfigMap("nothing", NAMESPACE, {"a": "b"}))).refusals[0]
        )
    async with stand(tmp_path, token="looks") as here:
        made(here, metadata={"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}})
        plan = await here.runner.prepare(EditConfigMap(NAME, NAMESPACE, {"mode": "off"}))
        assert plan.refusals[0].startswith("you may not patch configmap/payment-config in production")
        assert any("Flux manages" in line for line in plan.warnings)


KEYS = st.text("abcXYZ019._-", min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=60)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_what_an_editor_saves_unchanged_changes_nothing(values: dict[str, str]) -> None:
    """Whatever the values look like: numbers, yes, quotes, blocks, trailing spaces."""
    text = editable(ConfigMap("x", "u", "1", values))
    assert edited(text, text) == edited("", "")
    assert edited("", text).data == values


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "line 1: not YAML"),
        ("ok: 1\nb: {c: d}", "b: the value is a dict"),
        ("- a\n- b", "no mapping"),
    ],
)
def test_what_is_no_config_map_is_refused_with_its_place(text: str, why: str) -> None:
    """The person is in an editor: say where."""
    with pytest.raises(EditError, match=why):
        edited("a: b", text)
