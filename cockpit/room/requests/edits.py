"""Requests about entries that are there: amending what they say or when it was, erasing what slipped in."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.incident.times import echo
from cockpit.incident.wording import headline
from cockpit.room.requests.desk import Desk, Refusal, optional, worded
from cockpit.room.requests.placing import must_be_plausible
from cockpit.room.requests.refs import find_entry, ref

LAST = "last"
"""What stands for the last entry that whoever asks wrote and that can be amended."""
_WORD = re.compile(r"\w{6,}")
_COPIES = (kinds.Handover.kind, kinds.Message.kind)
"""What repeats the words of other entries."""
_SHOWN = 120
"""Characters of an entry that are shown before it is erased."""


def meant(text: str, state: State, desk: Desk) -> Entry:
    """The entry that `text` names: a ref, an id, or `last`; raises Refusal."""
    timeline = desk.timeline or Timeline()
    if text.strip().lower() != LAST:
        return find_entry(timeline, text)
    own = [entry for entry in timeline.entries if entry.actor == desk.actor and _can_be_amended(entry)]
    own = [entry for entry in own if not state.edits.replaced(entry)]
    if not own:
        raise Refusal(f"{desk.actor} has written nothing here that can be amended")
    return max(own, key=lambda entry: entry.recorded)


def _can_be_amended(entry: Entry) -> bool:
    model = kinds.KINDS.get(entry.kind)
    return not entry.redacted and model is not None and bool(model.amends or model.movable)


class Amend(Struct, frozen=True):
    """Correct the text or the time of an entry. The original stays in the record."""

    entry: str
    text: str | None = None
    at: datetime | None = None
    why: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """An entry of the same kind that supersedes the version that stands."""
        found = meant(self.entry, state, desk)
        timeline = desk.timeline or Timeline()
        entry = next((e for e in timeline.entries if e.id == state.edits.standing(found.id)), found)
        payload = kinds.read(entry)
        if payload is None or not _can_be_amended(entry):
            what = "was redacted" if entry.redacted else f"is a {entry.kind}, written by the program as it happened"
            raise Refusal(f"{ref(entry)} {what}: it cannot be amended; a note can say what is wrong with it")
        said = {name: value for name, value in entry.payload.items() if name != kinds.AMENDMENT}
        fields = dict(said)
        if self.text is not None:
            if not payload.amendable:
                raise Refusal(f"{ref(entry)} ({entry.kind}) has no text to amend; --at corrects its time")
            fields[payload.amendable] = worded(self.text, "the text")
        if self.at is not None and not payload.movable:
            raise Refusal(f"{ref(entry)} ({entry.kind}) happened when it was recorded; --text corrects its text")
        if self.at is not None:
            must_be_plausible(payload, self.at, state, desk.now, instead=entry.id)
        moved = self.at is not None and self.at != entry.occurred
        if not moved and fields == said:
            raise Refusal(f"{ref(entry)} says that already, {echo(entry.occurred)}; give --text TEXT or --at WHEN")
        if why := optional(self.why):
            fields[kinds.AMENDMENT] = why
        return [
            Draft(
                entry.incident, entry.kind, fields, self.at or entry.occurred, desk.actor, desk.role, entry.id,
                entry.schema,
            )
        ]  # fmt: skip


class Redact(Struct, frozen=True):
    """Erase the words of an entry, of all its versions, in every copy; that it was there stays to be seen."""

    entry: str
    why: str
    confirmed: bool = False
    """It was asked already, or need not be."""

    def effects(self, state: State, desk: Desk) -> tuple[str, ...]:
        """What would be erased, to be asked once, since nothing brings it back; raises Refusal."""
        ids = [str(draft.payload["entry"]) for draft in self.decide(state, desk)]
        every = {entry.id: entry for entry in (desk.timeline or Timeline()).entries}
        return tuple(_erasure(every[id], state) for id in ids if id in every)

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """One redaction for each version that still has its words, and for each brief and message that repeats them."""
        _must_be_meant(self.entry, desk)
        entry, why = meant(self.entry, state, desk), worded(self.why, "why it is redacted")
        if entry.kind in (kinds.Redaction.kind, kinds.Watching.kind):
            raise Refusal(f"{ref(entry)} is a {entry.kind}: it holds no words of anybody")
        versions = [each for each in state.edits.versions(entry) or [entry] if not each.redacted]
        if not versions:
            raise Refusal(f"{ref(entry)} is redacted already")
        for each in versions:
            _must_not_repeat(why, each)
        erased = dict.fromkeys((*versions, *_repeating(versions, desk)))
        return [desk.draft(kinds.Redaction(entry=each.id, why=why, kept=dict(kinds.kept(each)))) for each in erased]


def _erasure(entry: Entry, state: State) -> str:
    """`erases for good, in every copy, 4ec318, 02:01:12 by @ada: the customer Lindqvist`"""
    said = headline(entry, state).text
    said = said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"
    return f"erases for good, in every copy, {ref(entry)}, {echo(entry.occurred)} by {entry.actor}: {said}"


def _words(entry: Entry) -> list[str]:
    """The texts that a redaction takes out of `entry`."""
    kept = kinds.kept(entry)
    return [str(value) for name, value in entry.payload.items() if name not in kept]


def _repeating(versions: list[Entry], desk: Desk) -> list[Entry]:
    """The briefs handed over and the messages that say what `versions` say: the program wrote them down from it."""
    said = [_flat(text) for version in versions for text in _words(version) if _WORD.search(text)]
    entries = desk.timeline.entries if desk.timeline else ()
    copies = [each for each in entries if each.kind in _COPIES and not each.redacted]
    return [each for each in copies if any(text in _flat(" ".join(_words(each))) for text in said)]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _must_be_meant(text: str, desk: Desk) -> None:
    """`last` said twice would erase a second entry, for good: what was written last must be what is erased."""
    own = [entry for entry in (desk.timeline or Timeline()).entries if entry.actor == desk.actor]
    newest = max(own, key=lambda entry: entry.recorded, default=None)
    if text.strip().lower() == LAST and newest is not None and newest.kind == kinds.Redaction.kind:
        raise Refusal("your last entry is a redaction already; name what is to be erased by its ref: it is for good")


def _must_not_repeat(why: str, entry: Entry) -> None:
    """A reason that says the words again would keep them for ever."""
    again = set(_WORD.findall(why.lower())) & set(_WORD.findall(" ".join(_words(entry)).lower()))
    if again:
        raise Refusal("the reason repeats words of what it erases; say it without them: the reason stays readable")
