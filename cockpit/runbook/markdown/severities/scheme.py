"""The severity scheme of a document as its blocks say it: levels, what defines them, and what is promised for each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from cockpit.runbook.markdown.findings import Notes
from cockpit.runbook.markdown.severities.levels import leading_grade, leading_level, levels_in
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import bold_lead, plain

Role = Literal["acknowledge", "response", "resolution", "update", "notification", "escalation", "commander", "impact"]

_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("commander", re.compile(r"(?i)\b(?:incident )?commander\b|\bassign(?:ment|ed)\b|\bincident lead\b|\bled by\b")),
    ("acknowledge", re.compile(r"(?i)\back(?:nowledg\w*)?\b|\btime to ack")),
    ("resolution", re.compile(r"(?i)\bresol(?:ution|ve)\b|\btime to fix\b|\brto\b|\bfix (?:time|target)\b|\bttr\b")),
    ("update", re.compile(r"(?i)\bupdates?\b|\bcadence\b|\bstatus updates?\b|\bfrequency\b")),
    ("escalation", re.compile(r"(?i)\bescalat\w*")),
    ("notification", re.compile(r"(?i)\bnotif\w*|\bcommunicat\w*|\bstakeholders?\b|\bpage[sd]?\b|\balert\b")),
    ("response", re.compile(r"(?i)\brespon(?:se|d)\w*|\bsla\b|\bslo\b|\breaction\b|\bmobili[sz]\w*")),
    ("impact", re.compile(
        r"(?i)\b(?:impact|examples?|description|definition|criteria|meaning|symptoms?|characteristics|conditions?|what|when)\b"
    )),
)  # fmt: skip
_SCHEME = re.compile(r"(?i)\b(?:severit\w*|classification|priorit(?:y|ies)|incident levels?|sev levels?)\b")
_DEFINES = re.compile(r"(?i)impacts?|examples?|descriptions?|definition|criteria|meaning|conditions?")
_NO_IMPACT = re.compile(
    r"(?i)\b(?:actions?|steps?|procedure|process|checklist|tasks?|mitigat\w*|runbook|commands?|response plan)\b"
)
_FOR = re.compile(r"(?i)(?P<what>[^,;()]{2,60}?)\s+for\s+(?P<who>.{2,40}?)(?=[,;)]|$)")


_DEEP = 99
"""Any heading ends what a bold line began."""


@dataclass(frozen=True, slots=True)
class Line:
    """Words and their line."""

    text: str
    number: int


@dataclass(slots=True)
class Level:
    """A severity as it comes together: what is said for each role is what is said first."""

    name: str
    title: str
    line: int
    impact: list[Line] = field(default_factory=list)
    said: dict[Role, Line] = field(default_factory=dict)

    def say(self, role: Role, text: str, number: int) -> bool:
        """Keeps `text` for `role`, and gives whether it is new."""
        text = text.strip(" \t.;→–—-")
        if not text or (role != "impact" and role in self.said):
            return False
        if role == "impact":
            self.impact.append(Line(text[:4000], number))
        else:
            self.said[role] = Line(text[:4000], number)
        return True


def levels(document: Document, notes: Notes) -> list[Level]:
    """The levels that a document defines, in its order; what it says of them elsewhere is added to each."""
    found: dict[str, Level] = {}
    for block in document.blocks:
        if block.kind == "table":
            _table(block, found, notes)
    tabled = bool(found)
    if not tabled:
        _sections(document, found, notes)
    if not found:
        _list(document, found, notes)
    if found:
        _elsewhere(document, found, notes)
    return list(found.values())


def role_of(text: str) -> Role | None:
    """What a heading, a label or the head of a column says about: the response, the updates, …; None for none."""
    return next((role for role, pattern in _ROLES if pattern.search(text)), None)


def _table(block: Block, found: dict[str, Level], notes: Notes) -> None:
    """A table with a level in a column of two rows or more, and a column that defines or promises something."""
    if len(block.rows) < 3:
        return
    head = [plain(cell) for cell in block.rows[0]]
    column = next((number for number in range(len(head)) if _levels_of_column(block, number)), None)
    if column is None:
        return
    names = _levels_of_column(block, column)
    roles = [None if number == column else role_of(cell) for number, cell in enumerate(head)]
    if not any(roles) or not (
        _SCHEME.search(" ".join((*block.headings, block.label, head[column]))) or "impact" in roles
    ):
        return
    for row, line in zip(block.rows[1:], block.row_lines[1:], strict=False):
        cells = [plain(cell) for cell in row]
        name = names.get(line, "")
        if not name:
            continue
        level = found.setdefault(name, Level(name, _title(cells[column], name), line))
        for number, cell in enumerate(cells[: len(head)]):
            if role := roles[number]:
                _cell(level, role, head[number], cell, line)
            elif number != column and not level.title:
                level.title = _title(cell, name)
    notes.became(block, f"severities {', '.join(found)}")


def _levels_of_column(block: Block, column: int) -> dict[int, str]:
    """The level of each line of a table by one column; nothing where fewer than two lines have one."""
    names: dict[int, str] = {}
    graded = column == 0 and _SCHEME.search(" ".join((*block.headings[-1:], block.label, plain(block.rows[0][0]))))
    for row, line in zip(block.rows[1:], block.row_lines[1:], strict=False):
        cell = plain(row[column]) if column < len(row) else ""
        if name := leading_level(cell) or (leading_grade(cell) if graded else ""):
            names[line] = name
    return names if len(set(names.values())) >= 2 else {}


def _cell(level: Level, role: Role, head: str, cell: str, line: int) -> None:
    if role == "impact" and re.search(r"(?i)description|definition|meaning", head) and (grade := leading_grade(cell)):
        level.title = level.title or grade
        cell = re.sub(r"^\W+", "", cell[len(grade) :].lstrip())
    parts = re.split(r"[,;]\s+", cell) if role == "impact" and re.search(r"(?i)example", head) else [cell]
    for part in parts:
        level.say(role, part, line)


def _sections(document: Document, found: dict[str, Level], notes: Notes) -> None:
    """Levels as headings, or as bold lines, with their definition below."""
    inside: Level | None = None
    depth = 0
    label = ""
    for number, block in enumerate(document.blocks):
        if block.kind == "heading":
            inside = None if block.level <= depth else inside
            label = ""
        name = _opens(document, number)
        if name and name not in found:
            inside, label = Level(name, _title(plain(block.text), name), block.line), ""
            depth = block.level or _DEEP
            found[name] = inside
            notes.became(block, f"severity {name}")
        elif inside and block.kind in ("paragraph", "list-item", "task"):
            label = _define(inside, block, label, notes)


def _opens(document: Document, number: int) -> str:
    """The level whose definition begins with a block; empty where none does."""
    block = document.blocks[number]
    text = plain(block.text.split("\n")[0])
    in_scheme = bool(_SCHEME.search(" ".join((*block.headings[-2:], block.label))))
    name = leading_level(text) or (leading_grade(text) if in_scheme and len(text) < 60 else "")
    if not name:
        return ""
    if block.kind == "heading":
        return name if in_scheme or _promises(document, number) else ""
    lead = bold_lead(block.text)
    return name if block.kind == "paragraph" and lead and in_scheme and not re.search(r"[/&]", lead[0]) else ""


def _promises(document: Document, number: int) -> bool:
    """Whether under a heading a line says how soon to respond, as a severity has it and a scenario has not."""
    heading = document.blocks[number]
    for block in document.blocks[number + 1 :]:
        if block.kind == "heading" and block.level <= heading.level:
            return False
        if block.kind == "heading" and role_of(plain(block.text)) is None:
            return False
        lead = bold_lead(block.text) or _labelled(block.text)
        if lead and role_of(lead[0]) in ("response", "acknowledge"):
            return True
    return False


def _define(level: Level, block: Block, label: str, notes: Notes) -> str:
    """Takes a block of a level's section; gives the label that stands over what follows."""
    lead = bold_lead(block.text) or _labelled(block.text)
    if lead and (role := role_of(lead[0])) and (role != "impact" or _DEFINES.fullmatch(lead[0])):
        if not lead[1]:
            return lead[0]
        words = plain(lead[1])
        parts = re.split(r"[,;]\s+", words) if re.match(r"(?i)example", lead[0]) else [words]
        kept = [level.say(role, part, block.line) for part in parts]
        if any(kept):
            notes.became(block, f"severity {level.name}: {role}")
        return ""
    if lead and not lead[1] and block.kind == "paragraph":
        return lead[0]
    role = (role_of(label) if label else None) or "impact"
    if (block.kind == "paragraph" and not label) or _NO_IMPACT.search(label):
        return label
    _promise(level, role, plain(block.text), block, notes)
    return label


