"""A Markdown document as a runbook, with a report on every line of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.runbook.markdown.checklists import read_checklists
from cockpit.runbook.markdown.contacts import read_contacts
from cockpit.runbook.markdown.findings import Ask, Finding, Notes, Read
from cockpit.runbook.markdown.identity import keep
from cockpit.runbook.markdown.placeholders.placeholders import find
from cockpit.runbook.markdown.report import Report, report
from cockpit.runbook.markdown.severities.severities import read_severities
from cockpit.runbook.markdown.steps.drafts import Drafts
from cockpit.runbook.markdown.steps.scenarios import Acts, Assembly
from cockpit.runbook.markdown.steps.stepping import Stepping
from cockpit.runbook.markdown.templates import read_templates
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.document import read_document
from cockpit.runbook.markdown.text.outline import outlined, titled
from cockpit.runbook.markdown.thresholds.metrics import slug
from cockpit.runbook.markdown.thresholds.thresholds import criterion, read_thresholds
from cockpit.runbook.model import Runbook, Scenario, Source, SuggestWhen, Threshold
from cockpit.values import replace

_SERVICE = re.compile(r"^(?P<name>(?:[\w-]+\s+){1,3}?service)s?\b(?! restor)", re.I)
_DEPLOYMENT = re.compile(
    r"\b(?:deployment|deploy)/(?P<name>[a-z0-9][a-z0-9-]*[a-z0-9])\b|\bapp=(?P<app>[a-z0-9][a-z0-9-]*[a-z0-9])\b"
    r"|\b(?:describe|get|scale|edit|restart|undo|status) deployment (?P<named>[a-z0-9][a-z0-9-]*[a-z0-9])\b"
)
_NAMESPACE = re.compile(r"\s(?:-n|--namespace)[ =](?P<name>[a-z0-9][a-z0-9-]*)(?![\w<>${}.-])")
_NAMED = re.compile(
    r"\b(?P<what>step|scenario|procedure|threshold|contact|template|dashboard|item|of) (?P<id>[a-z0-9][a-z0-9.-]*)"
)
"""How findings name a thing: its kind and its id."""
_SECTION_OF = {"of": "scenarios"}
_OF_SEVERAL = re.compile(r"(?i)\b(?:process|plan|payment services)\b")


@dataclass(frozen=True, slots=True)
class Imported:
    """A runbook that was read from Markdown, and the report on it."""

    runbook: Runbook
    report: Report


@dataclass(slots=True)
class _Findings:
    """What the parts of the reader found, one after the other."""

    all: list[Finding]
    asks: list[Ask]

    def of(self, read: Read[Any]) -> Any:
        """The things of one part; its findings and asks are kept."""
        self.all += read.findings
        self.asks += read.asks
        return read.things


def import_markdown(data: bytes, file: str, previous: Runbook | None = None) -> Imported:
    """The runbook that a Markdown document is. Never fails on what a document says: what is not understood stays text
    and stands in the report.

    Args:
        data: the document's bytes.
        file: its name, which every part of the runbook cites.
        previous: what the same document was imported as before: what stayed keeps its ids.

    Raises:
        RunbookError: it is larger than 1 MB, or no text.
    """
    document = read_document(data, file)
    found = _Findings([], [])
    notes = Notes()
    drafts = Drafts(file, notes, elsewhere=_elsewhere(document))
    fields = _said(document, drafts, found)
    acts = _acts(document, drafts, found)
    found.of(notes.read(None))
    runbook = Runbook.model_validate(
        fields
        | {
            "scenarios": [_suggested(each, fields["thresholds"]) for each in acts.scenarios],
            "procedures": acts.procedures,
            "health_checks": acts.health_checks,
        }
    )
    if previous is None:
        return Imported(runbook, report(document, runbook, found.all, found.asks))
    kept = keep(previous, runbook)
    findings = [replace(each, became=_renamed(each.became, kept.names)) for each in found.all]
    return Imported(kept.runbook, report(document, kept.runbook, findings, found.asks))


def _renamed(became: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """What a block became, by the ids that stayed."""

    def kept(found: re.Match[str]) -> str:
        section = _SECTION_OF.get(found["what"], f"{found['what']}s")
        return f"{found['what']} {names.get(section, {}).get(found['id'], found['id'])}"

    return _NAMED.sub(kept, became)


def _said(document: Document, drafts: Drafts, found: _Findings) -> dict[str, Any]:
    """What the document says besides what can be done."""
    stepping = Stepping(drafts, ())
    running = {
        block.line for block in document.blocks if block.kind in ("fence", "code") and stepping.has_command(block)
    }
    prose = replace(document, blocks=tuple(block for block in document.blocks if block.line not in running))
    thresholds = found.of(read_thresholds(document))
    severities = found.of(read_severities(prose, thresholds))
    contacts = found.of(read_contacts(prose))
    checklists = found.of(read_checklists(prose))
    title = _title(document)
    service = _service(document, title)
    if service is None:
        found.asks.append(
            Ask(1, "The document names no one service; write `service:` with its name in the configuration.")
        )
    return {
        "title": title,
        "service": service,
        "document": document.file,
        "source": Source(file=document.file, line=next((block.line for block in document.blocks), 1)),
        "version": contacts.about.version,
        "updated": contacts.about.updated,
        "review": contacts.about.review,
        "policy": severities.policy,
        "own_policy": severities.own_policy,
        "severities": severities.levels,
        "thresholds": thresholds,
        "communications": contacts.communications,
        "contacts": contacts.contacts,
        "ladder": contacts.ladder,
        "dashboards": contacts.dashboards,
        "related": contacts.related,
        "templates": found.of(read_templates(prose)),
        "checklists": checklists.checklists,
        "post_incident": checklists.post_incident,
    }


def _acts(document: Document, drafts: Drafts, found: _Findings) -> Acts:
    claimed = {finding.block.line for finding in found.all if finding.block.kind in ("list-item", "task")}
    said = {finding.block.line for finding in found.all}
    assembly = Assembly(drafts, claimed)
    assembly.read(outlined(document.blocks))
    for block in document.blocks:
        read = assembly.stepping.fence(block) if block.kind in ("fence", "code") and not block.reread else None
        if read and not read.snippets and block.line not in said:
            drafts.notes.became(block, f"text: {read.left[0][2] if read.left else 'nothing in it can be run'}")
    return assembly.acts


def _elsewhere(document: Document) -> frozenset[str]:
    """The namespaces that are not the service's: all but the one that stands in most commands."""
    text = "\n".join(block.text for block in document.blocks if not block.reread)
    named = Counter(match["name"] for match in _NAMESPACE.finditer(text))
    return frozenset(name for name, _ in named.most_common()[1:])


