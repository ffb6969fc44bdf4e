"""Reads the words of a script as a POSIX shell does: quotes, expansions, and the commands that they run."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from cockpit.runbook.risk.shell.cursor import Cursor
from cockpit.runbook.risk.shell.syntax import Script, Simple
from cockpit.runbook.risk.words import Word

_NAME = re.compile(r"[A-Za-z_]\w*", re.A)
_PARAMETER = re.compile(r"[A-Za-z_]\w*(\[[@*\w]+\])?|\d+|[@*#?$!-]", re.A)
_DEFAULT = re.compile(r":?[-=+?]")
_TRIMMED = re.compile(r"[%#/^,:]+")
_POSITIONAL = re.compile(r"\d+|[@*]")
DASHED = re.compile(r"(^|\s)\0*-")
"""Something that is read as an option if it stands alone; what is only known later may be empty."""
_ANSI = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}
"""Escapes in `$'…'`; not `\\'`, at which the string ends in shells that do not know `$'…'`."""
_ENDS = " \t\n|&;<>()"


class Building:
    """A word while it is read."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.literal: list[str] = []
        self.shape: list[str] = []
        self.names: list[str] = []
        self.bare: list[str] = []
        self.fixed = True
        self.loose = False

    def plain(self, text: str) -> None:
        """Characters without quotes."""
        self.text.append(text)
        self.literal.append(text)
        self.shape.append(text)

    def quoted(self, text: str) -> None:
        """Characters that stand for themselves."""
        self.text.append(text)
        self.literal.append(text)
        self.shape.append("\0" * len(text))

    def later(self, text: str, name: str = "", *, in_quotes: bool = False) -> None:
        """An expansion, as it is written."""
        self.text.append(text)
        self.literal.append("\0")
        self.shape.append("\0")
        self.fixed = False
        if name:
            known = "@" if _POSITIONAL.fullmatch(name) else name
            self.names.append(known)
            self.bare += [] if in_quotes else [known]

    def prints(self, script: Script, since: int) -> None:
        """Takes over what a substitution, whose commands are those from `since` on, prints because it is told to."""
        for command in script.commands[since:]:
            if command.words and command.words[0].text in ("echo", "printf", "cat"):
                for word in (*command.words[1:], *([command.stdin] if command.stdin else [])):
                    self.names += word.names
                    self.bare += word.names
                    self.loose |= word.loose or (
                        word.text not in ("-e", "-n", "-E") and bool(DASHED.search(word.literal))
                    )

    def done(self) -> Word:
        """The word."""
        shape = "".join(self.shape)
        inside = _between(shape, "{", "}")
        braces = "," in inside or ".." in inside
        globs = "*" in shape or "?" in shape or bool(_between(shape, "[", "]"))
        fixed = self.fixed and not braces and not globs
        names, bare = tuple(self.names), tuple(self.bare)
        return Word("".join(self.text), fixed, self.loose or braces, names, bare, "".join(self.literal), shape)


def _between(text: str, opening: str, closing: str) -> str:
    """What stands between the first of one sign and the last of another."""
    return text[text.find(opening) + 1 : text.rfind(closing)] if opening in text else ""


