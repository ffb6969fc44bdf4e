"""The commands about who does what."""

from __future__ import annotations

import click

from cockpit.incident.terms import Role
from cockpit.room.grammar.params import ITEM, incident
from cockpit.room.requests import (
    Check,
    Request,
    TakeRole,
)


@incident.command(help="Give a role to a responder: incident role ic @alice. Without a handle it is released.")
@click.argument("role", type=click.Choice(list(Role), case_sensitive=False))
@click.argument("handle", default="")
def role(role: str, handle: str) -> Request:
    """Assign or release a role."""
    return TakeRole(role, handle or None)


@incident.command(help="Tick a checklist item by its id.")
@click.argument("item", type=ITEM)
@click.option("--undo", is_flag=True, help="Open it again.")
@click.option("--not-applicable", default=None, metavar="WHY", help="It does not apply; say why.")
def check(item: str, undo: bool, not_applicable: str | None) -> Request:
    """Tick an item."""
    if not_applicable is not None:
        return Check(item, "not-applicable", not_applicable)
    return Check(item, "open" if undo else "done")
