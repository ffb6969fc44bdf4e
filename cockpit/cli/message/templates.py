"""`cockpit message templates`: which there are, whom and when each is for, and what it asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cockpit.cli.context import house, run, say
from cockpit.room.messages.sending import Messages, Template


@click.command(name="templates", help="Which templates there are: whom and when each is for, what it asks, its file.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def templates(names: tuple[str, ...]) -> None:
    """Print them, all or those that are named."""
    run(lambda: _templates(names))


async def _templates(names: tuple[str, ...]) -> None:
    async with house(read_only=True) as opened:
        messages = opened.messages
        found = [messages.template(name) for name in names or messages.names()]
        lines = [line for each in found for line in _lines(each)]
        if not names:
            lines += [f"{what} of a template: {', '.join(each)}" for what, each in messages.vocabulary().items()]
            lines += [f"broken: {why}" for why in messages.broken().values()]
        say("\n".join(lines), lambda: _data(found, messages))


def _lines(each: Template) -> Iterator[str]:
    """`status-page-update  customers · update · incident-response-process.md:98-101`; then its file and its blanks."""
    said = [", ".join(each.audiences), ", ".join(each.moments) or "chosen by hand"]
    said += [f"policy {each.policy}"] if each.policy else []
    said += [each.source] if each.source else []
    yield f"{each.name:<28} {' · '.join(said)}"
    yield f"    {each.path}"
    for blank in each.fields:
        yield f"    --set {blank.name}=TEXT  {blank.hint}{' (needed)' if blank.required else ''}"


def _data(found: list[Template], messages: Messages) -> Mapping[str, Any]:
    """For programs."""
    return {
        "templates": [
            {
                "name": each.name, "audiences": list(each.audiences), "moments": list(each.moments),
                "policy": each.policy, "source": each.source, "path": str(each.path), "own": each.own,
                "blanks": [{"name": b.name, "hint": b.hint, "required": b.required} for b in each.fields],
            }
            for each in found
        ],
        "broken": dict(messages.broken()), **messages.vocabulary(),
    }  # fmt: skip
