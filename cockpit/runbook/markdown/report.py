"""What an import came to: for each block of the document what it became, or why it stayed text; and what is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cockpit.runbook.markdown.findings import Ask, Finding
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.model import Runbook, Step
from cockpit.runbook.parameters import STANDING, Parameter


@dataclass(frozen=True, slots=True)
class Outcome:
    """A block and what it came to.

    Attributes:
        line: its first line; `end` is its last.
        kind: what it is in Markdown.
        became: what was made of it; empty where it stayed text.
        why: why it stayed text, or what of it did.
    """

    line: int
    end: int
    kind: str
    became: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A step that cannot run before a person has said something; `needs` are parameters, by name."""

    step: str
    line: int
    needs: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to.

    Attributes:
        outcomes: one for each block, in the document's order; every line that is not empty is in one.
        asks: what a person must still decide.
        open: steps that want a value which nothing gives, or that a person must do by hand though they are commands.
        commands: how many commands were found, waiting not counted; `runnable` of them are actions.
    """

    file: str
    outcomes: tuple[Outcome, ...]
    asks: tuple[Ask, ...]
    open: tuple[Open, ...]
    commands: int
    runnable: int

    @property
    def text(self) -> tuple[Outcome, ...]:
        """The blocks that stayed text."""
        return tuple(each for each in self.outcomes if not each.became)

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "file": self.file,
            "commands": self.commands,
            "runnable": self.runnable,
            "blocks": [
                {"line": each.line, "end": each.end, "kind": each.kind, "became": list(each.became), "why": each.why}
                for each in self.outcomes
            ],
            "asks": [{"line": each.line, "question": each.question} for each in self.asks],
            "open": [
                {"step": each.step, "line": each.line, "needs": list(each.needs), "why": each.why} for each in self.open
            ],
        }

    def lines(self) -> Iterator[str]:
        """The report for people, line by line."""
        yield f"{self.file}: {self.commands} commands, {self.runnable} of them can be run from here"
        yield from _headed("What each block became", (_said(each) for each in self.outcomes))
        yield from _headed("What you must still decide", (f"{each.line}: {each.question}" for each in self.asks))
        yield from _headed("What these steps wait for", (_waiting(each) for each in self.open))


def report(document: Document, runbook: Runbook, findings: Iterable[Finding], asks: Iterable[Ask]) -> Report:
    """The report on an import; `findings` are what the parts of the reader made of which block."""
    said: dict[tuple[int, int, str], dict[str, None]] = {}
    for finding in findings:
        said.setdefault(_key(finding.block), {})[finding.became] = None
    became = {key: list(words) for key, words in said.items()}
    for heading in _over(document.blocks, set(became)):
        became.setdefault(_key(heading), ["heading over what stands under it"])
    outcomes = tuple(each for block in document.blocks for each in _outcomes(block, became.get(_key(block), [])))
    steps = [
        step for step in runbook.steps() if step.command or not (step.action is None or step.action.kind == "wait")
    ]
    runs = sum(step.action is not None for step in steps)
    waiting = tuple(sorted(_open(runbook), key=lambda each: each.line))
    unique = tuple(sorted(set(asks), key=lambda ask: (ask.line, ask.question)))
    return Report(document.file, outcomes, unique, waiting, len(steps), runs)


def _over(blocks: Sequence[Block], used: set[tuple[int, int, str]]) -> Iterator[Block]:
    """The headings under which something became more than text."""
    above: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            above = [each for each in above if each.level < block.level] + [block]
        elif _key(block) in used:
            yield from above
            above = []


def _key(block: Block) -> tuple[int, int, str]:
    return block.line, block.end, block.kind


def _outcomes(block: Block, found: list[str]) -> Iterator[Outcome]:
    """What a block came to; of a fence that was read again only its two marks, as its content follows by itself."""
    if block.reread:
        yield Outcome(block.line, block.line, block.kind, (*found, "read again as Markdown"))
        if block.end > block.line:
            yield Outcome(block.end, block.end, block.kind, (f"the last line of what begins on line {block.line}",))
        return
    texts = [each.removeprefix("text: ") for each in found if each.startswith("text: ")]
    became = tuple(each for each in found if not each.startswith("text: "))
    if block.kind == "rule":
        became = ("a line between parts",)
    yield Outcome(block.line, block.end, block.kind, became, "; ".join(texts) or ("" if became else _why(block)))


def _why(block: Block) -> str:
    """Why a block that became nothing stayed text."""
    above = f" under “{block.headings[-1]}”" if block.headings else ""
    match block.kind:
        case "heading":
            return "a heading over text"
        case "list-item" | "task":
            return f"a point without a command, a bound or a name to reach{above}"
        case "table":
            return f"a table without severities, bounds, contacts or commands{above}"
        case "fence" | "code":
            return f"nothing in it can be run{above}"
        case "html":
            return "HTML; only its words"
    return f"prose{above}"


def _open(runbook: Runbook) -> Iterator[Open]:
    for step in runbook.steps():
        wanted = tuple(each.name for each in runbook.parameters_of(step) if _asks(each, step))
        if step.command:
            yield Open(step.id, step.source.line, why=step.note or "a person runs it")
        elif wanted:
            yield Open(step.id, step.source.line, wanted)


def _asks(parameter: Parameter, step: Step) -> bool:
    return (
        parameter in step.parameters
        and parameter.default is None
        and parameter.from_ is None
        and (parameter.name not in STANDING)
    )


def _headed(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield f"{title}:"
        yield from (f"  {line}" for line in found)


def _said(outcome: Outcome) -> str:
    where = f"{outcome.line}" if outcome.line == outcome.end else f"{outcome.line}–{outcome.end}"
    what = "; ".join(
        f"{text} ({count} times)" if count > 1 else text for text, count in Counter(outcome.became).items()
    )
    stayed = f"text: {outcome.why}" if outcome.why else ""
    return f"{where} {outcome.kind}: {'; '.join(filter(None, (what, stayed)))}"


def _waiting(each: Open) -> str:
    what = f"wants {', '.join(each.needs)}" if each.needs else f"by hand: {each.why}"
    return f"{each.line}: {each.step} {what}"
