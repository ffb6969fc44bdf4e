"""Sources: each one's state, age, last error and mend; the alerts that fire; and what the doctor finds."""

from __future__ import annotations

import os
from typing import ClassVar

from rich.cells import cell_len
from textual import work
from textual.binding import Binding, BindingType

from cockpit.incident.times import age
from cockpit.room.doctor import Finding
from cockpit.room.views.signals import Alert
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.sources.rows import NAME, doctor_rows, heading, repeated_once, source_rows
from cockpit.screen.spans import Row, Span, Tone, fit, width_of, wrap
from cockpit.screen.terminal.abilities import abilities
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines

_ALERT = "alert "
"""How the key of an alert's row begins."""


DATABASE = "postgresql"
"""The name of the source that has a page of its own."""


class SourcesPage(Page):
    """`v`

    Args:
        war_room: whose sources they are.
        glyphs: the marks of this terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("R", "look_again", "look again", id="sources.look-again")]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__("Sources")
        self._war = war_room
        self._glyphs = glyphs
        self._refused: list[str] = []
        """What of the shared record was refused, here or there."""
        self._found: list[Finding] = []
        self._looking: float | None = None
        """When the doctor began to look, on the monotonic clock; None when he is done."""

    def on_mount(self) -> None:
        """Draw, and let the doctor look once."""
        super().on_mount()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)
        self._examine()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        width, now, sources = max(20, self.size.width - 2), self._war.clock.now(), self._war.sources()
        lost = [each.name for each in sources if each.state not in ("live", "loading", "off")]
        fires = bool((found := self._war.alerts()) and found.rows)
        self.page_keys = f"{'enter silences an alert · ' if fires else ''}R looks again · `cockpit doctor` prints it"
        self.show_frame(f"not to be trusted: {', '.join(lost)}" if lost else "", bad=bool(lost))
        rows = [row for each in repeated_once(sources) for row in source_rows(each, now, width, self._glyphs)]
        trouble = self._war.room.trouble
        state = trouble or ("read-only" if self._war.read_only else "writing")
        tone: Tone = "bad" if trouble else "good"
        head = Span(f" {self._glyphs.unknown if trouble else self._glyphs.good} ", tone)
        path = Span(_end_of(str(self._war.room.store.path), width - NAME - 25), "quiet")
        rows.append(Row("journal", (head, Span(f"{'record':<{NAME}} ", "strong"), Span(f"{state:<22} ", tone), path)))
        rows += self._shared(width)
        rows += self._alerts(width)
        waited = self._war.clock.monotonic() - self._looking if self._looking is not None else 0.0
        looking = f"looking, {age(waited)} …" if self._looking is not None else ""
        self.show([*rows, *doctor_rows(self._found, looking, width)])

    def _shared(self, width: int) -> list[Row]:
        """The record that is shared with others, if one is."""
        if (shared := self._war.shared()) is None:
            return []
        since = age((self._war.clock.now() - shared.since).total_seconds())
        together = shared.state == "together"
        tone: Tone = "good" if together else "warn"
        waits = f"{shared.waiting} waiting to be sent" if shared.waiting else "nothing waits"
        mark = Span(f" {self._glyphs.good if together else self._glyphs.unknown} ", tone)
        state = Span(f"{f'{shared.state} for {since}':<22} ", tone)
        row = (mark, Span(f"{'shared':<{NAME}} ", "strong"), state, Span(waits, "quiet"))
        lines = [line for text in (*shared.said, *self._refused) for line in wrap(text, width - NAME - 4)]
        return [Row("shared", row), *(Row("", (Span(f"{' ' * (NAME + 4)}{line}", "quiet"),)) for line in lines)]

    def _alerts(self, width: int) -> list[Row]:
        """What fires, the loudest first; where that is not known, that it is not."""
        if (found := self._war.alerts()) is None:
            return []
        rows = heading(f"Alerts of {found.name}")
        if found.source.as_of is None:
            return [*rows, Row("", (Span("  unknown: nothing was read yet", "warn"),))]
        if not found.source.trusted:
            old = age((self._war.clock.now() - found.source.as_of).total_seconds())
            rows.append(Row("", (Span(f"  what fires now is unknown; {old} ago it was", "warn"),)))
        if not found.rows:
            rows.append(Row("", (Span("  nothing fires", "good" if found.source.trusted else "quiet"),)))
        return [*rows, *(self._alert(each, found.source.trusted, width) for each in found.rows)]

    def _alert(self, alert: Alert, trusted: bool, width: int) -> Row:
        loud = alert.state == "active" and trusted
        tone: Tone = "quiet" if not loud else "warn" if alert.severity in ("warning", "info") else "bad"
        since = age((self._war.clock.now() - alert.since).total_seconds())
        labels = " ".join(f"{name}={value}" for name, value in alert.labels.items() if name != "alertname")
        head = (Span(f"  {alert.state:<10}", tone), Span(f"{since:>5}  "), Span(alert.name, "strong"))
        said = fit(f"  {alert.summary or labels}", max(0, width - width_of(head)))
        return Row(f"{_ALERT}{alert.id}", (*head, Span(said, "quiet")))

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """An alert: begin the line that silences it. The database: its page."""
        if event.key == DATABASE:
            from cockpit.screen.database.page import DatabasePage

            self.app.push_screen(DatabasePage(self._war, self._glyphs))
            return
        found = self._war.alerts()
        rows = found.rows if found and event.key.startswith(_ALERT) and not self._war.read_only else ()
        alert = next((each for each in rows if f"{_ALERT}{each.id}" == event.key), None)
        if alert is not None:
            from cockpit.room.live.silencing import asked_for

            self.dismiss(asked_for(alert))

    def action_look_again(self) -> None:
        """Let the doctor look again."""
        self._examine()

    @work(group="doctor", exclusive=True, exit_on_error=False)
    async def _examine(self) -> None:
        """What the doctor finds, as he finds it; what stood here stays until he is at the end."""
        self._looking = self._war.clock.monotonic()
        self._refused = list(await self._war.refused())
        here = [] if self.app.is_headless else abilities(os.environ, os.terminal_size(self.app.size))
        found: list[Finding] = list(here)
        try:
            async for finding in self._war.examine():
                found.append(finding)
                if len(found) >= len(self._found):
                    self._found = list(found)
            self._found = found
        finally:
            self._looking = None
        self._draw()


def _end_of(path: str, cells: int) -> str:
    """A path by its end, where there is no room for all of it: the file's name says more than the root's."""
    return path if cell_len(path) <= cells else "…" + path[-max(1, cells - 1) :]