def _labelled(text: str) -> tuple[str, str] | None:
    """`Response time: 15 minutes` without bold words."""
    found = re.match(r"^\W*([A-Za-z][A-Za-z /-]{2,30}):\s+(\S.*)$", plain(text), re.S)
    return (found[1], found[2]) if found else None


def _list(document: Document, found: dict[str, Level], notes: Notes) -> None:
    """Levels as items of a list under a heading that speaks of severities."""
    for block in document.blocks:
        parts = _of_levels(block)
        if parts and len(parts[0]) == 1 and _SCHEME.search(" ".join((*block.headings[-1:], block.label))):
            level = found.setdefault(parts[0][0], Level(parts[0][0], leading_grade(parts[1]), block.line))
            if level.say("impact", parts[1], block.line):
                notes.became(block, f"severity {level.name}")


def _elsewhere(document: Document, found: dict[str, Level], notes: Notes) -> None:
    """Items such as `P0: Every 15 minutes` under what they promise, and sentences such as `15 min for SEV-1`."""
    above: dict[int, str] = {}
    for block in document.blocks:
        if block.kind == "heading":
            above.clear()
        if block.kind not in ("list-item", "paragraph", "task"):
            continue
        words = plain(block.text)
        intro = " ".join(text for depth, text in above.items() if depth < block.depth) or above.get(-1, "")
        if block.line in {level.line for level in found.values()}:
            continue
        if parts := _of_levels(block):
            if role := _role_above(block, intro, parts[1]):
                for level in [found[name] for name in parts[0] if name in found]:
                    _promise(level, role, parts[1], block, notes)
        else:
            _sentences(words, block, found, notes)
            above = {depth: text for depth, text in above.items() if depth < block.depth}
            above[block.depth if block.depth else -1] = words if words.endswith(":") else ""


