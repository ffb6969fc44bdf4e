"""What a part of the reader hands back: the things it found, the blocks that they come from, what a person must say."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cockpit.runbook.markdown.text.blocks import Block

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a block became, or why it stayed text: `threshold error-rate`, `contact stripe-support`."""

    block: Block
    became: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person must still decide or fill in.

    Attributes:
        line: where the document says it.
        question: one sentence, with what to do.
    """

    line: int
    question: str


@dataclass(frozen=True, slots=True)
class Read(Generic[Thing]):
    """What was found of one subject.

    Attributes:
        things: in the document's order.
        findings: one for each block that was used; a block may have several.
        asks: what a person must still say.
    """

    things: Thing
    findings: tuple[Finding, ...] = ()
    asks: tuple[Ask, ...] = ()


@dataclass(slots=True)
class Notes:
    """Findings and asks as they come together."""

    findings: list[Finding] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)

    def became(self, block: Block, what: str) -> None:
        """`block` became `what`."""
        self.findings.append(Finding(block, what))

    def ask(self, line: int, question: str) -> None:
        """A person must answer `question` about `line`."""
        self.asks.append(Ask(line, question))

    def read(self, things: Thing) -> Read[Thing]:
        """What was found, with all that was noted."""
        return Read(things, tuple(self.findings), tuple(self.asks))


@dataclass(slots=True)
class Given:
    """Ids that were given, none of them twice; many that want the same cost no more than one each."""

    taken: set[str] = field(default_factory=set)
    _last: dict[str, int] = field(default_factory=dict)

    def new(self, wanted: str) -> str:
        """`wanted`, or with the next free number behind it where it is taken."""
        number, found = self._last.get(wanted, 1), wanted
        while found in self.taken:
            number += 1
            found = f"{wanted}-{number}"
        self._last[wanted] = number
        self.taken.add(found)
        return found


def unique(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or with the first free number behind it where it is taken."""
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found
