"""Whom one can call: the ladder with the time since its last rung, who is on call, targets, the runbook's people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cockpit.incident.clocks import reached
from cockpit.incident.deliveries import FAILED, LOST, QUEUED
from cockpit.incident.fact import Fact
from cockpit.incident.kinds import Page
from cockpit.incident.ladder import Ladder, Rung, fallen
from cockpit.incident.state import State
from cockpit.incident.times import span, time_of_day
from cockpit.room.war_room import WarRoom
from cockpit.screen.spans import Row, Span, Tone, fit, wrap
from cockpit.screen.terminal.glyphs import Glyphs

NAME = 24
"""Cells of a name."""
LEAST = 16
"""Cells beside how somebody stands in which it is worth to begin how he is reached."""
UNREACHED = "no way known, not in `targets`"
"""Of somebody on the ladder whom nothing says how to reach."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody who can be paged: what `page` is told, and how to reach him by hand."""

    name: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Contacts:
    """The rows of the page, and whom each row with a key stands for.

    `next` is the key of who is next on the ladder; empty where nobody is.
    """

    rows: Sequence[Row]
    whom: dict[str, Whom]
    next: str


def contacts(war: WarRoom, glyphs: Glyphs, width: int) -> Contacts:
    """Everybody, those first whom the policy calls now."""
    found = _Book(war, glyphs, max(40, width))
    found.ladder()
    found.on_call()
    found.targets()
    found.of_runbook()
    return Contacts(found.rows, found.whom, found.next)


