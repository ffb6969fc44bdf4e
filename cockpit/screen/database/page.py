"""The service's database, live: connections of the maximum, who blocks whom, the longest transactions, its signals."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.incident.times import age
from cockpit.room.requests import Refusal
from cockpit.room.views.database import DatabaseView, Session
from cockpit.room.war_room import WarRoom
from cockpit.screen.database.rows import database_rows, dimmed, gid_of, left_words, pid_of
from cockpit.screen.page import Page
from cockpit.screen.spans import Row, Span, Tone, wrap
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines

NONE = "no database is configured: name one under `postgresql` in cockpit.yaml, and give its name to the service"
KEYS = "enter the session · T end it · Q cancel its query"
_TONES: dict[str, Tone] = {"loading": "quiet", "live": "good"}


class SessionsPage(Page):
    """A page on which a session can be chosen, and ended: `T` ends the session, `Q` only its query.

    Args:
        war_room: whose database it is.
        title, keys: as `Page` takes them.
        glyphs: the marks of this terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("T", "terminate", "end the session", id="database.terminate"),
        Binding("Q", "cancel_query", "cancel its query", id="database.cancel"),
    ]

    def __init__(self, war_room: WarRoom, title: str, keys: str, glyphs: Glyphs) -> None:
        super().__init__(title, keys)
        self.war_room = war_room
        self.glyphs = glyphs

    def on_mount(self) -> None:
        """Draw, and again as it goes on."""
        super().on_mount()
        self.set_interval(1.0, self.draw)
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Fit the new width."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Show what there is now; a page that shows something says how."""

    def chosen(self) -> Session | None:
        """The session that is meant; None when none is."""
        return None

    def nobody(self) -> str:
        """Why no session is chosen."""
        return "choose a session first"

    def action_terminate(self) -> None:
        """The preview of ending the session."""
        self._end(cancel=False)

    def action_cancel_query(self) -> None:
        """The preview of cancelling what it runs."""
        self._end(cancel=True)

    def _end(self, *, cancel: bool) -> None:
        from cockpit.screen.run.page import RunScreen

        session = self.chosen()
        if session is None:
            self.refuse(self.nobody())
            return
        try:
            job = self.war_room.jobs.end_session(session.pid, session.started, cancel=cancel)
        except Refusal as error:
            self.refuse(str(error))
            return
        self.refuse("")
        self.app.push_screen(RunScreen(self.war_room, job, self.glyphs))


class DatabasePage(SessionsPage):
    """`t`"""

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__(war_room, "Database", "", glyphs)

    def draw(self) -> None:
        """Show it as it was last read; what is not so any more says since when."""
        view = self.war_room.database()
        if view is None:
            loading = self.war_room.live is None and bool(self.war_room.house.plans.service)
            self._say("loading …" if loading else NONE, "quiet")
            return
        self.page_keys = KEYS if view.sessions else ""
        self.page_title = f"Database {view.name}"
        width = max(20, self.size.width - 2)
        why = _standing(view, width, self._age_of(view))
        if view.sessions is None:
            self.show(why)
            self.show_frame(view.source.state, bad=view.source.state not in ("loading", "live"))
            return
        signals = [each for each in self.war_room.signals() if each.id in view.signals]
        as_of, trusted = view.source.as_of, view.source.trusted
        since = (self.war_room.clock.now() - as_of).total_seconds() if as_of and trusted else 0.0
        rows = database_rows(view.sessions, signals, since, width, self.glyphs)
        self.show([*why, *(rows if trusted else dimmed(rows))])
        alarming = view.sessions.waiting or left_words(view.sessions) or any(each.full for each in view.sessions.limits)
        self.show_frame(_headline(view, self._age_of(view)), bad=bool(alarming) or not trusted)

    def chosen(self) -> Session | None:
        """The one under the cursor."""
        view = self.war_room.database()
        rows = view.sessions.rows if view and view.sessions else {}
        return rows.get(pid_of(self.query_one(Lines).selected))

    def nobody(self) -> str:
        """Why no session is chosen: a prepared transaction has none, and is ended otherwise."""
        view = self.war_room.database()
        gid = gid_of(self.query_one(Lines).selected)
        found = [row for row in (view.sessions.prepared if view and view.sessions else ()) if row.gid == gid]
        return f"it has no session: {found[0].mend}" if gid and found else super().nobody()

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """A session, or a signal's course."""
        session = self.chosen()
        if session is not None:
            from cockpit.screen.database.session import SessionPage

            self.app.push_screen(SessionPage(self.war_room, session, self.glyphs))
        elif event.key.startswith("signal "):
            from cockpit.screen.chart.page import SignalPage

            self.app.push_screen(SignalPage(self.war_room, event.key.removeprefix("signal "), self.glyphs))

    def _age_of(self, view: DatabaseView) -> str:
        as_of = view.source.as_of
        return age((self.war_room.clock.now() - as_of).total_seconds()) if as_of else ""

    def _say(self, text: str, tone: Tone) -> None:
        self.show([Row("", (Span(f" {line}", tone),)) for line in wrap(text, max(20, self.size.width - 2))])
        self.show_frame()


def _headline(view: DatabaseView, old: str) -> str:
    """The answer: how full, how many wait; and what is not known any more."""
    if not view.source.trusted:
        return f"{view.source.state} · what follows is {old} old"
    sessions = view.sessions
    assert sessions is not None
    server = sessions.limits[0]
    full = [limit.name for limit in sessions.limits if limit.full]
    parts = [f"{server.used}/{server.most} connections"]
    parts += [f"{' and '.join(full)} full"] if full else []
    parts += [f"{sessions.waiting} waiting" if sessions.waiting else "nobody waits"]
    parts += [left] if (left := left_words(sessions)) else []
    return " · ".join(parts)


def _standing(view: DatabaseView, width: int, old: str) -> list[Row]:
    """Why nothing, or not all, is known, and what to do; nothing while all is well."""
    source = view.source
    said = [text for text in (source.detail, source.mend) if text]
    if source.trusted:
        return [Row("", (Span(f" {line}", "warn"),)) for text in said for line in wrap(text, width - 1)]
    head = f"{source.state}, as of {old} ago" if old else f"{source.state}: nothing was read yet"
    lines = [line for text in said for line in wrap(text, width - 1)]
    rows = [Row("", (Span(f" {head}", _TONES.get(source.state, "bad")),))]
    return [*rows, *(Row("", (Span(f" {line}", "warn"),)) for line in lines), Row("", ())]
