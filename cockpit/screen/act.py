"""Act: what the runbook suggests now with its evidence, then every scenario with its steps; `enter` runs a step."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from cockpit.room.views import Scenario, Step
from cockpit.room.war_room import WarRoom
from cockpit.screen.glyphs import Glyphs
from cockpit.screen.spans import Row, Span, Tone, wrap
from cockpit.screen.widgets.bars import Bar
from cockpit.screen.widgets.lines import Lines

_RISK: dict[str, Tone] = {"read-only": "good", "changing": "warn", "destructive": "bad", "interactive": "warn"}


class ActPage(Screen[str]):
    """The runbook's scenarios. Gives back the id of the step to run."""

    CSS_PATH = "page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "back", "back", id="act.back")]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__()
        self._war = war_room
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """Title, scenarios, keys."""
        yield Bar(id="title")
        yield Lines(id="page")
        yield Bar(id="keys")

    def on_mount(self) -> None:
        """Show the best first, with the cursor on its first mitigation."""
        runbook = self._war.house.runbook
        title = runbook.title if runbook else "no runbook is configured"
        self.query_one("#title", Bar).show_lines(((Span(f" {title} ", "strong"),),))
        keys = (Span(" enter ", "accent"), Span("runs or previews the step  "), Span("esc ", "accent"), Span("back"))
        self.query_one("#keys", Bar).show_lines((keys,))
        self.query_one(Lines).focus()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        runbook, width = self._war.house.runbook, max(20, self.size.width - 2)
        if runbook is None:
            return
        suggested = {each.scenario.id: each.evidence for each in self._war.suggestions()}
        scenarios = sorted(runbook.scenarios, key=lambda s: list(suggested).index(s.id) if s.id in suggested else 99)
        rows = [row for each in scenarios for row in self._scenario(each, suggested.get(each.id, ""), width)]
        lines = self.query_one(Lines)
        first = not lines.rows
        lines.show_rows(rows)
        if first and suggested:
            self._to_mitigation(lines, scenarios[0])

    def _to_mitigation(self, lines: Lines, scenario: Scenario) -> None:
        """Put the cursor on the first step of the best scenario that mitigates."""
        step = next((s for s in scenario.steps if s.kind == "mitigate" and s.action), None)
        keys = [row.key for row in lines.rows if row.key]
        if step is not None and step.id in keys:
            for _ in range(keys.index(step.id)):
                lines.action_move(1)

    def _scenario(self, scenario: Scenario, evidence: str, width: int) -> list[Row]:
        mark = f"{self._glyphs.run} " if evidence else "  "
        rows = [Row("", (Span(f" {mark}{scenario.title}", "accent" if evidence else "strong"),))]
        said = [f"now: {evidence}"] if evidence else [symptom.text for symptom in scenario.symptoms]
        rows += [
            Row("", (Span(f"     {line}", "warn" if evidence else "quiet"),))
            for s in said
            for line in wrap(s, width - 6)
        ]
        rows += [row for step in scenario.steps for row in self._step(step, width)]
        return [*rows, Row("", ())]

    def _step(self, step: Step, width: int) -> list[Row]:
        """A step that can be run has its risk; one for a person, its words and the command to copy."""
        kind = Span(f"     {step.kind:<9}", "quiet")
        if step.action is not None:
            risk = Span(f"  {step.risk}", _RISK.get(step.risk, "warn"))
            return [Row(step.id, (kind, Span(step.title), risk, Span(f"  {step.source}", "quiet")))]
        text = step.manual if not step.command else f"{step.manual} · {step.command}"
        lines = wrap(f"{step.title}: {text} (by hand)", max(20, width - 16))
        return [Row("", (kind if n == 0 else Span(" " * 14), Span(line, "quiet"))) for n, line in enumerate(lines)]

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Run the step."""
        self.dismiss(event.key)

    def action_back(self) -> None:
        """Back without running anything."""
        self.dismiss(None)
