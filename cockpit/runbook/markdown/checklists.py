"""Checklists of a document: its boxes, and the lists of its phases, by role; and what is to be done afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from cockpit.runbook.checklists import Checklist, Item, Phase, PostIncident
from cockpit.runbook.markdown.boxes import Box, box_of, due_within, without_box
from cockpit.runbook.markdown.findings import Given, Notes, Read
from cockpit.runbook.markdown.severities.levels import leading_level
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import bold_lead, plain
from cockpit.runbook.markdown.thresholds.metrics import slug
from cockpit.runbook.model import Source
from cockpit.values import replace

Role = Literal["ic", "ops", "comms", "scribe", "tl", "oncall", "support"]

_AFTER = re.compile(
    r"(?i)\bpost-?(?:incident|mortem|event)|\bretrospective|\bfollow-?ups?\b|\bafter (?:the )?incident\b"
    r"|\blessons learned\b|\bafter action\b"
)
_LIST = re.compile(r"(?i)\bcheck-?lists?\b")
_OWNERS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("ic", re.compile(r"(?i)\bincident (?:commander|manager|lead)\b|\bcommander'?s?\b|\bIC\b")),
    ("comms", re.compile(r"(?i)\bcommunications? (?:lead|manager|officer)\b|\bcomms\b")),
    ("scribe", re.compile(r"(?i)\bscribe\b|\bnote ?taker\b")),
    ("tl", re.compile(r"(?i)\b(?:technical|tech|engineering) lead\b")),
    ("ops", re.compile(r"(?i)\boperations? lead\b|\bops lead\b")),
    ("oncall", re.compile(r"(?i)\bon-?call\b|\bfirst responders?\b")),
    ("support", re.compile(r"(?i)\bsupport (?:team|lead)\b|\bcustomer support\b")),
)
_SUBJECTS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("scribe", re.compile(r"(?i)\bdocumentation\b|\btimeline\b")),
    ("comms", re.compile(r"(?i)\bcommunicat\w*|\bnotif\w+|\bstakeholders?\b|\bstatus page\b")),
    ("tl", re.compile(r"(?i)\broot cause\b|\binvestigat\w*|\brecovery\b|\bdiagnos\w*|\bresolution\b")),
    (
        "oncall",
        re.compile(
            r"(?i)\balert response\b|\btriage\b|\bimpact assessment\b|\bseverity classification\b|\bdetection\b"
        ),
    ),
)
_TITLES: dict[Role, str] = {
    "ic": "Incident commander", "ops": "Operations lead", "comms": "Communications lead", "scribe": "Scribe",
    "tl": "Technical lead", "oncall": "On-call engineer", "support": "Support",
}  # fmt: skip
_DEED = re.compile(
    r"(?i)^\W*(?:acknowledge|add|adjust|analy[sz]e|announce|apply|archive|assess|assign|begin|call|capture|check|close|collect"
    r"|communicate|complete|conduct|confirm|consider|contact|coordinate|create|decide|declare|deploy|determine|disable|document"
    r"|enable|ensure|escalate|establish|evaluate|examine|execute|file|fix|gather|hold|identify|implement|inform|investigate"
    r"|join|log|manage|monitor|notify|open|page|perform|post|prepare|preserve|publish|quantify|record|remove|report|resolve"
    r"|restore|review|roll|run|schedule|send|set|share|start|stop|take|test|track|update|validate|verify|write)\b"
)


@dataclass(slots=True)
class _Group:
    """A phase as it comes together: the items under one heading, of one role."""

    role: Role | Literal["after"]
    title: str
    line: int
    box: Box | None
    items: list[tuple[Block, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Checklists:
    """The lists of a document, one for each role, and the one for afterwards."""

    checklists: tuple[Checklist, ...] = ()
    post_incident: PostIncident | None = None


def read_checklists(document: Document) -> Read[Checklists]:
    """Every box of a document, and the numbered lists and deeds of its checklists, its phases and its aftermath.

    The role follows from the headings; without one, boxes are the operations lead's. Ids are made of the words, so that
    they stay when the document is read again.
    """
    notes = Notes()
    groups = _placed(list(_groups(document)))
    ids = Given()
    found: dict[str, list[Phase]] = {}
    for group in groups:
        found.setdefault(group.role, []).append(_phase(group, document.file, ids, notes))
    checklists = tuple(_checklist(role, found[role]) for role in _TITLES if role in found)
    after = found.get("after")
    if after is None:
        return notes.read(Checklists(checklists))
    title = next((group.title for group in groups if group.role == "after"), "")
    return notes.read(
        Checklists(
            checklists, PostIncident(title=title or "After the incident", phases=tuple(after), source=after[0].source)
        )
    )


def _groups(document: Document) -> Iterator[_Group]:
    """The items under each heading, in order; those of an aftermath that have a time of their own apart."""
    heading: Block | None = None
    timing: dict[int, str] = {}
    group: _Group | None = None
    for block in document.blocks:
        if block.kind == "heading":
            if group and group.items:
                yield from _apart(group)
            timing = {level: text for level, text in timing.items() if level < block.level}
            heading, group = block, None
            continue
        lead = bold_lead(block.text) if block.kind == "paragraph" else None
        if lead and lead[1] and heading and re.match(r"(?i)timing|when|due|deadline", lead[0]):
            timing[heading.level] = plain(lead[1])
        if not _is_item(block):
            continue
        if group is None:
            group = _group(block, heading, next(reversed(timing.values()), ""))
        group.items.append((block, _words(block)))
    if group and group.items:
        yield from _apart(group)


def _group(block: Block, heading: Block | None, timing: str) -> _Group:
    above = (*block.headings,)
    after = any(_AFTER.search(each) for each in above)
    title = heading.text if heading else "Checklist"
    box = next((found for each in (title, *reversed(above[:-1])) if (found := box_of(each, after=after))), None)
    if after and box is None and (within := due_within(timing)):
        box = Box(timing, within=within)
    role: Role | Literal["after"] = "after" if after else _role(above)
    return _Group(role, without_box(title) or "Checklist", heading.line if heading else block.line, box)


def _apart(group: _Group) -> Iterator[_Group]:
    if group.role != "after" or (group.box and group.box.within):
        yield group
        return
    dated = [(block, words) for block, words in group.items if due_within(words)]
    rest = [each for each in group.items if each not in dated]
    if rest:
        yield replace(group, items=rest)
    for block, words in dated:
        within = due_within(words)
        box = Box(words, within=within)
        title = f"{group.title} within {within}" if rest else group.title
        yield _Group(group.role, title, group.line, box, [(block, words)])


def _is_item(block: Block) -> bool:
    """Whether a block is something to tick: a box anywhere; a numbered item or a deed of a list that is one."""
    if block.kind == "task":
        return bool(plain(block.text))
    words = plain(block.text)
    if block.kind != "list-item" or not words or leading_level(words):
        return False
    if words.endswith((":", "?")) and block.ordinal is None:
        return False
    if block.depth > 1 and block.ordinal is None:
        return False
    listed = any(_LIST.search(each) for each in (*block.headings, block.label))
    if listed:
        return not re.search(r"`", block.text)
    after = any(_AFTER.search(each) for each in block.headings[1:] or block.headings)
    boxed = any(box_of(each, after=after) for each in block.headings)
    if not (after or boxed) or re.search(r"`[^`]*[ ][^`]*`", block.text):
        return False
    return block.ordinal is not None or bool(_DEED.match(words))


def _words(block: Block) -> str:
    return re.sub(r"\s+", " ", plain(block.text)).strip()[:1000]


def _role(headings: tuple[str, ...]) -> Role:
    """Whose a list is: of whom its headings speak, the innermost first, else of what."""
    told = (
        role
        for roles in (_OWNERS, _SUBJECTS)
        for heading in reversed(headings)
        for role, pattern in roles
        if pattern.search(heading)
    )
    return next(told, "ops")


def _aftermath(groups: list[_Group]) -> str:
    """What the document calls the time after the incident."""
    first = next(group for group in groups if group.role == "after")
    above = first.items[0][0].headings
    return next((without_box(each) for each in above if _AFTER.search(each)), first.title)[:200]


def _placed(groups: list[_Group]) -> list[_Group]:
    """The groups with those that are `ongoing` beginning where the one before of the same role ends."""
    ends: dict[str, float] = {}
    for group in groups:
        box = group.box
        if box and box.ongoing:
            group.box = replace(box, begins=ends.get(group.role, 0.0))
        elif box and box.ends is not None:
            ends[group.role] = box.ends
    return groups


def _phase(group: _Group, file: str, ids: Given, notes: Notes) -> Phase:
    short = re.sub(r"(?i)\b(?:phase|checklist|the)\b", "", group.title)
    id = ids.new(f"{group.role}.{_brief(short, 'list')}")
    items = []
    for block, words in group.items:
        item = ids.new(f"{id}.{_brief(words)}")
        items.append(Item(id=item, text=words, source=Source(file=file, line=block.line)))
        notes.became(block, f"checklist item {item}")
    box = group.box or Box("")
    return Phase.model_validate(
        {
            "id": id,
            "title": group.title[:200],
            "begins": box.begins,
            "ends": box.ends,
            "within": box.within,
            "box": box.text[:200],
            "items": tuple(items),
            "source": Source(file=file, line=group.line),
        }
    )


def _brief(words: str, otherwise: str = "item") -> str:
    """A few telling words as an id, at most 28 long, cut between words."""
    small = slug(re.sub(r"(?i)\b(?:the|a|an|of|to|and|for|is|are|if|that|with|in|on|or)\b", " ", words))
    cut = small[:28]
    return (cut.rsplit("-", 1)[0] if len(small) > 28 and "-" in cut else cut).strip("-") or otherwise


def _checklist(role: Role, phases: Iterable[Phase]) -> Checklist:
    every = tuple(phases)
    return Checklist(role=role, title=_TITLES[role], phases=every, source=every[0].source)
