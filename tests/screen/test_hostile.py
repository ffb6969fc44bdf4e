"""Hostile text wherever it can come from: nothing crashes, nothing is parsed, and no control character is drawn."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from screen.flying import Flown, flown, paste
from screen.staged import LOG, NOW, Script, Stage, crashing, signal, source, stage, staged

from cockpit.incident.entry import Draft
from cockpit.incident.kinds import RunResult, RunVerified
from cockpit.kube.rollouts.deployed import ConditionRow, DeploymentDetail
from cockpit.kube.rows import DeploymentRow, ReplicaSetRow
from cockpit.room.doctor import Finding
from cockpit.room.requests import Start, TakeRole, Write
from cockpit.room.views.rollout import Around, Reference, RevisionView, RolloutView
from cockpit.room.views.signals import PodsView
from cockpit.screen.run.page import RunScreen
from cockpit.screen.terminal.glyphs import UNICODE
from cockpit.screen.widgets.prompt import Prompt
from cockpit.text import clean
from cockpit.values import replace

pytestmark = pytest.mark.anyio

MARKUP = "[/foo] [type=x, v={'a[0]'}] [bold]b[/bold] [/] [@click=app.quit]q[/] [link='x\\"
CONTROLS = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]52;c;ZXZpbA==\x1b\\ \x9b2J \x07\x08\r \u202egnp.exe\u202c \u2066x\u2069"
)
WIDE = "支払い 👩‍👩‍👧 e\u0301 ﷽ " + "界" * 40
LONG = "very-long-" * 300
ALL = f"{MARKUP} {CONTROLS} {WIDE}"

TEXTS = {"ugly": ALL, "long": LONG + "界" * 1_500}
"""The long one is longer than a screen."""


def clean_screen(cockpit: Flown) -> None:
    """No screen of the stack has a control or bidirectional character in any cell, and none is wider than it may be."""
    for screen in cockpit.app.screen_stack:
        for strip in screen._compositor.render_strips():
            assert strip.cell_length <= cockpit.app.size.width, strip.text
            for character in strip.text:
                assert unicodedata.category(character) not in ("Cc", "Cs"), ascii(strip.text)
                assert unicodedata.bidirectional(character) not in BIDI, ascii(strip.text)


BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")

SCREENS = (
    ("D",), ("e",), ("r",), ("u",), ("u", "x", "enter"), ("s",), ("question_mark",), ("m",), ("v",), ("i",), ("a",),
    ("c",), ("1", "d"), ("1", "l"), ("2", "enter"), ("4", "enter"), ("4", "k", "enter"), ("slash",), ("n",), ("f",),
    ("p",), ("p", "enter"), ("m", "tab", "enter"), ("ctrl+p",),
    ("1", "z"), ("4", "z"), ("3", "right_square_bracket"), ("U",),
)  # fmt: skip


async def look_at_everything(cockpit: Flown) -> None:
    """Open every screen and look at each."""
    for keys in SCREENS:
        await cockpit.press(*keys)
        await cockpit.pilot.pause()
        clean_screen(cockpit)
        await back(cockpit)


async def back(cockpit: Flown) -> None:
    """Escape to the cockpit with its prompt closed."""
    for _ in range(4):
        await cockpit.press("escape")
        if cockpit.screen == "CockpitScreen" and not cockpit.app.screen.query_one(Prompt).is_open:
            return
    raise AssertionError(f"escape does not leave {cockpit.screen}:\n{cockpit.text}")


def hostile(text: str) -> Stage:
    """A stage on which everything that a source may say is `text`. Rows come clean from their sources."""
    said = clean(text)
    lost = source("pods", "k8s", "unreachable", detail=said, mend=said)
    pods = tuple(
        crashing(f"{said}{n}", 3, status=said, node=said, image=said, crash_reason=said, ip=said) for n in range(3)
    )
    signals = tuple(
        signal(f"{said}{n}", said, "percent", value, state, said, reason=said)
        for n, (value, state) in enumerate(((3.0, "breach"), (None, "unknown"), (1.0, "none")))
    )
    row = DeploymentRow(
        said, said, said, revision=1, change_cause=said, image=said, changed_by=said, gitops=said, wanted=3,
        detail=DeploymentDetail(conditions=(ConditionRow(said, "False", said, said),)),
    )  # fmt: skip
    sets = (ReplicaSetRow(said, said, revision=1, image=said, wanted=3, change_cause=said),)
    made = {"spec": {"containers": [{"name": text, "image": text, "env": [{"name": text, "value": text}]}]}}
    around = Around((Reference("config map", said, "unknown", detail=said), Reference("secret", said, "known")), said)
    return stage(
        rollout_view=RolloutView(lost, PodsView(lost, pods, row, sets), said, said, around),
        revision_views=(
            RevisionView(1, said, None, said, said, said, True, said, said, {}),
            RevisionView(2, said, None, said, f"{said}2", said, False, said, said, made, {said: said}),
        ),
        pods_view=PodsView(lost, pods),
        signal_views=signals,
        signals_from=replace(lost, name="prometheus", short="prom"),
        found=(Finding(said, "bad", said, said), Finding(said, "ok", said)),
        log=(said, said),
    )


@asynccontextmanager
async def acted(folder: Path, live: Stage, script: Script, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Flown]:
    """A cockpit on a stage."""
    async with staged(folder, live, script=script) as war, flown(war, folder, size) as cockpit:
        yield cockpit


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_whatever_a_source_says_is_drawn_as_text(tmp_path: Path, text: str) -> None:
    said = clean(text)
    result = RunResult(run="r", outcome="failed", exit=1, output=said, error=said)
    plan = replace(
        LOG, title=said, command=said, request=said, object=said, before=said, after=said, change=(said, said),
        warnings=(said,), dry_run=said, last=said, undo=said, context=said, namespace=said, server=said,
    )  # fmt: skip
    verified = RunVerified(run="r", verdict="failed", checks=(said,))
    script = Script(plan, (said,) * 3, result, verified, "failed", said)
    async with acted(tmp_path, hostile(text), script) as cockpit:
        await cockpit.war.room.perform(Start("payment-failure", "P1"))
        await look_at_everything(cockpit)
        cockpit.war.script.plan = replace(plan, risk="changing", confirm=replace(plan.confirm, kind="name", name=said))
        cockpit.app.push_screen(RunScreen(cockpit.war, cockpit.war.jobs.history(), UNICODE))
        await cockpit.settles()
        clean_screen(cockpit)
        await cockpit.press("escape")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_whatever_a_responder_writes_is_drawn_as_text(tmp_path: Path, text: str) -> None:
    async with acted(tmp_path, stage(), Script(LOG)) as cockpit:
        room = cockpit.war.room
        await room.perform(Start(text, "P1", title=text))
        await room.perform(Write(text))
        await room.perform(Write(text, NOW - timedelta(hours=3), decision=True))
        await room.perform(TakeRole("ic", "@ada"))
        await look_at_everything(cockpit)
        await cockpit.press("x")
        await cockpit.sees("written:")


def foreign(text: str) -> dict[str, dict[str, Any]]:
    """Payloads of other programs and later versions, which no room of ours has cleaned."""
    run = {"run": text, "title": text, "risk": "changing", "command": text, "object": text}
    crossed = {"id": text, "title": text, "from": "ok", "to": "breach", "bound": text, "unit": text, "value": 3.0}
    message = {"message": "m-1", "template": text, "audience": text, "channels": [text], "title": text, "text": text}
    reading = {"id": text, "title": text, "state": "ok", "value": 1.0}
    return {
        "note": {"text": text},
        "decision": {"text": text},
        "hologram": {"colour": text, text: [text, {"a": text}]},
        "status": {"status": "mitigating", "text": text},
        "severity": {"severity": text, "why": text},
        "role": {"role": "ic", "handle": text},
        "reopened": {"why": text},
        "source": {"source": text, "state": "lost", "detail": text},
        "threshold": crossed,
        "pods": {"state": "crashing", "count": 1, "total": 2, "reason": text, "release": text, "pods": [text]},
        "rollout": {"state": "began", "deployment": text, "release": text, "cause": text, "detail": text},
        "checklist": {"item": text, "state": "not-applicable", "text": text, "why": text},
        "run-intent": run | {"before": text, "after": text},
        "run-result": {"run": text, "outcome": "failed", "error": text, "output": text},
        "run-verified": {"run": text, "verdict": "failed", "checks": [text]},
        "message": message,
        "delivery": {"message": "m-1", "channel": text, "state": "failed", "reason": text, "reference": text},
        "snapshot": {"moment": text, "readings": [reading]},
    }


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_whatever_another_journal_wrote_is_drawn_as_text(tmp_path: Path, text: str) -> None:
    """Entries of other programs and later versions: payloads that no room of ours has cleaned."""
    async with acted(tmp_path, stage(), Script(LOG)) as cockpit:
        room = cockpit.war.room
        await room.perform(Start("payment-failure", "P1"))
        payloads = foreign(text)
        drafts = [Draft(room.incident, kind, payload, NOW, text) for kind, payload in payloads.items()]
        await room.store.append(drafts)
        await room.refresh()
        await cockpit.settles()
        clean_screen(cockpit)
        await look_at_everything(cockpit)
        await cockpit.press("4")
        for entry in cockpit.entries:
            cockpit.app.screen.open_entry(entry.id)  # type: ignore[attr-defined]
            await cockpit.goes_to("EntryPage")  # else the escape comes before it
            await cockpit.settles()
            clean_screen(cockpit)
            await back(cockpit)
        await cockpit.pilot.resize_terminal(200, 60)
        await cockpit.settles()
        clean_screen(cockpit)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_whatever_is_typed_and_refused_is_drawn_as_text(tmp_path: Path, text: str) -> None:
    async with acted(tmp_path, stage(), Script(LOG)) as cockpit:
        for keys in (("slash",), ("n",), ("f",), ("D",), ("D", "tab")):
            await cockpit.press(*keys)
            await paste(cockpit, text)
            clean_screen(cockpit)
            await cockpit.press("enter")
            await cockpit.settles()
            clean_screen(cockpit)
            await back(cockpit)
        if cockpit.war.room.state.declared is None:
            await cockpit.war.room.perform(Start("payment-failure", "P1"))
        for keys in (("e", "tab"), ("r", "tab"), ("u",), ("u", "tab"), ("p", "tab"), ("p", "enter", "tab")):
            await cockpit.press(*keys)
            await paste(cockpit, text)
            clean_screen(cockpit)
            await cockpit.press("enter")
            await cockpit.settles()
            clean_screen(cockpit)
            await back(cockpit)


async def test_a_toast_and_a_title_are_never_markup(tmp_path: Path) -> None:
    async with acted(tmp_path, stage(), Script(LOG)) as cockpit:
        cockpit.war.house.room.label = MARKUP
        cockpit.app.screen.notify(ALL)
        await cockpit.sees("[/foo]", "[bold]")
        clean_screen(cockpit)
        await cockpit.press("s")
        await cockpit.settles()
        clean_screen(cockpit)
