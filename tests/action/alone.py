"""A runner without a cluster, for the actions that need none: what it records, and what it showed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cockpit.action.live import Progress
from cockpit.action.model import Confirmation, Plan, Situation
from cockpit.action.runner import Runner
from cockpit.incident.kinds import RunResult, Target
from cockpit.runbook.parameters import Values
from cockpit.values import replace
from tests.action.stand import Board, Notebook, SkippingClock

TARGET = Target(cluster="prod", context="prod-eu", namespace="production", server="https://far", deployment="shop")


def given(secret: tuple[str, ...] = (), **known: str) -> Values:
    """Values by name; those named in `secret` are."""
    return Values(known, frozenset(secret))


@dataclass
class Alone:
    """A runner, its record, its signals, and the progress that it told."""

    board: Board = field(default_factory=Board)
    notebook: Notebook = field(default_factory=Notebook)
    clock: SkippingClock = field(default_factory=SkippingClock)
    situation: Situation = field(default_factory=lambda: Situation(TARGET))
    told: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runner = Runner(None, self.notebook, self.board, self.clock, lambda: self.situation)

    async def plan(self, action: Any) -> Plan:
        """Prepare."""
        return await self.runner.prepare(action)

    async def run(self, action: Any) -> RunResult:
        """Prepare, say yes to everything, and execute."""
        plan = await self.plan(action)
        assert plan.refusals == ()
        name = plan.confirm.name
        return await self.runner.execute(plan, Confirmation(yes=True, name=name, again=True), self.told.append)

    def drill(self) -> None:
        """From now on it is a drill."""
        self.situation = replace(self.situation, drill=True)

    def everything(self) -> str:
        """All that was recorded and shown, as one text."""
        entries = [str(entry.fields()) for entry in self.notebook.entries]
        return "\n".join([*entries, *(f"{each.text} {each.lines}" for each in self.told)])
