"""Setting the severity: the policy's levels with their words; a change says why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.incident.policies import Level
from cockpit.room.requests import SetSeverity
from cockpit.room.room import Room
from cockpit.room.views.signals import Proposal
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import Row, Span, wrap
from cockpit.screen.widgets.field import Field
from cockpit.screen.widgets.lines import Lines


class SeverityDialog(Dialog[bool]):
    """The levels of the policy; `enter` sets the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "set", "set", priority=True, id="severity.enter")]

    def __init__(self, room: Room, proposed: Proposal | None = None) -> None:
        super().__init__("Severity", "j k choose · enter sets it · tab to the reason · escape leaves")
        self._room = room
        self._proposed = proposed

    def parts(self) -> Iterable[Widget]:
        """The levels and the reason."""
        yield Lines(id="levels")
        changed = self._room.state.severity is not None
        yield Static("why (needed: it is set already)" if changed else "why (may stay empty)", classes="label")
        yield Field(id="why", compact=True)

    def on_mount(self) -> None:
        """Show the levels."""
        policy = self._room.policy
        lines = self.query_one(Lines)
        if policy is None:
            self.refuse("no policy is configured: `/severity P1` sets any word")
            return
        lines.show_rows([row for level in policy.levels.values() for row in self._level(level)])
        proposed = self._proposed.level if self._proposed else ""
        lines.choose(self._room.state.severity or proposed)
        lines.focus()

    def _level(self, level: Level) -> list[Row]:
        now = self._room.state.severity == level.severity
        words = f"{level.title}{' · now' if now else ''}"
        head = Row(level.severity, (Span(f" {level.severity:<6}", "strong"), Span(words, "accent" if now else "plain")))
        targets = [
            f"respond {level.respond}" if level.respond else "",
            f"resolve {level.resolve}" if level.resolve else "",
        ]
        targets += [f"update {audience} {cadence}" for audience, cadence in level.update.items()]
        said = [*(*level.impact, *level.examples)[:2], " · ".join(target for target in targets if target)]
        rows = [head, *(Row("", (Span(f"        {part}", "quiet"),)) for part in _wrapped(said))]
        if self._proposed and self._proposed.level == level.severity:
            how = "its criteria hold" if self._proposed.by == "criteria" else "proposed"
            evidence = _wrapped([f"{how}: {self._proposed.evidence}"])
            rows[1:1] = [Row("", (Span(f"        {part}", "warn"),)) for part in evidence]
        return rows

    def action_set(self) -> None:
        """Set it; what is refused is said here."""
        level, why = self.query_one(Lines).selected, self.query_one("#why", Input).value
        if self._proposed and level == self._proposed.level and not why.strip():
            why = self._proposed.why  # what was shown beside it is why it was taken
        request = SetSeverity(level, why)
        self.perform(self._room, request, lambda: self.dismiss(True), refused="#why")


def _wrapped(texts: Iterable[str]) -> list[str]:
    return [part for text in texts if text for part in wrap(text, 62)]
