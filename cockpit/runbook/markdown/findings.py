"""What a part of the reader hands back: the things it found, the blocks that they come from, what a person must say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cockpit.runbook.markdown.blocks import Block

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


def unique(wanted: str, taken: Callable[[str], bool] | Iterable[str]) -> str:
    """`wanted`, or with the first free number behind it where it is taken."""
    is_taken = taken if callable(taken) else frozenset(taken).__contains__
    number, found = 2, wanted
    while is_taken(found):
        found, number = f"{wanted}-{number}", number + 1
    return found
