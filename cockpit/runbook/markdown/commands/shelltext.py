"""Where quotes, substitutions, comments and here-documents of a shell script stand, and where its commands end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Context = Literal["plain", "single", "double", "here", "here-quoted", "comment", "brace"]

_HERE = re.compile(r"<<(?P<dash>-?)\s*(?P<quote>[\"'\\]?)(?P<word>[A-Za-z_]\w*)[\"']?")
_GOES_ON = re.compile(r"(?:\||&&|\|\||\\)\s*$")


@dataclass(slots=True)
class Scan:
    """A script looked through once.

    Attributes:
        contexts: for each character, what it stands in.
        ends: where a line ends and with it a command: nothing is open, and no operator waits for more.
        whole: whether every quote, substitution and here-document was closed.
    """

    contexts: list[Context] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    whole: bool = True

    def plain(self, text: str) -> str:
        """The script with everything blanked that is quoted, a comment or a here-document."""
        return "".join(
            char if context == "plain" or char == "\n" else "#" if context == "comment" else "_"
            for char, context in zip(text, self.contexts, strict=True)
        )


@dataclass(slots=True)
class _Scanner:
    text: str
    scan: Scan = field(default_factory=Scan)
    stack: list[str] = field(default_factory=list)
    here: list[tuple[str, bool]] = field(default_factory=list)
    """Here-documents that begin at the next line, each with whether its word is quoted."""
    at: int = 0

    def run(self) -> Scan:
        while self.at < len(self.text):
            self._step(self.text[self.at])
        self.scan.whole = not self.stack and not self.here
        return self.scan

    def _take(self, count: int, context: Context) -> None:
        count = min(count, len(self.text) - self.at)
        self.scan.contexts.extend([context] * count)
        self.at += count

    def _step(self, char: str) -> None:
        inside = self.stack[-1] if self.stack else ""
        match inside:
            case "'":
                if char == "'":
                    self.stack.pop()
                self._take(1, "single")
            case '"':
                self._double(char)
            case "{":
                if char == "}":
                    self.stack.pop()
                self._take(1, "brace")
            case _:
                self._open(char, inside)

    def _double(self, char: str) -> None:
        if char == "\\":
            self._take(2, "double")
        elif char == '"':
            self.stack.pop()
            self._take(1, "double")
        elif self.text.startswith("$(", self.at):
            self.stack.append(")")
            self._take(2, "double")
        elif self.text.startswith("${", self.at):
            self.stack.append("{")
            self._take(2, "double")
        else:
            self._take(1, "double")

    def _open(self, char: str, inside: str) -> None:
        """A character outside of quotes, perhaps within parentheses."""
        before = self.text[self.at - 1] if self.at else "\n"
        if char == "\\":
            self._take(2, "plain")
        elif char in "'\"":
            self.stack.append(char)
            self._take(1, "single" if char == "'" else "double")
        elif char == "#" and before in " \t\n;":
            end = self.text.find("\n", self.at)
            self._take((end if end >= 0 else len(self.text)) - self.at, "comment")
        elif self.text.startswith("${", self.at):
            self.stack.append("{")
            self._take(2, "brace")
        elif char in "(`" and not (char == "`" and inside == "`"):
            self.stack.append(")" if char == "(" else "`")
            self._take(1, "plain")
        elif char == inside:
            self.stack.pop()
            self._take(1, "plain")
        elif char == "\n":
            self._line_end()
        elif char == "<" and before != "<" and not self.text.startswith("<<<", self.at):
            self._here_begins()
        else:
            self._take(3 if self.text.startswith("<<<", self.at) else 1, "plain")

    def _here_begins(self) -> None:
        found = _HERE.match(self.text, self.at)
        if found:
            self.here.append((found["word"], bool(found["quote"])))
        self._take(len(found[0]) if found else 1, "plain")

    def _line_end(self) -> None:
        start = self.text.rfind("\n", 0, self.at) + 1
        waits = bool(_GOES_ON.search(self._bare(start)))
        if not self.stack and not self.here and not waits:
            self.scan.ends.append(self.at)
        self._take(1, "plain")
        while self.here:
            self._here_document(*self.here.pop(0))

    def _bare(self, start: int) -> str:
        """The line up to here without its comment."""
        pairs = zip(self.text[start : self.at], self.scan.contexts[start : self.at], strict=True)
        return "".join(char for char, context in pairs if context != "comment")

    def _here_document(self, word: str, quoted: bool) -> None:
        end = re.compile(rf"^[ \t]*{re.escape(word)}[ \t]*$", re.M).search(self.text, self.at)
        until = end.end() if end else len(self.text)
        self._take(until - self.at, "here-quoted" if quoted else "here")
        if end is None:
            self.stack.append("<")


def scanned(text: str) -> Scan:
    """Where everything stands in a script. Never fails: what is never closed goes to the end."""
    return _Scanner(text).run()
