"""The numbers that a document says of a metric, and how it means each: as good, as alarming, as what an incident is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cockpit.runbook.markdown.severities.levels import leading_grade, leading_level, rank
from cockpit.runbook.markdown.text.blocks import Block, Document
from cockpit.runbook.markdown.text.inline import bold_lead, plain
from cockpit.runbook.markdown.thresholds.bounds import Stated, stated
from cockpit.runbook.markdown.thresholds.metrics import Metric, fits, metric_of, named_metric
from cockpit.runbook.markdown.thresholds.sides import Context, Tone, context_of, is_under_severity, tone_of, wording

_ELSEWHERE = re.compile(
    r"(?i)\b(?:communicat\w*|contacts?|escalat\w*|post-?incident|post-?mortem|retrospective|training|drills?|kpis?|slas?"
    r"|continuous improvement|team|on-?call|prevention|lessons|costs?|templates?|timeline|backups?|changelog|rto|rpo"
    r"|response time (?:targets?|objectives?|goals?)|revision history|references?|prerequisites?|glossary"
    r"|scaling (?:policy|policies))\b"
)
_NO_TABLE = re.compile(
    r"(?i)response|resolution|update|sla\b|ack|time to|escalat|notif|contact|action|runbook|owner|cadence"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A number of a metric, and how it is meant."""

    block: Block
    line: int
    metric: Metric
    stated: Stated
    tone: Tone
    grave: int = 9


def every_number(document: Document) -> Iterator[Said]:
    """Each number of a metric in the lines and tables of a document, those apart that speak of the team's own work."""
    for block in document.blocks:
        if block.kind == "table":
            yield from _of_table(block)
        elif block.kind in ("list-item", "task", "paragraph", "quote", "heading") and not block.reread:
            yield from _of_lines(block)


def _of_lines(block: Block) -> Iterator[Said]:
    if any(_ELSEWHERE.search(heading) for heading in (block.label, *block.headings[1:])):
        return
    context = context_of(block)
    if block.kind == "heading":
        context = Context("symptom")
    for number, line in enumerate(block.text.split("\n")):
        if block.kind in ("paragraph", "quote") and len(line) > 200:
            continue
        yield from _of_line(block, block.line + number, line, context)


def _of_line(block: Block, line: int, text: str, context: Context) -> Iterator[Said]:
    lead = bold_lead(text)
    label = lead[0] if lead else ""
    words = plain(re.sub(r"`[^`\n]*[<>|={}()][^`\n]*`", " ", text))
    before: Metric | None = None
    for each in stated(words):
        before = metric = metric_of(each, label or block.label, before)
        if metric is None or not fits(metric, each.unit, lenient=context.tone in ("breach", "warning")):
            continue
        said = wording(each) or (tone_of(label) if label else "")
        incident = is_under_severity(block) or context.tone == "severity"
        tone: Tone = said or context.tone
        if not tone and each.in_words and (each.relative or not metric.bad):
            continue  # prose that counts something: "retried up to 3 times"
        if incident and said != "healthy":
            tone = "severity"
        elif said == "breach" and context.tone == "symptom":
            tone = "symptom"
        grave = context.grave if context.tone == "severity" else _gravity(block)
        yield Said(block, line, metric, each, tone, grave)


def _gravity(block: Block) -> int:
    level = next((found for heading in reversed(block.headings) if (found := leading_level(heading))), "")
    return rank(level) if level else 9


def _of_table(block: Block) -> Iterator[Said]:
    if len(block.rows) < 2 or any(_ELSEWHERE.search(heading) for heading in block.headings[1:]):
        return
    head = [plain(cell) for cell in block.rows[0]]
    tones = [tone_of(cell) for cell in head]
    for row, line in zip(block.rows[1:], block.row_lines[1:], strict=False):
        cells = [plain(cell) for cell in row]
        level = leading_level(cells[0]) or leading_grade(cells[0]) if cells else ""
        for column, (title, cell) in enumerate(zip(head, cells, strict=False)):
            if not _NO_TABLE.search(title):
                name = cells[0] if column and not level else ""
                yield from _of_cell(block, line, cell, name, tones[column], level)


def _of_cell(block: Block, line: int, cell: str, name: str, meant: Tone, level: str) -> Iterator[Said]:
    """The numbers of a cell, in the row of a metric called `name` or of a severity's `level`, in a column that means
    them so."""
    for each in stated(cell):
        metric = (named_metric(name) if name else None) or metric_of(each)
        if metric is not None and fits(metric, each.unit, lenient=bool(meant)):
            tone: Tone = "severity" if level else meant or wording(each) or context_of(block).tone
            yield Said(block, line, metric, each, tone, rank(level) if level else 9)
