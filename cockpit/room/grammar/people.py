"""The commands about who does what."""

from __future__ import annotations

import click

from cockpit.incident.terms import Role
from cockpit.room.grammar.params import HANDLE, ITEM, Said, incident, text_of
from cockpit.room.requests import Accept, Check, Decline, Offer, Refusal, Request, TakeRole, Withdraw

ROLE = click.argument("role", type=click.Choice(list(Role), case_sensitive=False))


@incident.command(help="Give a role to a responder: incident role ic @alice. Without a handle it is released.")
@ROLE
@click.option(
    "--replace", cls=Said, default=None, metavar="WHY", help="Take it from a holder who cannot answer; say why."
)
@click.argument("handle", default="", type=HANDLE)
def role(role: str, replace: str | None, handle: str) -> Request:
    """Assign or release a role."""
    return TakeRole(role, handle or None, replace)


@incident.command(help="Hand a role over: incident handover ic @bob offers it, --accept is what @bob says.")
@ROLE
@click.option("--accept", is_flag=True, help="Take over what is offered to you.")
@click.option("--decline", is_flag=True, help="Do not take it over.")
@click.option("--withdraw", is_flag=True, help="Take the offer back.")
@click.argument("handle", default="", type=HANDLE)
@click.argument("why", nargs=-1)
def handover(role: str, accept: bool, decline: bool, withdraw: bool, handle: str, why: tuple[str, ...]) -> Request:
    """Offer a role, or answer an offer."""
    if accept + decline + withdraw > 1:
        raise Refusal("one of --accept, --decline and --withdraw at a time")
    if accept:
        return Accept(role)
    said = text_of(tuple(word for word in (handle, *why) if word))
    if decline:
        return Decline(role, said)
    if withdraw:
        return Withdraw(role, said)
    if not handle:
        raise Refusal(f"hand it over to whom? as in: handover {role} @bob; or --accept, --decline, --withdraw")
    return Offer(role, handle, text_of(why))


@incident.command(help="Tick a checklist item by its id, by words of its text, or by number: check ops 3")
@click.argument("item", type=ITEM, nargs=-1, required=True)
@click.option("--undo", is_flag=True, help="Open it again.")
@click.option("--not-applicable", cls=Said, default=None, metavar="WHY", help="It does not apply; say why.")
def check(item: tuple[str, ...], undo: bool, not_applicable: str | None) -> Request:
    """Tick an item."""
    name = text_of(item)
    if not_applicable is not None:
        return Check(name, "not-applicable", not_applicable)
    return Check(name, "open" if undo else "done")
