"""What the commands of the grammar take: times, items, words; and the group that they all belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import click

from cockpit.incident.times import TimeError, when

NOW: ContextVar[Callable[[], datetime]] = ContextVar("now", default=lambda: datetime.now(UTC))
"""What "now" is for times such as `-12m`; set by `parse`."""

ITEMS: ContextVar[Sequence[str]] = ContextVar("items", default=())
"""The ids of the checklist items there are, for completion; set by whoever knows them."""


class When(click.ParamType[datetime]):
    """A time in the past: `-12m`, `03:41` (UTC) or ISO."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; a value that is no such time is a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            return when(str(value), NOW.get()())
        except TimeError as error:
            self.fail(str(error), param, ctx)


class ItemId(click.ParamType[str]):
    """A checklist item's id."""

    name = "item"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Any text; the room says whether there is such an item."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """The items that begin so."""
        return [click.shell_completion.CompletionItem(i) for i in ITEMS.get() if i.startswith(incomplete)]


def text_of(words: tuple[str, ...]) -> str:
    """The words of a command's end as one text."""
    return " ".join(words)


WHEN, ITEM = When(), ItemId()


@click.group(name="incident", help="Everything about the incident: declare it, say what happens, end it.")
def incident() -> None:
    """The group that every command below belongs to."""
