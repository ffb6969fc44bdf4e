"""Sources: each one's state, age, last error and mend; the alerts that fire; and what the cluster lets this user do."""

from __future__ import annotations

from textual import work

from cockpit.incident.times import age
from cockpit.room.views import Alert, SourceView
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Tone, fit, width_of, wrap
from cockpit.screen.widgets.lines import Lines

_ALERT = "alert "
"""How the key of an alert's row begins."""
_TONES: dict[str, Tone] = {"live": "good", "loading": "quiet", "off": "quiet"}


class SourcesPage(Page):
    """`v`"""

    def __init__(self, war_room: WarRoom) -> None:
        silences = "enter on an alert begins a silence · " if war_room.alerts() else ""
        super().__init__("Sources", f"{silences}`cockpit doctor` prints the same")
        self._war = war_room
        self._refused: list[str] = []
        """What of the shared record was refused, here or there."""
        self._rights: list[Row] = [Row("", (Span("  asking the cluster …", "quiet"),))]

    def on_mount(self) -> None:
        """Draw, and ask the cluster once."""
        super().on_mount()
        self.set_interval(1.0, self._draw)
        self.call_after_refresh(self._draw)
        self._ask()

    def _draw(self) -> None:
        width = max(20, self.size.width - 4)
        rows = [Row("", (Span(" Sources", "accent"),))]
        rows += [row for source in self._war.sources() for row in self._source(source, width)]
        journal = self._war.room.store.path
        state = self._war.room.trouble or ("read-only" if self._war.read_only else "writing")
        tone: Tone = "bad" if self._war.room.trouble else "good"
        rows.append(
            Row("journal", (Span(f"  {'record':<12}", "strong"), Span(f"{state} ", tone), Span(str(journal), "quiet")))
        )
        rows += self._shared(width)
        rows += self._alerts(width)
        rows += [Row("", ()), Row("", (Span(" What this user may do", "accent"),)), *self._rights]
        self.show(rows)

    def _shared(self, width: int) -> list[Row]:
        """The record that is shared with others, if one is."""
        if (shared := self._war.shared()) is None:
            return []
        since = age((self._war.clock.now() - shared.since).total_seconds())
        tone: Tone = "good" if shared.state == "together" else "warn"
        waits = f"{shared.waiting} waiting to be sent" if shared.waiting else "nothing waits"
        row = (Span(f"  {'shared':<12}", "strong"), Span(f"{shared.state} for {since}  ", tone), Span(waits, "quiet"))
        lines = [line for text in (*shared.said, *self._refused) for line in wrap(text, width - 14)]
        return [Row("shared", row), *(Row("", (Span(f"              {line}", "quiet"),)) for line in lines)]

    def _alerts(self, width: int) -> list[Row]:
        """What fires, the loudest first; where that is not known, that it is not."""
        if (found := self._war.alerts()) is None:
            return []
        rows = [Row("", ()), Row("", (Span(f" Alerts of {found.name}", "accent"),))]
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
        """An alert: begin the line that silences it."""
        found = self._war.alerts()
        rows = found.rows if found and event.key.startswith(_ALERT) and not self._war.read_only else ()
        alert = next((each for each in rows if f"{_ALERT}{each.id}" == event.key), None)
        if alert is not None:
            from cockpit.room.silencing import asked_for

            self.dismiss(asked_for(alert))

    def _source(self, source: SourceView, width: int) -> list[Row]:
        now = self._war.clock.now()
        known = f"as of {age((now - source.as_of).total_seconds())} ago" if source.as_of else "nothing known yet"
        since = f"for {age((now - source.since).total_seconds())}"
        tone = _TONES.get(source.state, "warn")
        head = (Span(f"  {source.name:<11} ", "strong"), Span(f"{source.state} {since}  ", tone), Span(known, "quiet"))
        said = [text for text in (source.detail, source.mend) if text]
        lines = [line for text in said for line in wrap(text, width - 14)]
        return [Row(source.name, head), *(Row("", (Span(f"              {line}", "quiet"),)) for line in lines)]

    @work(group="rights", exclusive=True, exit_on_error=False)
    async def _ask(self) -> None:
        self._refused = list(await self._war.refused())
        self._rights = [
            Row(right.what, (Span(f"  {'may' if right.allowed else 'may not':<8}", "good" if right.allowed else "bad"),
                             Span(right.what), Span(f"  {right.reason}", "quiet")))
            for right in await self._war.rights()
        ] or [Row("", (Span("  unknown: the cluster did not answer", "warn"),))]  # fmt: skip
        self._draw()
