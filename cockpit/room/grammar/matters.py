"""The commands about what is open: hypotheses and action items."""

from __future__ import annotations

import re
from datetime import date, datetime

import click

from cockpit.room.grammar.params import ACTION_ITEM, DAY, HANDLE, HYPOTHESIS, Said, at, incident, text_of
from cockpit.room.requests import AddItem, ChangeItem, FollowUp, Refusal, Request, Settle, Suppose
from cockpit.room.requests.follow_ups import ALL

_LABEL = re.compile(r"(?:h|ai)\d+", re.IGNORECASE)
TERMS = ("immediate", "short-term", "long-term")


def _given(text: tuple[str, ...], changes: bool) -> str:
    """The words, or the label alone: what follows a label would else become the words of a new one."""
    if len(text) > 1 and _LABEL.fullmatch(text[0]):
        how = "put the words behind the option" if changes else "an option says what of it, and takes the words"
        raise Refusal(f"{text[0]} is there already; {how}, as in --{'drop' if text[0][0] in 'aA' else 'confirm'} TEXT")
    return text_of(text)


@incident.command(help="Open a hypothesis, or settle one by its evidence: incident hypothesis H1 --eliminate TEXT")
@click.option("--confirm", cls=Said, default=None, metavar="EVIDENCE", help="It is so; say what shows it.")
@click.option("--eliminate", cls=Said, default=None, metavar="EVIDENCE", help="It is not so; say what shows it.")
@click.option("--reopen", is_flag=True, help="It is open again.")
@at
@click.argument("text", nargs=-1, required=True, type=HYPOTHESIS)
def hypothesis(
    confirm: str | None, eliminate: str | None, reopen: bool, at: datetime | None, text: tuple[str, ...]
) -> Request:
    """Open or settle a hypothesis."""
    given = _given(text, confirm is not None or eliminate is not None or reopen)
    settled = {"confirmed": confirm, "eliminated": eliminate, "open": "" if reopen else None}
    chosen = [(state, evidence) for state, evidence in settled.items() if evidence is not None]
    if len(chosen) > 1:
        raise Refusal("one of --confirm, --eliminate and --reopen at a time")
    if chosen:
        return Settle(given, *chosen[0], at)
    if _LABEL.fullmatch(given):
        raise Refusal(f"what of {given}? --confirm EVIDENCE, --eliminate EVIDENCE or --reopen")
    return Suppose(given, at)


@incident.command(
    name="action-item", help="Note what is to be done later, or change one: incident action-item AI1 --done"
)
@click.option("--owner", type=HANDLE, default="", help="Who does it.")
@click.option("--due", type=DAY, default=None, help="By which day: 2026-01-31 or 5d.")
@click.option("--term", type=click.Choice(TERMS), default=None, help="How soon it must be; short-term if not given.")
@click.option("--done", is_flag=True, help="It is done.")
@click.option("--drop", cls=Said, default=None, metavar="WHY", help="It will not be done; say why.")
@click.option("--reopen", is_flag=True, help="It is to be done again.")
@click.option("--ticket", is_flag=True, help="Make a ticket of it; `all` stands for every open one without.")
@click.argument("text", nargs=-1, required=True, type=ACTION_ITEM)
def action_item(
    owner: str, due: date | None, term: str | None, done: bool, drop: str | None, reopen: bool, ticket: bool,
    text: tuple[str, ...],
) -> Request:  # fmt: skip
    """Add or change an action item."""
    if ticket:
        return _ticketed(text_of(text), owner or due or term or done or drop is not None or reopen)
    given = _given(text, done or drop is not None or reopen)
    if done + (drop is not None) + reopen > 1:
        raise Refusal("one of --done, --drop and --reopen at a time")
    if _LABEL.fullmatch(given):
        state = "done" if done else "dropped" if drop is not None else "open"
        return ChangeItem(given, state, owner, due, term or "", drop or "")
    if done or drop is not None or reopen:
        raise Refusal(f"which one? name it as AI1: '{given[:40]}' is no action item's name")
    return AddItem(given, owner, due, term or "short-term")


def _ticketed(given: str, more: object) -> Request:
    """A ticket of an item, which is named by its label."""
    if more:
        raise Refusal("--ticket stands alone; change the item first")
    if given.lower() != ALL and not _LABEL.fullmatch(given):
        raise Refusal(f"which one? name it as AI1, or all: '{given[:40]}' is no action item's name")
    return FollowUp(given)