def _suggested(scenario: Scenario, thresholds: Iterable[Threshold]) -> Scenario:
    """The scenario with the thresholds that its symptoms name."""
    known = tuple(thresholds)
    named = [found[0] for symptom in scenario.symptoms if (found := criterion(symptom.text, known))]
    if not named:
        return scenario
    when = SuggestWhen(pods=scenario.suggest_when.pods, thresholds=tuple(dict.fromkeys(named)))
    return scenario.model_copy(update={"suggest_when": when})


def _title(document: Document) -> str:
    """The first heading; without one the file's name."""
    first: Block | None = next((block for block in document.blocks if block.kind == "heading"), None)
    alone = first is not None and (first.level == 1 or first is document.blocks[0])
    words = titled(first.text) if first is not None and alone else ""
    return words[:200] or document.file.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Runbook"


def _service(document: Document, title: str) -> str | None:
    """The service that it is about: by its title, else the one that most of its commands name."""
    if (found := _SERVICE.match(title)) and not _OF_SEVERAL.search(title):
        return slug(found["name"]) or None
    named = Counter(
        match["name"] or match["app"] or match["named"]
        for block in document.blocks
        if block.kind in ("fence", "code", "list-item", "paragraph")
        for match in _DEPLOYMENT.finditer(block.text)
        if not find(match[0])
    )
    best = named.most_common(1)
    return best[0][0] if best and best[0][1] * 2 > named.total() else None
