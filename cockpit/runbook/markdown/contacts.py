"""Whom to reach and how: contacts, the escalation ladder, and by which ways people are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.runbook.markdown.about import About, read_about, says_of_itself
from cockpit.runbook.markdown.findings import Given, Notes, Read, unique
from cockpit.runbook.markdown.placeholders.placeholders import find
from cockpit.runbook.markdown.references import read_dashboards, read_related
from cockpit.runbook.markdown.severities.levels import leading_level
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import bold_lead, plain
from cockpit.runbook.markdown.thresholds.metrics import slug
from cockpit.runbook.model import Cited, Contact, Dashboard, Related, Rung, Source

_SECTION = re.compile(
    r"(?i)\b(?:contacts?|contact (?:info\w*|list)|on-?call (?:rotations?|engineers?|schedules?|team)"
    r"|phone (?:numbers?|list)|emergency numbers|who to (?:call|contact)|escalation contacts?|vendor support)\b"
)
_NO_SECTION = re.compile(r"(?i)\b(?:checklist|template|procedure|responsibilit\w*|roles|training)\b")
_LADDER = re.compile(r"(?i)\bescalation\b(?!.*\b(?:contacts?|channel|template)\b)|\bescalate to\b|\bwhen to escalate\b")
_PEOPLE = re.compile(
    r"(?i)\b(?:engineers?|commander|managers?|lead|leads|leadership|teams?|directors?|vp|c[tesi]o|ciso|head|on-?call|support"
    r"|vendors?|owners?|dbas?|sres?|devops|security|escalate|page|call|contact|primary|secondary|tertiary)\b|@\w"
)
_WAYS = re.compile(r"(?i)\bcommunications?\b|\bchannels?\b|\bincident declaration\b")
_NO_WAYS = re.compile(
    r"(?i)\btemplates?\b|\bupdates?\b|\bpost-?incident\b|\bpost-?mortem\b|\bchecklist\b|\bretrospective\b|\bcommands\b"
)
_RUNG = re.compile(
    r"(?i)^(?:primary|secondary|tertiary|escalation|backup|l\d|level \d|tier \d|first|second|third|fourth)\b"
)
_NTH = re.compile(
    r"(?i)^(?:first|second|third|fourth|fifth|\d(?:st|nd|rd|th)|level \d|tier \d|l\d|step \d)"
    r"(?: escalation| line| level)?\W+"
)
_WHO = re.compile(
    r"(?i)\b(?:role|name|team|who|service|vendor|contact|person|provider|position|title|escalation|level|owner)\b"
)
_WHEN = re.compile(
    r"(?i)\((?P<when>(?:if|when|for|after|within)\b[^)]*)\)|,?\s+(?P<after>(?:if|when|after|within)\s.+)$"
)
_PARTS = re.compile(r"\s*(?:→|:|\s[–—-]\s)\s*")


@dataclass(frozen=True, slots=True)
class Contacts:
    """Whom to reach, by which ways, and where to look; `about` is what the document says of itself."""

    contacts: tuple[Contact, ...]
    ladder: tuple[Rung, ...]
    communications: tuple[Cited, ...]
    dashboards: tuple[Dashboard, ...]
    related: tuple[Related, ...]
    about: About


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    how: str
    line: int
    block: Block


def read_contacts(document: Document) -> Read[Contacts]:
    """The contacts of a document with its ladder, its ways of communication, dashboards, related runbooks and dates.

    A contact that is still a placeholder is kept, and asked about. The document's owner is the last contact.
    """
    notes = Notes()
    contacts = _contacts(document, notes)
    ladder = _ladder(document, contacts, notes)
    about = read_about(document, notes)
    named = [contact for contact, _ in contacts]
    if about.owner and all(contact.how != about.owner.text for contact in named):
        id = unique("document-owner", {contact.id for contact in named})
        named.append(Contact(id=id, name="Document owner", how=about.owner.text, source=about.owner.source))
    return notes.read(
        Contacts(
            tuple(named),
            ladder,
            _communications(document, notes),
            read_dashboards(document, notes),
            read_related(document, notes),
            about,
        )
    )


def entry(text: str) -> tuple[str, str] | None:
    """Name and what is said of it: `**Stripe Support**: [number]`, `On-Call → PagerDuty`, `Name - phone`."""
    lead = bold_lead(text)
    if lead and lead[0] and (said := plain(re.sub(r"^[\s:→–—-]+", "", lead[1]))):
        return lead[0], said
    parts = _PARTS.split(plain(text), maxsplit=1)
    if len(parts) == 2 and 0 < len(parts[0].strip()) <= 60 and parts[1].strip() and not re.search(r"https?$", parts[0]):
        return parts[0].strip(), parts[1].strip()
    return None


def _contacts(document: Document, notes: Notes) -> list[tuple[Contact, Block]]:
    found: list[tuple[Contact, Block]] = []
    ids = Given()
    for each in _entries(document):
        id = ids.new(slug(each.name) or "contact")
        group = plain(each.block.headings[-1])[:200] if each.block.headings else ""
        contact = Contact(
            id=id,
            name=each.name[:200],
            how=each.how[:1000],
            group=group,
            source=Source(file=document.file, line=each.line),
        )
        found.append((contact, each.block))
        notes.became(each.block, f"contact {id}")
        if contact.unfilled or find(contact.how):
            notes.ask(each.line, f"{contact.name}: `{contact.how}` is not filled in; write whom to reach, and how.")
    return found


def _entries(document: Document) -> Iterator[_Entry]:
    for block in document.blocks:
        if block.kind not in ("list-item", "paragraph", "table") or block.reread or not _is_contacts(block):
            continue
        if block.kind == "table":
            yield from _of_table(block)
        elif (found := entry(block.text)) and not leading_level(plain(block.text)) and not says_of_itself(found[0]):
            yield _Entry(*found, block.line, block)


def _is_contacts(block: Block) -> bool:
    above = (block.label, *block.headings[1:]) if len(block.headings) > 1 else (block.label, *block.headings)
    return any(_SECTION.search(each) for each in above) and not any(_NO_SECTION.search(each) for each in above[-1:])


def _of_table(block: Block) -> Iterator[_Entry]:
    head = [plain(cell) for cell in block.rows[0]]
    named = next((number for number, cell in enumerate(head) if _WHO.search(cell)), 0)
    for row, line in zip(block.rows[1:], block.row_lines[1:], strict=False):
        cells = [plain(cell) for cell in row]
        said = [(head[number], cell) for number, cell in enumerate(cells[: len(head)]) if number != named and cell]
        name = cells[named] if named < len(cells) else ""
        how = said[0][1] if len(said) == 1 else ", ".join(f"{title}: {cell}" if title else cell for title, cell in said)
        if name and how:
            yield _Entry(name, how, line, block)


def _ladder(document: Document, contacts: list[tuple[Contact, Block]], notes: Notes) -> tuple[Rung, ...]:
    """The rungs of sections about escalation, then the on-call contacts that have a place in an order."""
    found: list[Rung] = []
    for block in document.blocks:
        words = plain(block.text)
        if block.kind == "list-item" and _is_ladder(block) and not leading_level(words) and _PEOPLE.search(words):
            found.append(_rung(block, document.file))
            notes.became(block, f"rung {len(found)} of the escalation ladder")
    for contact, block in contacts:
        above = " ".join((block.label, *block.headings[-1:]))
        if _RUNG.match(contact.name) or re.search(r"(?i)\bescalation\b", above):
            who = contact.how if contact.name.lower() == "escalation" else contact.name
            found.append(Rung(text=who, contact=contact.id, source=contact.source))
            notes.became(block, f"rung {len(found)} of the escalation ladder")
    return tuple(found)


def _is_ladder(block: Block) -> bool:
    if _is_contacts(block):
        return False
    return bool(
        _LADDER.search(block.label) or (block.headings and not block.label and _LADDER.search(block.headings[-1]))
    )


def _rung(block: Block, file: str) -> Rung:
    words = plain(block.text)
    found = _WHEN.search(words)
    when = (found["when"] or found["after"]).strip(" .)") if found else ""
    text = _WHEN.sub("", words, count=1).strip(" .:")
    return Rung(text=(_NTH.sub("", text) or words)[:1000], when=when[:500], source=Source(file=file, line=block.line))


def _communications(document: Document, notes: Notes) -> tuple[Cited, ...]:
    found: list[Cited] = []
    for block in document.blocks:
        if block.kind != "list-item" or not block.headings or _is_contacts(block) or _is_ladder(block):
            continue
        above = block.label or block.headings[-1]
        words = plain(block.text)
        outer = " ".join((above, *block.headings[1:]))
        if not _WAYS.search(above) or _NO_WAYS.search(outer) or leading_level(words) or words.endswith(":"):
            continue
        found.append(Cited(text=words[:1000], source=Source(file=document.file, line=block.line)))
        notes.became(block, "a way of communication")
    return tuple(found)
