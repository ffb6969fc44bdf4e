"""One session of the database: who it is, since when, what it waits for and holds up, and its whole query."""

from __future__ import annotations

from cockpit.incident.times import age
from cockpit.room.views.database import Session, Sessions
from cockpit.room.war_room import WarRoom
from cockpit.screen.database.page import SessionsPage
from cockpit.screen.database.rows import dimmed
from cockpit.screen.spans import Row, Span, Tone, wrap
from cockpit.screen.terminal.glyphs import Glyphs


class SessionPage(SessionsPage):
    """`enter` on a session."""

    def __init__(self, war_room: WarRoom, session: Session, glyphs: Glyphs) -> None:
        super().__init__(war_room, f"Session {session.pid}", "T end it · Q cancel its query", glyphs)
        self._session = session

    def chosen(self) -> Session:
        """This one."""
        return self._session

    def draw(self) -> None:
        """Show it as it is now; one that has ended says so, with what it was."""
        view = self.war_room.database()
        sessions = view.sessions if view else None
        now = sessions.rows.get(self._session.pid) if sessions else None
        here = now is not None and now.started == self._session.started
        if here and now is not None:
            self._session = now
        width = max(20, self.size.width - 4)
        since = self._since()
        rows = [*_facts(self._session, since), *(_others(self._session, sessions, width) if sessions and here else [])]
        rows += [Row("", ()), Row("", (Span(" Query", "accent"),))]
        text = self._session.query or "unknown: this user may not see it, or there was none yet"
        rows += [Row(f"query {n}", (Span(f"  {line}", "plain"),)) for n, line in enumerate(wrap(text, width))]
        trusted = view is not None and view.source.trusted
        self.show(rows if here and trusted else dimmed(rows))
        gone = "" if here else "it is in no transaction any more, or has ended; this is what was seen last"
        self.show_frame(gone if trusted else "not known any more: this is what was seen last", bad=not trusted)

    def _since(self) -> float:
        """Seconds since it was read, as long as that is true now."""
        view = self.war_room.database()
        as_of = view.source.as_of if view and view.source.trusted else None
        return (self.war_room.clock.now() - as_of).total_seconds() if as_of else 0.0


def _facts(session: Session, since: float) -> list[Row]:
    def lasting(seconds: float | None) -> str:
        return "unknown" if seconds is None else age(seconds + since)

    inside = "in none" if session.transaction is None and session.state != "hidden" else lasting(session.transaction)
    facts: list[tuple[str, str, Tone]] = [
        ("who", session.who, "plain"),
        ("database", session.database or "none", "plain"),
        ("from", session.client or "the same machine, or hidden", "plain"),
        ("kind", session.kind or "hidden", "plain"),
        ("state", f"{session.state or 'none'} for {lasting(session.standing)}", _tone(session)),
        ("transaction", inside, "plain"),
        ("statement", lasting(session.statement), "plain"),
        ("connected", lasting(session.connected), "plain"),
    ]
    return [Row(name, (Span(f"  {name:<12}", "quiet"), Span(text, tone))) for name, text, tone in facts]


def _tone(session: Session) -> Tone:
    return "warn" if session.state.startswith("idle in") else "plain"


def _others(session: Session, sessions: Sessions, width: int) -> list[Row]:
    """What it waits for, and who waits for it."""
    rows: list[Row] = []
    if wait := sessions.wait_of(session.pid):
        for_ = ", ".join(map(sessions.called, wait.blockers)) or "nobody now"
        rows.append(_line("waits", f"for {for_}: {wait.mode} on {wait.wanted}", "bad"))
    if blocked := sessions.blocked_by(session.pid):
        said = f"{len(blocked)}: {', '.join(map(str, blocked))}"
        lines = wrap(said, width - 12)
        rows += [_line("blocks" if n == 0 else "", line, "bad") for n, line in enumerate(lines)]
    return rows


def _line(name: str, text: str, tone: Tone) -> Row:
    return Row(f"{name} {text}", (Span(f"  {name:<12}", "quiet"), Span(text, tone)))
