"""How the full screen is to look and sound: the flags of the terminal, which every command that opens one hands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

THEMES = ("dark", "light", "contrast", "ansi")
LOOK = "cockpit.look"
"""Where the root command leaves the `Look` in the context's `meta`."""


@dataclass(frozen=True, slots=True)
class Look:
    """The flags as given. An empty theme is chosen by the terminal's colours."""

    theme: str = ""
    mouse: bool = True
    ascii: bool = False
    bell: bool = True

    @property
    def flags(self) -> Iterator[str]:
        """The same flags, for another cockpit."""
        if self.theme:
            yield f"--theme={self.theme}"
        if not self.mouse:
            yield "--no-mouse"
        if self.ascii:
            yield "--ascii"
        if not self.bell:
            yield "--no-bell"


def look(ctx: click.Context) -> Look:
    """The flags of this invocation."""
    found = ctx.meta.get(LOOK)
    return found if isinstance(found, Look) else Look()