class WordReader(Cursor, ABC):
    """Reads words; what a substitution runs, the grammar reads."""

    def __init__(self, text: str, script: Script, depth: int = 0) -> None:
        super().__init__(text, depth)
        self.script = script

    @abstractmethod
    def substitution(self) -> None:
        """Commands up to the `)` that ends them."""

    @abstractmethod
    def nested(self, text: str) -> None:
        """A script of its own, which stands between backticks."""

    def word(self) -> Word:
        """The word that begins here; not fixed and empty where none does."""
        building = Building()
        while (one := self.peek()) and (one not in _ENDS or self.peek(2) in ("<(", ">(")):
            if one in "<>":
                self._process(building)
            elif self.take("\\\n"):
                continue
            else:
                self._part(building, one)
        return building.done()

    def _part(self, building: Building, one: str) -> None:
        if one == "\\":
            if len(self.peek(2)) < 2:
                raise self.refused("it ends in a backslash")
            building.quoted(self.peek(2)[1])
            self.at += 2
        elif one == "'":
            self.at += 1
            building.shape.append("\0")
            building.quoted(self.until("'"))
        elif one == '"':
            self._double(building)
        elif one == "$":
            self._dollar(building, in_quotes=False)
        elif one == "`":
            self._backticks(building, in_quotes=False)
        else:
            building.plain(one)
            self.at += 1

    def _process(self, building: Building) -> None:
        """`<(command)`: the word is the name of a pipe."""
        start = self.at
        self.at += 2
        self.substitution()
        building.later(self.text[start : self.at])

    def _double(self, building: Building) -> None:
        self.expect('"')
        building.shape.append("\0")
        while not self.take('"'):
            self._in_double(building, '$`"\\')

    def _in_double(self, building: Building, escaped: str) -> None:
        """One piece of what stands in double quotes or in a here-document."""
        one = self.peek()
        if not one:
            raise self.refused('`"` is missing')
        if one == "\\":
            following = self.peek(2)[1:]
            self.at += 2
            if following != "\n":
                building.quoted(following if following and following in escaped else "\\" + following)
        elif one == "$":
            self._dollar(building, in_quotes=True)
        elif one == "`":
            self._backticks(building, in_quotes=True)
        else:
            building.quoted(one)
            self.at += 1

    def _dollar(self, building: Building, in_quotes: bool) -> None:
        start = self.at
        self.at += 1
        one = self.peek()
        if self.peek(2) == "\\\n" or one == "[":
            raise self.refused("what stands after `$` is not read")
        if one == "(":
            self._parentheses(building, start)
        elif one == "{":
            self._braces(building, start, in_quotes)
        elif one == "'" and not in_quotes:
            self._ansi(building)
        elif one == '"' and not in_quotes:
            self._double(building)
        elif name := self.match(_NAME) or (one if (one and one in "@*#?$!-") or one.isdecimal() else ""):
            self.at += len(name)
            building.later("$" + name, name, in_quotes=in_quotes)
        else:
            (building.quoted if in_quotes else building.plain)("$")

    def _parentheses(self, building: Building, start: int) -> None:
        if self.take("(("):
            self.arithmetic()
        else:
            self.expect("(")
            before = len(self.script.commands)
            self.substitution()
            building.prints(self.script, before)
        building.later(self.text[start : self.at])

    def arithmetic(self) -> None:
        """What is computed, up to its `))`; commands in it are run."""
        self.deeper()
        inside, open_ones = Building(), 0
        while open_ones or not self.take("))"):
            one = self.peek()
            if one in ("", "'", "\\", ";"):
                raise self.refused("the computation is not read")
            open_ones += {"(": 1, ")": -1}.get(one, 0)
            if one == '"':
                self._double(inside)
            else:
                self._in_double(inside, "")
        self.depth -= 1

    def _braces(self, building: Building, start: int, in_quotes: bool) -> None:
        """`${name}`, and with an operator: a default is one of the values the name can have."""
        self.deeper()
        self.expect("{")
        if self.peek() in "#!" and self.peek(2)[1:] not in ("}", ":", "-", ""):
            self.at += 1
        name = self.match(_PARAMETER)
        if name is None:
            raise self.refused("the expansion after `${` is not read")
        self.at += len(name)
        bare = name.split("[")[0]
        operator = self.match(_DEFAULT) or self.match(_TRIMMED) or ""
        if not operator and self.peek() != "}":
            raise self.refused(f"the expansion of `{name}` is not read")
        self.at += len(operator)
        operand = self._operand(in_quotes)
        if _DEFAULT.fullmatch(operator):
            self.script.give(bare, operand)
        if operator.endswith("="):
            self.script.commands.append(Simple(assigned=((bare, operand),)))
        self.depth -= 1
        building.names += operand.names
        building.bare += [] if in_quotes else operand.names
        building.later(self.text[start : self.at], bare, in_quotes=in_quotes)

    def _operand(self, in_quotes: bool) -> Word:
        operand = Building()
        while not self.take("}"):
            one = self.peek()
            two = self.peek(2)
            if one in ("", "\n", "{") or two in ("<(", ">(") or (in_quotes and (one == "'" or two == "$'")):
                raise self.refused("the expansion after `${` is not read")
            if one == "@" and not operand.text:
                raise self.refused("an expansion with `@` can run its value")
            self._part(operand, one)
        return operand.done()

    def _ansi(self, building: Building) -> None:
        """`$'…'`: only the plainest escapes are read."""
        self.expect("'")
        while not self.take("'"):
            one = self.peek()
            if not one:
                raise self.refused("`'` is missing")
            self.at += 1
            if one == "\\":
                one = _ANSI.get(self.peek(), "")
                if not one:
                    raise self.refused("an escape in `$'…'` is not read")
                self.at += 1
            building.quoted(one)

    def _backticks(self, building: Building, in_quotes: bool) -> None:
        """Inside, a backslash quotes only `$`, a backtick and itself; in double quotes also these."""
        start = self.at
        self.at += 1
        inside: list[str] = []
        while (one := self.peek()) != "`":
            if not one:
                raise self.refused("a backtick is missing")
            following = self.peek(2)[1:]
            if one == "\\" and following and following in ('$`\\"' if in_quotes else "$`\\"):
                inside.append(following)
                self.at += 2
            else:
                inside.append(one)
                self.at += 1
        self.at += 1
        before = len(self.script.commands)
        self.nested("".join(inside))
        building.prints(self.script, before)
        building.later(self.text[start : self.at])

    def expanded(self) -> Word:
        """The whole text as a here-document expands it."""
        body = Building()
        while self.at < len(self.text):
            self._in_double(body, "$`\\")
        return body.done()
