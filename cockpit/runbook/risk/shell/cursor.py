"""A place in a script: what stands there, and the small steps that every reader of it makes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cockpit.runbook.risk.shell.syntax import ShellError, Simple

_DEEPEST = 40
_CHARACTERS = 32_000


@dataclass(slots=True)
class HereDocument:
    """A here-document that is announced and still to be read."""

    delimiter: str
    quoted: bool
    tabs: bool
    command: Simple


class Cursor:
    """Goes over the text of a script; whatever reads it raises ShellError for what it must not pass."""

    def __init__(self, text: str, depth: int = 0) -> None:
        if len(text) > _CHARACTERS:
            raise ShellError(f"it is longer than {_CHARACTERS:,} characters")
        self.text = text
        self.at = 0
        self.depth = depth
        self.waiting: list[HereDocument] = []

    def peek(self, length: int = 1) -> str:
        """The next characters; fewer at the end."""
        return self.text[self.at : self.at + length]

    def take(self, text: str) -> bool:
        """Goes past `text` if it stands here."""
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def expect(self, text: str) -> None:
        """Goes past `text`.

        Raises:
            ShellError: it does not stand here.
        """
        if not self.take(text):
            raise self.refused(f"`{text}` is missing")

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """What matches here, without going past it."""
        found = pattern.match(self.text, self.at)
        return found[0] if found else None

    def until(self, end: str) -> str:
        """What stands before `end`, past which it goes.

        Raises:
            ShellError: `end` never comes.
        """
        stop = self.text.find(end, self.at)
        if stop < 0:
            raise self.refused(f"`{end}` is missing")
        found, self.at = self.text[self.at : stop], stop + len(end)
        return found

    def deeper(self) -> None:
        """One level further in; a script nested beyond reason is refused."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.refused("it is nested too deep")

    def refused(self, why: str) -> ShellError:
        """An error that says in which line."""
        return ShellError(f"line {self.text.count(chr(10), 0, self.at) + 1}: {why}")

    def blanks(self) -> None:
        """Goes past spaces, tabs, line continuations and a comment."""
        while True:
            if self.peek() in (" ", "\t"):
                self.at += 1
            elif not self.take("\\\n"):
                break
        if self.peek() == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
