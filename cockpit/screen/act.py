"""Act: what the runbook suggests now with its evidence, then all of it: scenarios, procedures, checks, contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from cockpit.incident.state import State
from cockpit.incident.times import time_of_day
from cockpit.room.views.signals import Runbook, Scenario, Step
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import LivePage
from cockpit.screen.spans import Row, Span, Spans, Tone, fit, wrap
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines

_RISK: dict[str, Tone] = {"read-only": "quiet", "changing": "warn", "destructive": "bad", "interactive": "accent"}
WIDE = 100
"""From this width on there is room for when a step was run last."""
KEYS = "enter runs or previews the step"


class ActPage(LivePage):
    """The runbook. One reads on here after a step that only looked; a change that was begun is watched in the cockpit.

    Args:
        war_room: whose runbook it is.
        glyphs: the marks of this terminal.
        open_step: opens the step with an id over this page.
    """

    def __init__(self, war_room: WarRoom, glyphs: Glyphs, open_step: Callable[[str], None]) -> None:
        runbook = war_room.house.runbook
        title = " · ".join(filter(None, (runbook.title, runbook.document))) if runbook else "no runbook is configured"
        super().__init__(war_room, title, KEYS, ages=True)
        self._glyphs = glyphs
        self._open_step = open_step
        self._flown = war_room.flight
        self._best = ""

    def on_screen_resume(self) -> None:
        """Make way for the cockpit when a change was begun from here."""
        flight = self.war_room.flight
        if flight is not self._flown and flight is not None and flight.plan.changes:
            self.dismiss(None)

    def draw(self) -> None:
        """Show the best first, with the cursor on what can be done about it."""
        runbook, width = self.war_room.house.runbook, max(20, self.size.width - 2)
        if runbook is None:
            return
        suggested = {each.scenario.id: each.evidence for each in self.war_room.suggestions()}
        order = {id: place for place, id in enumerate(suggested)}
        scenarios = sorted(runbook.scenarios, key=lambda each: order.get(each.id, len(order)))
        rows = [row for each in scenarios for row in self._scenario(each, suggested.get(each.id, ""), width)]
        rows += list(self._rest(runbook, width))
        lines = self.query_one(Lines)
        lines.show_rows(rows)
        best = scenarios[0].id if suggested else ""
        if best and best != self._best and not self._best:
            lines.choose(first_to_do(scenarios[0].steps).id)
        self._best = self._best or best

    def _scenario(self, scenario: Scenario, evidence: str, width: int) -> Iterator[Row]:
        mark = f"{self._glyphs.run} " if evidence else "  "
        yield Row("", (Span(f" {mark}{scenario.title}", "accent" if evidence else "strong"),))
        said = [f"now: {evidence}"] if evidence else [symptom.text for symptom in scenario.symptoms]
        yield from _texts(said, "warn" if evidence else "quiet", width)
        yield from self._steps(scenario.steps, width)
        yield from _texts([f"escalate: {each.text}" for each in scenario.escalation], "quiet", width)
        yield Row("", ())

    def _rest(self, runbook: Runbook, width: int) -> Iterator[Row]:
        """What belongs to no scenario."""
        for procedure in runbook.procedures:
            yield Row("", (Span(f"   {procedure.title}", "strong"),))
            yield from self._steps(procedure.steps, width)
            yield Row("", ())
        yield from self._part("Health checks", self._steps(runbook.health_checks, width))
        ladder = [f"{number}. {rung.text}" for number, rung in enumerate(runbook.ladder, 1)]
        yield from self._part("Escalation", _texts(ladder, "plain", width))
        people = [f"{each.name}: {each.how}{' (not filled in)' if each.unfilled else ''}" for each in runbook.contacts]
        yield from self._part("Contacts", _texts(people, "plain", width))
        boards = [" ".join(filter(None, (f"{each.title}:", each.tool, each.url))) for each in runbook.dashboards]
        yield from self._part("Dashboards", _texts(boards, "plain", width))
        related = [f"{each.title}: {each.href}" for each in runbook.related]
        yield from self._part("Related", _texts(related, "plain", width))

    def _part(self, title: str, rows: Iterable[Row]) -> Iterator[Row]:
        found = list(rows)
        if found:
            yield from (Row("", (Span(f"   {title}", "strong"),)), *found, Row("", ()))

    def _steps(self, steps: Iterable[Step], width: int) -> Iterator[Row]:
        for step in steps:
            if step.condition:
                yield from _texts([step.condition], "quiet", width)
            yield self._step(step, width)

    def _step(self, step: Step, width: int) -> Row:
        """How it went the last time, what it is for, its title, what it can do, and its line in the document."""
        mark, tone, at = standing(step, self.war_room.room.state, self._glyphs)
        if any(flight.plan.step == step.id for flight in self.war_room.under_way()):
            mark, tone = self._glyphs.pending, "accent"
        line = str(step.source)
        document = self.war_room.house.runbook.document if self.war_room.house.runbook else ""
        ends = f"{at:>8}  {line.removeprefix(document):<5}" if width >= WIDE else f"{line.removeprefix(document):<5}"
        risk = step.risk if step.action else "by hand"
        room = max(12, width - 14 - 13 - len(ends))
        begins: Spans = (Span(f"   {mark} ", tone), Span(f"{step.kind:<9}", "quiet"), Span(f"{fit(step.title, room)} "))
        colour = _RISK[step.risk] if step.action else "quiet"
        return Row(step.id, (*begins, Span(f"{risk:<12}", colour), Span(ends, "quiet")))

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Run the step, or show what a person does."""
        if event.key:
            self._open_step(event.key)


def first_to_do(steps: Sequence[Step]) -> Step:
    """The first mitigation, unless it stands under an "if …" of the document: then what that is judged by, a look that
    can be run before one that a person takes."""
    mitigation = next((step for step in steps if step.kind == "mitigate" and step.action), None)
    if mitigation is not None and not mitigation.condition:
        return mitigation
    looks = [step for step in steps if step.kind != "mitigate" and not step.condition]
    return next((step for step in looks if step.action), None) or next(iter(looks), mitigation or steps[0])


def standing(step: Step, state: State, glyphs: Glyphs) -> tuple[str, Tone, str]:
    """A mark for how a step went the last time in this incident, its tone, and when that was; a blank when never."""
    runs = [run for run in state.runs.values() if run.intent.step == step.id]
    run = max(runs, key=lambda each: each.started.at, default=None)
    done = state.steps_done.get(step.id)
    if done is not None and (run is None or done[1].at > run.started.at):
        return glyphs.done, "good", time_of_day(done[1].at)
    if run is None:
        return " ", "plain", ""
    at = time_of_day(run.started.at)
    if run.undone_by or run.outcome == "cancelled":
        return "-", "quiet", at
    if run.outcome == "succeeded":
        return glyphs.done, "good", at
    return (glyphs.bad, "bad", at) if run.outcome == "failed" else (glyphs.unknown, "warn", at)


def _texts(texts: Iterable[str], tone: Tone, width: int) -> Iterator[Row]:
    for text in texts:
        for line in wrap(text, max(12, width - 6)):
            yield Row("", (Span(f"     {line}", tone),))
