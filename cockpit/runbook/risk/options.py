"""Options and operands of a command line, read the way the program that gets them does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cockpit.runbook.risk.words import Word


@dataclass(slots=True)
class Options:
    """A command line taken apart.

    Attributes:
        given: each option in order, `-x` or `--name`, with its value.
        operands: what is no option.
        rest: what stands behind `--`; None without one.
        early: an option before the first operand that is not known, so that the next word may be its value.
        certain: how many operands surely are operands, and no value of an option that is not known.
        loose: a word that may turn out to be an option, or several words.
    """

    given: list[tuple[str, Word | None]] = field(default_factory=list)
    operands: list[Word] = field(default_factory=list)
    rest: tuple[Word, ...] | None = None
    early: str = ""
    certain: int = 1_000_000
    loose: Word | None = None

    def has(self, *names: str) -> bool:
        """Whether one of the options is given, by exactly that name."""
        return any(name in names for name, _ in self.given)

    def may(self, *names: str) -> bool:
        """Whether one of the options may be meant: getopt takes any beginning of a long name."""
        return any(
            given in names or (len(given) > 2 and given[:2] == "--" and any(name.startswith(given) for name in names))
            for given, _ in self.given
        )

    def values(self, *names: str) -> list[Word]:
        """The values that the options have been given."""
        return [value for name, value in self.given if name in names and value is not None]

    def switched(self, *names: str) -> bool:
        """Whether a switch is on: given, and not as `--name=false`."""
        return any(name in names and (value is None or value.text != "false") for name, value in self.given)

    @property
    def verb(self) -> str:
        """The first operand, where it is certain; else nothing."""
        if self.early or not self.operands or not self.operands[0].fixed:
            return ""
        return self.operands[0].text


@dataclass(frozen=True, slots=True)
class Syntax:
    """Which options take a value.

    Attributes:
        valued: options whose value is the next word, or stands behind `=` or right behind the letter.
        switches: the other ones that are known.
        strict_switches: whether an option that is in neither makes it uncertain what is an operand.
        first: options end at the first operand, as those of `sudo` do.
        letters: `-it` is two options; where not, `-name` is one.
    """

    valued: frozenset[str] = frozenset()
    switches: frozenset[str] = frozenset()
    strict_switches: bool = False
    first: bool = False
    letters: bool = True


def names(text: str) -> frozenset[str]:
    """The names in a text with spaces between them."""
    return frozenset(text.split())


def syntax(
    valued: str = "", switches: str = "", *, strict: bool = False, first: bool = False, letters: bool = True
) -> Syntax:
    """A `Syntax` from names with spaces between them."""
    return Syntax(names(valued), names(switches), strict, first, letters)


def read(words: Sequence[Word], how: Syntax) -> Options:
    """Takes a command line apart."""
    options = Options()
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if word.loose:
            options.loose = options.loose or word
        if word.text == "--" and word.fixed:
            options.rest = tuple(words[index:])
            break
        if not word.text.startswith("-") or word.text == "-":
            options.operands.append(word)
            if how.first:
                options.operands.extend(words[index:])
                break
            continue
        if _option(options, word, how) and index < len(words):
            name, _ = options.given[-1]
            options.given[-1] = (name, words[index])
            options.loose = options.loose or (words[index] if words[index].loose else None)
            index += 1
    return options


def _option(options: Options, word: Word, how: Syntax) -> bool:
    """Takes one word with options apart; says whether the next word is the value of its last."""
    if word.text.startswith("--") or not how.letters:
        name, equals, value = word.text.partition("=")
        _note(options, name, Word(value, word.fixed, names=word.names) if equals else None, how)
        return not equals and name in how.valued
    letters = word.text[1:]
    for place, letter in enumerate(letters):
        name, value = "-" + letter, letters[place + 1 :]
        if name in how.valued:
            value = value.removeprefix("=")
            _note(options, name, Word(value, word.fixed, names=word.names) if value else None, how)
            return not value
        _note(options, name, None, how)
    return False


def _note(options: Options, name: str, value: Word | None, how: Syntax) -> None:
    options.given.append((name, value))
    known = name in how.valued or name in how.switches or value is not None
    if not how.strict_switches or known:
        return
    options.certain = min(options.certain, len(options.operands))
    if not options.operands and not options.early:
        options.early = name


def texts(words: Iterable[Word]) -> str:
    """Words as one line."""
    return " ".join(word.text for word in words)