class _Book:
    """The rows as they are gathered."""

    def __init__(self, war: WarRoom, glyphs: Glyphs, width: int) -> None:
        self.war, self.glyphs, self.width = war, glyphs, width
        self.state, self.now = war.room.state, war.clock.now()
        self.rows: list[Row] = []
        self.whom: dict[str, Whom] = {}
        self.next = ""

    def ladder(self) -> None:
        """The policy's ladder, with who is next."""
        found, policy = self.war.room.ladder(), self.war.room.policy
        if found is None:
            return
        self._title(f"Ladder ─ {policy.title if policy else ''}")
        text, tone = standing(found, self.state, self.now)
        self._texts([text], tone)
        for rung in found.rungs:
            key = f"rung.{rung.call.key}"
            if rung is found.next and found.waiting:
                self.next = key
            self._rung(key, rung, found)
        self.rows.append(Row("", ()))

    def _rung(self, key: str, rung: Rung, found: Ladder) -> None:
        is_next = rung is found.next and found.waiting
        text, tone = _paged(rung.page, rung.reached, self.state, self.now) if rung.page else ("", "plain")
        if is_next:
            due = found.due(self.now)
            text, tone = ("next, now", "bad") if due else ("next", "accent")
        elif not rung.page and rung.by and not self.state.acknowledged:
            left = (rung.by - self.now).total_seconds()
            text, tone = (f"in {span(left)}", "quiet") if left > 0 else (f"overdue {span(left)}", "bad")
        how = self._how(rung)
        said = " · ".join(part for part in (rung.call.when, how or UNREACHED) if part)
        self._line(key, rung.call.who, text, tone, said, marked=is_next)
        self.whom[key] = Whom(rung.target, how)

    def _how(self, rung: Rung) -> str:
        """How he is reached: by the target's channels, else as policy or runbook have it."""
        target = self.war.room.setting.targets.get(rung.target)
        if target is not None:
            return _by(target.channels, target.handles, "" if self.state.drill else target.phone)
        runbook = self.war.house.runbook
        listed = next((each for each in (runbook.contacts if runbook else ()) if each.name == rung.call.who), None)
        return rung.call.how or (listed.how if listed and not listed.unfilled else "")

    def on_call(self) -> None:
        """Who is on call, as each pager said last, and how long ago that was."""
        for view in self.war.house.contacts.on_call():
            ago = f", as it said {span((self.now - view.at).total_seconds())} ago" if view.at else ""
            self._title(f"On call ─ {view.source}{ago}")
            if view.trouble:
                self._texts([f"it does not answer: {view.trouble}"], "warn")
            for each in view.people:
                phone = "" if self.state.drill else each.phone  # a drill rings nobody's telephone
                until = f"until {time_of_day(each.until)}Z" if each.until else ""
                said = " · ".join(part for part in (phone or each.email, each.handle, each.rota, until) if part)
                key = f"on-call.{view.source}.{each.handle or each.name}"
                self._line(key, each.name, "", "plain", said)
                self.whom[key] = Whom(each.handle or each.name, phone)
            self.rows.append(Row("", ()))

    def targets(self) -> None:
        """Whom the configuration's `targets:` reach."""
        if not self.war.room.setting.targets:
            return
        self._title("Targets of the configuration")
        for name, target in self.war.room.setting.targets.items():
            pages = [(page, fact) for page, fact in self.state.pages if page.target == name]
            last = max(pages, key=lambda each: each[1].at, default=None)
            at = reached(self.state, *last) if last else None
            text, tone = _paged(last, at, self.state, self.now) if last else ("", "plain")
            phone = "" if self.state.drill else target.phone  # a drill rings nobody's telephone
            self._line(f"target.{name}", name, text, tone, _by(target.channels, target.handles, phone))
            self.whom[f"target.{name}"] = Whom(name, phone)
        self.rows.append(Row("", ()))

    def of_runbook(self) -> None:
        """The runbook's contacts, in the document's words."""
        runbook = self.war.house.runbook
        if runbook is None or not runbook.contacts:
            return
        self._title(f"Contacts ─ {runbook.document}" if runbook.document else "Contacts of the runbook")
        for each in runbook.contacts:
            self._line(f"contact.{each.id}", each.name, "not filled in" if each.unfilled else "", "quiet", each.how)
            self.whom[f"contact.{each.id}"] = Whom(each.name, each.how)
        self.rows.append(Row("", ()))

    def _title(self, text: str) -> None:
        self.rows.append(Row("", (Span(f" {text}", "accent"),)))

    def _texts(self, texts: Iterable[str], tone: Tone) -> None:
        for text in texts:
            self.rows += [Row("", (Span(f"   {line}", tone),)) for line in wrap(text, self.width - 4)]

    def _line(self, key: str, name: str, text: str, tone: Tone, said: str, *, marked: bool = False) -> None:
        """A person: the name, how it stands, and how to reach him; the last goes on below where it is long."""
        mark = f" {self.glyphs.run} " if marked else "   "
        head = (Span(mark, "accent"), Span(f"{fit(name, NAME)} ", "strong"), Span(f"{text}  " if text else "", tone))
        taken = sum(len(each.text) for each in head)
        room = self.width - taken
        first = wrap(said, room)[0] if room >= LEAST else ""
        rest = wrap(said[len(first) :].strip(), self.width - NAME - 4) if len(said) > len(first) else []
        self.rows.append(Row(key, (*head, Span(first, "quiet"))))
        self.rows += [Row("", (Span(f"{'':<{NAME + 4}}{line}", "quiet"),)) for line in rest]


def standing(found: Ladder, state: State, now: datetime) -> tuple[str, Tone]:
    """How long the last rung has been waited for, and what follows from that."""
    text = found.words(state, now)
    if state.acknowledged is not None:
        return text, "good"
    if not found.waiting:
        return text, "quiet"
    return text, "bad" if found.due(now) else "warn" if found.last else "plain"


def _paged(
    last: tuple[Page, Fact], reached: datetime | None, state: State, now: datetime
) -> tuple[str, Tone]:  # fmt: skip
    """When somebody was paged last, and whether that reached him."""
    page, fact = last
    if reached is not None:
        by, only = "paged" if page.message else "called by hand", fallen(state, page)
        return f"{by}{only} {span((now - reached).total_seconds())} ago", "warn" if only else "plain"
    sent = state.messages.get(page.message)
    how = sent.state if sent else QUEUED
    words = f"only in {sent.kept.channel}" if sent and sent.kept else how
    return f"page {words}, {span((now - fact.at).total_seconds())} ago", "bad" if how in (FAILED, *LOST) else "warn"


def _by(channels: Sequence[str], handles: Sequence[str], phone: str) -> str:
    """`+1 555 0100 · pager → incidents · @dba`: what is needed when no channel works stands first."""
    return " · ".join(part for part in (phone, " → ".join(channels), " ".join(handles)) if part)
