"""Variables of a script: whether a value that it gives them can turn a word into an option of the program it is for."""

from __future__ import annotations

import dataclasses
import re

from cockpit.runbook.risk.shell import Script
from cockpit.runbook.risk.words import Word

_LEADS = re.compile(r"\0*-")
_SPLITS = re.compile(r"\s\0*-")
_ROUNDS = 50
"""How often values are looked through that hold each other; what is still open then counts as an option."""
_LATER = re.compile(r"\s\0")


class Values:
    """What is known of the variables of a script.

    Attributes:
        leading: variables with a value that begins as an option does.
        splitting: variables with a value in which an option stands behind a blank: unquoted, it is a word of its own.
    """

    def __init__(self, script: Script) -> None:
        self.leading: set[str] = set()
        self.splitting: set[str] = set()
        given = {name: list(values) for name, values in script.values.items()}
        for command in script.commands:
            if command.words and (command.words[0].text in script.functions or command.words[0].text == "set"):
                given.setdefault("@", []).extend(command.words[1:])
            if command.words and command.words[0].text in ("read", "mapfile", "readarray") and command.stdin:
                for word in command.words[1:]:
                    given.setdefault(word.text, []).append(command.stdin)
        for _ in range(_ROUNDS):
            if not self._learn(given):
                return
        self.leading, self.splitting = set(given), set(given)

    def _learn(self, given: dict[str, list[Word]]) -> bool:
        """Whether anything new came out; a value may hold other variables."""
        before = len(self.leading) + len(self.splitting)
        for name, values in given.items():
            for value in values:
                names = set(value.names)
                held = names & (self.leading | self.splitting)
                if (
                    value.loose
                    or _LEADS.match(value.literal)
                    or (value.literal.startswith("\0") and names & self.leading)
                ):
                    self.leading.add(name)
                if value.loose or _SPLITS.search(value.literal) or names & self.splitting:
                    self.splitting.add(name)
                if held and _LATER.search(value.literal):
                    self.splitting.add(name)
        return len(self.leading) + len(self.splitting) > before

    def settled(self, word: Word) -> Word:
        """The word, loose where a value makes it so."""
        begins = word.literal.startswith("\0") and self.leading.intersection(word.names)
        if word.loose or not (begins or self.splitting.intersection(word.bare)):
            return word
        return dataclasses.replace(word, loose=True)
