"""Reads simple commands of a script: assignments, words, redirections and here-documents."""

from __future__ import annotations

import dataclasses
import re
from abc import abstractmethod

from cockpit.runbook.risk.shell.cursor import HereDocument
from cockpit.runbook.risk.shell.reading import WordReader
from cockpit.runbook.risk.shell.syntax import Redirect, Script, Simple
from cockpit.runbook.risk.words import UNKNOWN, Word

RESERVED = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "function",
        "{",
        "}",
        "[[",
        "select",
        "coproc",
    ]
)
_REDIRECT = re.compile(r"\d*(&>>|&>|<<<|<<-|<<|<>|<&|<|>>|>\||>&|>)(?!\()")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?\+?=", re.A)
_AWAITED = Word("", fixed=False)
"""What a here-document says, until its text is read."""


class CommandReader(WordReader):
    """Reads simple commands into a `Script`. `fed` is what the command that is read now gets as its input."""

    def __init__(self, text: str, script: Script, depth: int = 0, fed: Word | None = None) -> None:
        super().__init__(text, script, depth)
        self.fed = fed

    @abstractmethod
    def function(self, words: list[Word], more: bool) -> None:
        """The definition of a function whose name is read; the grammar knows how."""

    def lines(self) -> None:
        """Goes past blanks, comments and ends of lines; here-documents stand behind the end of a line."""
        self.blanks()
        while self.take("\n"):
            for each in self.waiting:
                self._here_document(each)
            self.waiting = []
            self.blanks()

    def simple(self) -> Simple | None:
        """A simple command; None where it turned out to be the definition of a function."""
        command = Simple(stdin=self.fed)
        words: list[Word] = []
        assigned: list[tuple[str, Word]] = []
        while True:
            self.blanks()
            if self.match(_REDIRECT):
                self._redirect(command)
            elif self.peek() in ("", *"\n;&|)"):
                break
            elif self.peek() == "(":
                self.function(words, bool(assigned or command.redirects))
                return None
            else:
                self._word(words, assigned)
        if words and words[0].shape in RESERVED:
            raise self.refused(f"`{words[0].text}` is not expected here")
        if not (words or assigned or command.redirects):
            raise self.refused("a command is missing")
        command.words, command.assigned = tuple(words), tuple(assigned)
        self.script.commands.append(command)
        return command

    def _word(self, words: list[Word], assigned: list[tuple[str, Word]]) -> None:
        word = self.word()
        found = _ASSIGNED.match(word.shape)
        if found and self.peek() == "(" and self.text[self.at - 1] == "=":
            self._array(found[1], assigned if not words else [])
            if words:
                words.append(dataclasses.replace(word, fixed=False, names=(*word.names, found[1])))
            return
        if not found:
            words.append(word)
            return
        value = dataclasses.replace(
            word,
            text=word.text[word.text.index("=") + 1 :],
            literal=word.literal[word.literal.index("=") + 1 :],
            shape=word.shape[found.end() :],
        )
        self.script.give(found[1], value)
        if words:
            words.append(word)
        else:
            assigned.append((found[1], value))

    def _array(self, name: str, assigned: list[tuple[str, Word]]) -> None:
        self.expect("(")
        self.lines()
        while not self.take(")"):
            element = self.word()
            if not element.shape:
                raise self.refused("the list of values is not read")
            self.script.give(name, element)
            assigned.append((name, element))
            self.lines()
        if not assigned:
            assigned.append((name, Word("")))

    def redirects(self) -> tuple[Redirect, ...]:
        """The redirections behind a compound command."""
        holder = Simple()
        self.blanks()
        while self.match(_REDIRECT):
            self._redirect(holder)
            self.blanks()
        return holder.redirects

    def _redirect(self, command: Simple) -> None:
        operator = self.match(_REDIRECT) or ""
        self.at += len(operator)
        operator = operator.lstrip("0123456789")
        self.blanks()
        start = self.at
        target = self.word()
        if not target.shape:
            raise self.refused(f"`{operator}` has no target")
        if operator in ("<<", "<<-"):
            if not target.fixed or "\n" in self.text[start : self.at]:
                raise self.refused("the end of the here-document is not read")
            document = HereDocument(target.text, "\0" in target.shape, operator == "<<-", command)
            self.waiting.append(document)
            command.redirects = (*command.redirects, Redirect(operator, target))
            command.stdin = _AWAITED
            return
        command.redirects = (*command.redirects, Redirect(operator, target))
        if operator == "<<<":
            command.stdin = target
        elif operator in ("<", "<&", "<>"):
            command.stdin = Word("") if target.fixed and target.text == "/dev/null" else UNKNOWN

    def _here_document(self, document: HereDocument) -> None:
        lines: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise self.refused(f"the here-document does not end with {document.delimiter}")
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            line = self.text[self.at : end]
            line = line.lstrip("\t") if document.tabs else line
            self.at = end if line == document.delimiter else min(end + 1, len(self.text))
            if line == document.delimiter:
                break
            lines.append(line)
        if not document.quoted and lines and lines[-1].endswith("\\"):
            raise self.refused("the here-document's last line is continued")
        text = "".join(f"{line}\n" for line in lines)
        document.command.stdin = Word(text, literal=text) if document.quoted else self._expanded(text)
        self.take("\n")

    def _expanded(self, text: str) -> Word:
        inner = type(self)(text, self.script, self.depth + 1, self.fed)
        inner.deeper()
        return inner.expanded()