def _of_levels(block: Block) -> tuple[list[str], str] | None:
    """The levels with which a line begins and what it says of them: `P0/P1 Incidents: Updates every 15-30 minutes`."""
    if block.kind not in ("list-item", "paragraph", "task"):
        return None
    text = plain(block.text)
    if not leading_level(text):
        return None
    found = re.match(r"^(?P<head>[^:→=]{2,60}?)\s*(?:[:→=]|\s[–—-]\s)\s*(?P<rest>\S.*)$", text, re.S)
    return (levels_in(found["head"]), found["rest"].strip()) if found else None


def _role_above(block: Block, intro: str, text: str) -> Role | None:
    for words in (intro, block.label, *reversed(block.headings[-2:]), text):
        if words and (role := role_of(words)):
            return "notification" if role == "impact" else role
    return None


def _sentences(words: str, block: Block, found: dict[str, Level], notes: Notes) -> None:
    role = role_of(words)
    if role is None or role not in ("update", "acknowledge", "response") or not levels_in(words):
        return
    if re.search(r"(?i)confirm (?:the )?alert", words):
        role = "acknowledge"
    for match in _FOR.finditer(words):
        for name in levels_in(match["who"]):
            what = re.sub(r"^(?:e\.g\.|such as)\W*", "", match["what"].strip())
            if name in found and re.search(r"\d", what):
                _promise(found[name], role, what, block, notes)


def _promise(level: Level, role: Role, text: str, block: Block, notes: Notes) -> None:
    """Take what a block says of a level."""
    if level.say(role, text, block.line):
        notes.became(block, f"severity {level.name}: {role}")


def _title(text: str, name: str) -> str:
    """`P0 - Critical (Service Down)` is Critical, `SEV-1: Complete outage` is Complete outage."""
    rest = re.sub(r"^\W*(?:(?:P|S|SEV|Severity|Priority)[- ]?(?:level )?\d)\W*", "", text, flags=re.I)
    return leading_grade(rest) or (
        "" if leading_level(rest) or not rest else re.sub(r"\s*\(.*\)$", "", rest)[:200].strip(" *:-")
    )
