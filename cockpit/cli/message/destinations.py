"""`cockpit message destinations`: everybody who can be told now, whether the policy wants it, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cockpit.cli.context import Wrong, house, run, say
from cockpit.incident.terms import Status
from cockpit.incident.times import echo, time_of_day
from cockpit.room.messages.sending import TO, Destination, Wishes


@click.command(name="destinations", help="Everybody who can be told now: who is wanted, why, and what is missing.")
@click.option("--to", type=click.Choice([s.value for s in TO]), default=None, help="As it would be with this status.")
@click.option("--set", "fields", multiple=True, metavar="NAME=TEXT", help="A blank, in all templates that have it.")
def destinations(to: str | None, fields: tuple[str, ...]) -> None:
    """Print them."""
    run(lambda: _destinations(Status(to) if to else None, fields))


async def _destinations(to: Status | None, fields: tuple[str, ...]) -> None:
    split = [each.partition("=") for each in fields]
    if wrong := next((name for name, equals, _ in split if not equals), None):
        raise Wrong(f"--set {wrong}: write it as NAME=TEXT")
    wishes = Wishes({name: value for name, _, value in split})
    async with house(read_only=True) as opened:
        found = opened.messages.destinations(to, "", wishes)
        lines = [line for each in found for line in _lines(each)]
        none = "nobody can be told: name `audiences:` in the configuration"
        say("\n".join(lines) or none, lambda: [_data(each) for each in found])


def _lines(each: Destination) -> Iterator[str]:
    """`[x] customers  by page → paper · status-page-update`; then why, what is missing, what is wrong with it."""
    ways = f"by {' → '.join(each.channels)}" if each.channels else "by no channel"
    yield f"[{'x' if each.ticked else ' '}] {each.audience:<16} {ways} · {each.template or 'no template'}"
    told = f"; told last at {echo(each.told)}" if each.told else ""
    due = f"; due by {time_of_day(each.due.due)}Z" if each.due and each.due.done is None else ""
    yield f"      {each.why}{told}{due}"
    yield from (f"      --set {blank.name}=TEXT  {blank.hint}" for blank in each.missing)
    if each.trouble and not each.missing:
        yield f"      {each.trouble}"
    if each.choices:
        chosen = (f"{choice.name} {choice.value or 'none'} ({choice.why})" for choice in each.choices)
        yield f"      {' · '.join(chosen)}"
    yield from (f"      not for the public: it {leak}" for leak in each.leaks)


def _data(each: Destination) -> Mapping[str, Any]:
    """For programs; instants are UTC, null where there is none."""
    blanks = [
        {"name": b.name, "hint": b.hint, "required": b.required, "value": b.value, "offered": b.offered}
        for b in each.blanks
    ]
    return {
        "audience": each.audience, "ticked": each.ticked, "why": each.why, "channels": list(each.channels),
        "template": each.template, "templates": list(each.templates), "blanks": blanks, "trouble": each.trouble,
        "told": echo(each.told) if each.told else None, "by": echo(each.by) if each.by else None,
        "choices": {choice.name: choice.value for choice in each.choices}, "leaks": list(each.leaks),
        "message": dict(each.composed.payload().fields()) if each.composed else None,
    }  # fmt: skip
