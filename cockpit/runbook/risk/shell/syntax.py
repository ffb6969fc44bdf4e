"""What a shell script consists of, flattened: every command that it can run, wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.runbook.risk.words import Word


class ShellError(Exception):
    """A script that is not understood; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """`> file`: the operator without its number, and its target."""

    operator: str
    target: Word

    @property
    def is_input(self) -> bool:
        """Whether it feeds the command."""
        return self.operator.startswith("<") and self.operator != "<>"


@dataclass(slots=True)
class Simple:
    """A simple command: what it sets, its words, its redirections, and what it reads.

    Attributes:
        stdin: the text where it is known, not fixed where it is not; None is whatever the script itself reads.
    """

    words: tuple[Word, ...] = ()
    assigned: tuple[tuple[str, Word], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    stdin: Word | None = None


@dataclass(slots=True)
class Script:
    """All that a script can run, the functions it defines, and the values that it gives to variables.

    Attributes:
        pipes: a command and the one that reads what it writes.
        values: by variable; `$1`, `$@` and their like have theirs under `@`.
    """

    commands: list[Simple] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    pipes: list[tuple[Simple, Simple]] = field(default_factory=list)
    values: dict[str, list[Word]] = field(default_factory=dict)

    def give(self, name: str, value: Word) -> None:
        """Remembers that a variable can have this value."""
        self.values.setdefault(name, []).append(value)
