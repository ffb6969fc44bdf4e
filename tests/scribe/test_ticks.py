"""Checklists in documents: which entry ticked what, and until when the rest is to be done."""

from __future__ import annotations

from datetime import timedelta

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.policies import Range
from cockpit.incident.terms import Status
from cockpit.scribe.markdown import export
from cockpit.scribe.review import review_parts
from tests.scribe.story import Book, Item, List, Phase, at

HOUR = timedelta(hours=1)
OWN = List("ic", "Commander", (Phase("First", (Item("ic.ack", "Take it", "acknowledged"), Item("ic.x", "Look"))),))
DATED = (
    Phase("Soon", (Item("after.a", "Tell them", "closed"), Item("after.b", "Sweep")), within=Range(HOUR, HOUR)),
    Phase("Later", (Item("after.c", "Learn"),), within=Range(24 * HOUR, 48 * HOUR)),
)
AFTER = List("after", "Afterwards", DATED)


def book() -> tuple[Book, Entry]:
    """Declared, taken, resolved; with the entry that took it."""
    told = Book()
    told.add(kinds.Declared(name="payment-failure"), "0:00", "@oncall")
    taken = told.add(kinds.Acknowledged(), "1:30", "@oncall")
    told.add(kinds.StatusChange(status=Status.RESOLVED), "30:00", "@oncall")
    return told, taken


def exported(told: Book, clock: str) -> str:
    return export(told.timeline, label="INC-2026-001", now=at(clock), checklists=[OWN, AFTER])


def reviewed(told: Book, clock: str) -> str:
    parts = review_parts(told.timeline, label="INC-2026-001", now=at(clock), checklists=[OWN, AFTER])
    return "\n\n".join(part.markdown for part in parts)


def test_a_fact_that_ticked_an_item_is_named_with_its_entry() -> None:
    told, taken = book()
    text = exported(told, "31:00")
    assert f"- [x] Take it (@oncall, 02:01:30, by the ack, entry {taken.id[-6:]})" in text
    assert "- [ ] Look" in text
    assert "### Commander: 1 of 2 (50 %)" in text


def test_an_item_that_a_person_opened_again_is_open() -> None:
    told, _ = book()
    told.add(kinds.ChecklistItem(item="ic.ack", state="open", text="Take it"), "31:00", "@cara")
    assert "- [ ] Take it" in exported(told, "32:00")


def test_what_comes_after_has_its_dates_and_where_they_stand() -> None:
    told, _ = book()
    assert "**Soon** 0/2, due 03:30:00: running" in exported(told, "31:00")
    assert "**Soon** 0/2, due 03:30:00: **overdue**" in exported(told, "91:00")
    for number, item in enumerate(("after.a", "after.b")):
        told.add(kinds.ChecklistItem(item=item, state="done", text="t"), f"{95 + number}:00", "@oncall")
    assert "**Soon** 2/2, due 03:30:00: **missed**" in exported(told, "99:00")
    assert "**Later** 0/1, due 2026-02-05 02:30:00Z: running" in exported(told, "99:00")


def test_the_review_has_the_list_for_afterwards_and_no_other() -> None:
    told, _ = book()
    text = reviewed(told, "31:00")
    assert "## After the incident" in text
    assert "**Soon** 0/2, due 03:30:00: running" in text
    assert "Take it" not in text


def test_the_review_of_a_false_alarm_has_none() -> None:
    told = Book()
    told.add(kinds.Declared(name="ghost"), "0:00", "@oncall")
    told.add(kinds.Closed(false_alarm="a test"), "5:00", "@oncall")
    assert "After the incident" not in reviewed(told, "9:00")
