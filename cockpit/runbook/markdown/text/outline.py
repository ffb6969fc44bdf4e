"""A document as sections and their parts: what stands under each heading, and under each bold label in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from cockpit.runbook.markdown.steps.titles import briefly
from cockpit.runbook.markdown.text.blocks import Block
from cockpit.runbook.markdown.text.inline import bold_lead, plain

Role = Literal["symptoms", "diagnose", "mitigate", "verify", "escalation", "other", ""]
"""What a part is for; `other` is background such as causes and prevention, "" says nothing."""

_WORDS: tuple[tuple[Role, str], ...] = (
    ("symptoms", r"symptoms?|signs|indicators?|how it shows|what you(?:'ll| will)? see"),
    ("escalation", r"escalat\w*"),
    (
        "other",
        r"causes?|background|overview|prevent\w*|context|references?|related|notes?|post[- ]?(?:incident|mortem)"
        r"|lessons|communicat\w*|templates?|contacts?|impact|severity|severities|examples?|appendix|glossary|dashboards?"
        r"|timeline|retrospective|objectives?|goals?|kpis?|criteria|r[tp]o",
    ),
    ("verify", r"verif\w*|validat\w*|confirm\w*|post[- ](?:fix|deploy\w*|rollback|recovery)|smoke"),
    (
        "mitigate",
        r"mitigat\w*|resol(?:ution|ve)\w*|recover\w*|fix(?:es)?|remed\w*|rollback|roll back|restor\w*|workarounds?"
        r"|contain(?:ment)?|solutions?|actions? to take|response actions?|repair",
    ),
    (
        "diagnose",
        r"diagnos\w*|investigat\w*|checks?|triage|assess\w*|immediate (?:actions?|response|steps)|initial|debug\w*"
        r"|troubleshoot\w*|identif\w*|root cause|first steps|analysis|actions?|steps|commands?",
    ),
)
_ROLES = tuple((role, re.compile(rf"\b(?:{words})\b", re.I)) for role, words in _WORDS)


@dataclass(slots=True)
class Part:
    """Some blocks of a section under one label; the first part of a section has none.

    Attributes:
        rest: what stands behind the label on its line.
        head: the block of the label.
    """

    label: str = ""
    rest: str = ""
    head: Block | None = None
    blocks: list[Block] = field(default_factory=list)

    @property
    def role(self) -> Role:
        """What it is for, by its label."""
        return role_of(self.label)

    def all(self) -> Iterator[Block]:
        """Its blocks, and the label's where more stands behind the label."""
        if self.head and self.rest:
            yield self.head
        yield from self.blocks


@dataclass(slots=True)
class Section:
    """A heading and what stands under it.

    Attributes:
        head: the heading; None for what stands above all headings.
        parts: its own blocks; `children` are the sections under it.
    """

    head: Block | None = None
    level: int = 0
    parts: list[Part] = field(default_factory=lambda: [Part()])
    children: list[Section] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The heading's words, without a number in front."""
        return briefly(titled(self.head.text), 200) if self.head else ""

    @property
    def role(self) -> Role:
        """What it is for, by its heading."""
        return role_of(self.title)

    def own(self) -> Iterator[Block]:
        """The blocks that stand directly under it."""
        for part in self.parts:
            yield from part.all()

    def all(self) -> Iterator[Block]:
        """The blocks under it and under its children."""
        yield from self.own()
        for child in self.children:
            yield from child.all()


def role_of(words: str) -> Role:
    """What a part with that heading or label is for."""
    return next((role for role, pattern in _ROLES if pattern.search(words)), "") if words else ""


def titled(text: str) -> str:
    """A heading's words without marks, emoji and number."""
    words = " ".join(plain(text).split())
    words = re.sub(r"^[^\w\"'`<\[({$/]+", "", words)
    words = re.sub(
        r"^(?:step\s+)?\d{1,2}(?:\.\d{1,2})*[.):]\s+|^\N{DIGIT ZERO}?\d\ufe0f?\u20e3\s*", "", words, flags=re.I
    )
    return words.strip().rstrip(":").strip() or words


def outlined(blocks: Iterable[Block]) -> Section:
    """The sections of a document; the root has no heading."""
    root = Section()
    open_: list[Section] = [root]
    for block in blocks:
        if block.kind == "heading":
            while len(open_) > 1 and open_[-1].level >= block.level:
                open_.pop()
            section = Section(block, block.level)
            open_[-1].children.append(section)
            open_.append(section)
        elif not block.reread:
            _add(open_[-1], block)
    return root


def _add(section: Section, block: Block) -> None:
    lead = _label(block)
    if lead:
        section.parts.append(Part(lead[0], lead[1], block))
    else:
        section.parts[-1].blocks.append(block)


def _label(block: Block) -> tuple[str, str] | None:
    """The label that a paragraph is, and what follows it: `**Symptoms**: slow`, or a word of a part and a colon."""
    if block.kind != "paragraph":
        return None
    lead = bold_lead(block.text)
    if lead and (not lead[1] or role_of(lead[0])):
        return lead if len(lead[0]) <= 80 else None
    words = plain(block.text)
    found = re.fullmatch(r"(?P<label>[^:\n]{3,60}):", words)
    short = found is not None and len(words.split()) <= 5
    return (found["label"], "") if found and short and role_of(found["label"]) not in ("", "other") else None
