"""A program with its arguments, as the rules that judge programs get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cockpit.runbook.risk.judgement import Interactive, Judgement, asks, changes, destroys, reads, short, worst
from cockpit.runbook.risk.options import Options, Syntax, read
from cockpit.runbook.risk.words import Word


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a program.

    Attributes:
        name: the program without its folder.
        stdin: what is given to it to read; None is the terminal or nothing.
        words_judged: judges other words as a command, for programs that run one.
        script_judged: judges text as a script of a shell.
    """

    name: str
    args: tuple[Word, ...]
    stdin: Word | None
    words_judged: Callable[[Sequence[Word], Word | None], Judgement]
    script_judged: Callable[[str, Word | None], Judgement]

    def options(self, how: Syntax) -> Options:
        """The arguments taken apart."""
        return read(self.args, how)

    def command(self, words: Sequence[Word]) -> Judgement:
        """What the command does that this program runs with the same input."""
        return self.words_judged(words, self.stdin)

    def code(self, word: Word, judge: Callable[[str], Judgement]) -> Judgement:
        """What text does that is a program itself; into which a value is put, nobody knows."""
        judgement = judge(word.text)
        if word.fixed:
            return judgement
        spliced = changes(f"a value becomes part of what `{self.name}` runs: `{short(word.text)}`")
        return worst([judgement, spliced])

    def reads(self, what: str = "") -> Judgement:
        """It only reads."""
        return reads(f"`{self._with(what)}` only reads")

    def changes(self, what: str = "", why: str = "changes something") -> Judgement:
        """It changes something."""
        return changes(f"`{self._with(what)}` {why}")

    def destroys(self, what: str = "", why: str = "takes something away") -> Judgement:
        """It takes something away."""
        return destroys(f"`{self._with(what)}` {why}")

    def asks(self, what: str = "", how: Interactive = "terminal") -> Judgement:
        """It wants a person."""
        whys = {"stream": "goes on until it is stopped", "forward": "is open until it is stopped"}
        return asks(f"`{self._with(what)}` {whys.get(how, 'wants a terminal')}", how)

    def unknown(self, what: str = "", why: str = "is not known") -> Judgement:
        """What it does is not known, so it counts as changing."""
        return changes(f"what `{self._with(what)}` does {why}")

    def unsure(self, options: Options) -> Judgement | None:
        """A judgement where a value may be read as an option that changes what the program does."""
        if options.loose is None:
            return None
        return changes(f"`{short(options.loose.text)}` may hold options of `{self.name}`")

    def _with(self, what: str) -> str:
        return f"{self.name} {short(what)}".strip()


Rule = Callable[[Call], Judgement]
Rules = Mapping[str, Rule]


def plain(call: Call) -> Judgement:
    """A program that only reads whatever it is told."""
    return call.reads()
