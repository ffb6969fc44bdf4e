"""`cockpit incident mitigations`: what was changed in this incident and is still in place, the latest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from cockpit.cli.context import house, run, say
from cockpit.incident.effect import verdict
from cockpit.incident.state import Run
from cockpit.incident.times import echo
from cockpit.room.requests import Refusal, told
from cockpit.room.requests.in_place import expiry


@click.command(name="mitigations", help="What was changed and is still in place, the latest first.")
def mitigations() -> None:
    """Print it."""
    run(_mitigations)


async def _mitigations() -> None:
    async with house(read_only=True) as opened:
        state = opened.room.state
        if state.declared is None:
            raise Refusal("no incident is declared; `cockpit incident list` shows what there was")
        runs = state.in_place()
        now = opened.room.clock.now()
        lines = [_line(each, now) for each in runs]
        lines += [f"said     {text.text} · {fact.actor} {echo(fact.at)}" for text, fact in state.mitigations]
        say("\n".join(lines) or "nothing is in place", lambda: [_data(each) for each in runs])


def _line(each: Run, now: datetime) -> str:
    """What, what became of the signals, whether it ends or somebody said that it stays, and how it was run."""
    undo = "can be undone" if each.intent.prior else "no undo was captured"
    stays = f" · stays, {each.left.actor} said" if each.left else ""
    ends = expiry(each, now)
    undo = ends if ends.startswith("ended") else f"{ends} · {undo}" if ends else undo
    return f"run      {told(each)} · {verdict(each)} · {undo}{stays}\n         {each.intent.command}"


def _data(each: Run) -> dict[str, Any]:
    intent, names = each.intent, ("run", "title", "step", "risk", "command", "context", "namespace", "object")
    effects = [{"after": effect.after, "verdict": effect.verdict} for effect, _ in each.effects if effect.verdict]
    return {name: getattr(intent, name) for name in names} | {
        "from": intent.before, "to": intent.after, "outcome": each.outcome, "by": each.started.actor,
        "at": each.started.at, "undo": intent.prior is not None, "effects": effects, "stays": each.left is not None,
        "ends": each.ends,
    }  # fmt: skip
