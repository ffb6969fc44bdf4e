"""Programs whose first words say what they do: `systemctl status`, `helm get values`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.runbook.risk.call import Call
from cockpit.runbook.risk.judgement import Judgement
from cockpit.runbook.risk.options import Options, Syntax
from cockpit.runbook.risk.words import Word


@dataclass(frozen=True, slots=True)
class Verbs:
    """What the first words of a program mean; those in no list change something.

    Attributes:
        reading: verbs such as `status`, `env ls` or, with all that begin so, `describe-*`.
        words: the most words that a verb has.
    """

    how: Syntax
    reading: frozenset[str]
    destroying: frozenset[str] = frozenset()
    words: int = 2

    def judge(self, call: Call, options: Options | None = None) -> Judgement:
        """What a call does by its verb."""
        options = options or call.options(self.how)
        if options.early:
            return call.changes(options.early, "is an option that is not known, so its verb is uncertain")
        phrase = self.phrase(options.operands[: options.certain])
        if not phrase:
            return call.unknown(why="without a verb is not known")
        for kinds, judged in ((self.destroying, call.destroys), (self.reading, call.reads)):
            if found := self.found(phrase, kinds):
                return judged(found)
        first = phrase[0]
        is_group = any(each.startswith(first + " ") for each in self.reading | self.destroying)
        return call.changes(" ".join(phrase) if is_group else first)

    def found(self, phrase: Sequence[str], kinds: frozenset[str]) -> str:
        """The verb of `kinds` with which the phrase begins."""
        for length in range(len(phrase), 0, -1):
            text = " ".join(phrase[:length])
            if text in kinds or any(each.endswith("*") and text.startswith(each[:-1]) for each in kinds):
                return text
        return ""

    def phrase(self, operands: Sequence[Word]) -> list[str]:
        """The first words that are certain, as many as a verb can have."""
        found: list[str] = []
        for operand in operands[: self.words]:
            if not operand.fixed or operand.loose or operand.text.startswith("-"):
                break
            found.append(operand.text)
        return found


def verbs(how: Syntax, reading: str, destroying: str = "", words: int = 2) -> Verbs:
    """`Verbs` from lists with commas between them."""
    split = [frozenset(" ".join(each.split()) for each in given.split(",")) - {""} for given in (reading, destroying)]
    return Verbs(how, split[0], split[1], words)
