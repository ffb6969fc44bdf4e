"""Message templates of a document: fences and prose under headings of communication, subjects, titles with messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.runbook.markdown.commands.classify import content_of
from cockpit.runbook.markdown.findings import Given, Notes, Read
from cockpit.runbook.markdown.placeholders.placeholders import find
from cockpit.runbook.markdown.placeholders.vocabulary import words
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import bold_lead, plain
from cockpit.runbook.markdown.thresholds.metrics import slug
from cockpit.runbook.model import Source, Template

_ABOUT = re.compile(
    r"(?i)\b(?:communicat\w*|templates?|notifications?|announcements?|messages?|status ?page|status updates?|e-?mails?"
    r"|declaration|stakeholders?|internal alert|customer (?:update|alert)|press|hand-?off"
    r"|slack (?:post|message|update))\b"
)
_TEMPLATES = re.compile(r"(?i)\btemplates?\b|\bmessages?\b|\bcommunications?\b")
_MESSAGE = re.compile(
    r"(?i)\b(?:status ?page|message|e-?mail|notification|announcement|update|alert|notice|statement|slack|tweet"
    r"|post)s?\b"
)
_FIELD = re.compile(r"(?i)^(?:title|subject|status|message|body|text|to|channel|headline)$")
_AUDIENCES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("support", re.compile(r"(?i)\bcustomer support\b|\bsupport (?:team|message|staff)\b")),
    (
        "customers",
        re.compile(r"(?i)\bcustomers?\b|\bclients?\b|\busers?\b|\bexternal\b|\bpublic\b|\bstatus ?page\b|\btweet\b"),
    ),
    ("partners", re.compile(r"(?i)\bpartners?\b|\bmerchants?\b")),
    ("leadership", re.compile(r"(?i)\bstakeholders?\b|\bexecutives?\b|\bleadership\b|\bmanagement\b")),
    ("internal", re.compile(r"(?i)\binternal\b|\bteam\b|\bslack\b|\bdeclar\w+\b|\bengineering\b|\bhand-?off\b")),
)
_DATA_TAGS = words(
    "yaml yml json toml ini xml hcl python py javascript js typescript ts go java diff mermaid promql bash sh shell sql"
)
_SHORT = 5
"""A line of so many words or fewer is no message."""
_EXAMPLE = re.compile(r"\bINC-\d{2,4}(?:-\d+)?\b|(?<![\w.])@[a-z]+\.[a-z]+\b|\b\d{1,2}:\d\d ?[AP]M\b")
_BOT = re.compile(r"^/[a-z]+(?: |$)")


@dataclass(frozen=True, slots=True)
class _Draft:
    title: str
    text: str
    line: int
    blocks: tuple[Block, ...]


def read_templates(document: Document) -> Read[tuple[Template, ...]]:
    """The messages that a document has ready, as they stand, with their placeholders.

    Of a message that has none but a made-up number or name where the incident's should be, a person is asked to put
    them in. Commands of a chat bot are no messages: they are said to be such in the findings.
    """
    notes = Notes()
    found: list[Template] = []
    ids = Given()
    for draft in sorted((*_fenced(document), *_fielded(document), *_prose(document)), key=lambda draft: draft.line):
        id = ids.new(slug(re.sub(r"\([^)]*\)", "", draft.title)) or "message")
        source = Source(file=document.file, line=draft.line)
        audience = _audience(draft)
        found.append(Template(id=id, title=draft.title[:200], audience=audience, text=draft.text[:4000], source=source))
        for block in draft.blocks:
            notes.became(block, f"template {id}")
        if (example := _EXAMPLE.search(draft.text)) and not find(draft.text):
            question = f"The message `{draft.title}` has example values such as `{example[0]}`; put placeholders there."
            notes.ask(draft.line, question)
    _bot_commands(document, notes)
    return notes.read(tuple(found))


def is_message(block: Block) -> bool:
    """Whether a fence, a code block or a quote is a message, by what stands above it and by what it holds."""
    if (
        block.kind not in ("fence", "code", "quote")
        or block.reread
        or not block.text.strip()
        or block.info == "front-matter"
    ):
        return False
    above = (block.label, *block.headings[-2:])
    if not any(_ABOUT.search(plain(each)) for each in above):
        return False
    tag = block.info.split()[0].lower() if block.info.split() else ""
    if tag in _DATA_TAGS or re.match(r"\s*[{\[]\s*[\"{\n]", block.text):
        return False
    if block.kind == "quote":
        return bool(_TEMPLATES.search(" ".join((block.label, *block.headings[-1:])))) and bool(find(block.text))
    prose = "\n" in block.text.strip() or len(block.text.split()) > _SHORT
    return prose and content_of(block.text, tag) in ("text", "config", "output")


def _fenced(document: Document) -> Iterator[_Draft]:
    for number, block in enumerate(document.blocks):
        if is_message(block):
            text = plain(block.text) if block.kind == "quote" else block.text.strip("\n")
            yield _Draft(_title(document, number), text, block.line, (block,))


def _fielded(document: Document) -> Iterator[_Draft]:
    """Runs of `**Title**: …`, `**Status**: …`, `**Message**: …`."""
    run: list[Block] = []
    start = 0
    for number, block in enumerate((*document.blocks, None)):
        lead = bold_lead(block.text) if block and block.kind in ("paragraph", "list-item") else None
        if block and lead and lead[1] and _FIELD.match(lead[0]):
            start = number if not run else start
            run.append(block)
            continue
        if len(run) >= 2 and any(re.match(r"(?i)\W*(?:message|body|text|title|subject)", each.text) for each in run):
            text = "\n".join(plain(each.text) for each in run)
            yield _Draft(_title(document, start), text, run[0].line, tuple(run))
        run = []


def _prose(document: Document) -> Iterator[_Draft]:
    """Paragraphs alone under a heading that names a message, within a section of templates."""
    for number, block in enumerate(document.blocks):
        if block.kind != "heading" or not _MESSAGE.search(plain(block.text)):
            continue
        if not any(re.search(r"(?i)\btemplates?\b", each) for each in block.headings):
            continue
        below = _section(document, number)
        prose = [each for each in below if each.kind == "paragraph"]
        if prose and len(prose) == len(below) and not any(bold_lead(each.text) for each in prose):
            text = "\n\n".join(plain(each.text) for each in prose)
            yield _Draft(plain(block.text), text, prose[0].line, tuple(prose))


def _section(document: Document, number: int) -> list[Block]:
    """The blocks between a heading and the next, rules left out; nothing where one introduces something else."""
    found: list[Block] = []
    for block in document.blocks[number + 1 :]:
        if block.kind == "heading":
            break
        if block.kind != "rule":
            found.append(block)
    return [] if any(each.text.rstrip().endswith(":") for each in found) else found


def _title(document: Document, number: int) -> str:
    """What introduces a message: the label or list item right above it where that names one, else the heading."""
    block = document.blocks[number]
    above = document.blocks[number - 1] if number else None
    if above and above.kind in ("paragraph", "list-item") and not above.reread:
        words = plain(above.text).removesuffix(":").strip()
        if (
            len(words) <= 60
            and "\n" not in words
            and re.search(r"(?i)\b(?:template|message|update|e-?mail|alert)\b", words)
        ):
            return words
    if block.label and len(block.label) <= 60 and _MESSAGE.search(block.label):
        return block.label
    title = re.sub(r"^\W*(?:\d+[.)]\s*)?", "", plain(block.headings[-1])) if block.headings else ""
    return title or "Message"


def _audience(draft: _Draft) -> str:
    """Who the message is for, by its title, then the label and the headings, the innermost first."""
    block = draft.blocks[0]
    for above in (draft.title, block.label, *reversed(block.headings[1:] or block.headings)):
        for audience, pattern in _AUDIENCES:
            if pattern.search(above):
                return audience
    return "internal"


def _bot_commands(document: Document, notes: Notes) -> None:
    inside = False
    for block in document.blocks:
        if block.kind == "paragraph" and _BOT.match(block.text):
            inside = True
            notes.became(block, "text: a command of a chat bot; `/` takes it in the cockpit")
        elif inside and block.kind == "list-item":
            notes.became(block, "text: what the bot does for the command above")
        else:
            inside = False
