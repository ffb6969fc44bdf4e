"""On which side of a number it is bad: by the wording of the line, by what introduces it, by what is measured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cockpit.config import Bound
from cockpit.runbook.markdown.severities.levels import leading_level, levels_in, rank
from cockpit.runbook.markdown.text.blocks import Block
from cockpit.runbook.markdown.text.inline import plain
from cockpit.runbook.markdown.thresholds.bounds import Stated
from cockpit.runbook.markdown.thresholds.metrics import Metric

Tone = Literal["healthy", "warning", "breach", "symptom", "severity", ""]
"""How a text speaks of a number: as what is good, as what warns, as what is an alert, as what a problem looks like, as
what makes an incident of some severity; empty where it does not say."""

_HEALTHY = re.compile(
    r"(?i)\b(?:should|must|shall|normal(?:ly)?|targets?(?=\s*(?:[:<>~=(]|is\b|of\b|$|\d))|healthy|expected|baseline|goals?|slos?|objectives?|ideal(?:ly)?"
    r"|acceptable|within limits|optimal|validate|verify|green|nominal|success criteria|back to)\b|✅|🟢"
)
_WARNING = re.compile(r"(?i)\b(?:warn(?:s|ing)?s?|yellow|caution)\b|🟡|⚠")
_BREACH = re.compile(
    r"(?i)\b(?:alerts?|alerting|alarms?|critical|paging|pages?|breach\w*|red|emergency|triggers?|thresholds?|fatal)\b"
    r"|🔴|🚨"
)
_SYMPTOM = re.compile(
    r"(?i)\b(?:symptoms?|signs?|indicators?|when to use|detection|how to recogni[sz]e|you will see)\b"
)
_CONTRARY: dict[str, Literal["<", "<=", ">", ">="]] = {"<": ">", "<=": ">", ">": "<", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Context:
    """How the place of a line speaks of its numbers. `grave` is the rank of the severity that it stands under."""

    tone: Tone
    grave: int = 9


def context_of(block: Block) -> Context:
    """What stands above a block says of its numbers: the label first, then the headings from the innermost."""
    for text in (block.label, *reversed(block.headings)):
        if level := leading_level(plain(text)):
            return Context("severity", rank(level))
        if tone := tone_of(text):
            return Context(tone)
    return Context("")


def is_under_severity(block: Block) -> bool:
    """Whether a block belongs to the definition of a severity, also below a label such as `Examples`."""
    return bool(block.headings) and bool(leading_level(block.headings[-1]))


def tone_of(text: str) -> Tone:
    """How a heading, a label or the wording of a line speaks of the numbers in it."""
    if _WARNING.search(text):
        return "warning"
    if _HEALTHY.search(text):
        return "healthy"
    if _BREACH.search(text):
        return "breach"
    return "symptom" if _SYMPTOM.search(text) else ""


def wording(stated: Stated) -> Tone:
    """How the line itself speaks of a number: `should be` in front of it, `(warning)` right behind it."""
    behind = re.match(r"\s*[(\[–—:-]+\s*([A-Za-z ]{3,20})", stated.after)
    if behind and (tone := tone_of(behind[1])) and tone != "symptom":
        return tone
    return tone_of(stated.before) if not levels_in(stated.before) else "severity"


def bound(stated: Stated, metric: Metric, tone: Tone) -> Bound | None:
    """The bad side of a number; None where what is said of it contradicts what is measured, or nothing tells."""
    share = stated.of_normal
    if stated.comparison == "~" or (stated.relative and share is None):
        return None
    if stated.comparison == "-":
        return _of_range(stated, metric, tone)
    good = tone == "healthy"
    if not tone:
        if not metric.bad:
            return None
        good = (stated.comparison in (">", ">=")) == (metric.bad == "low")
    comparison = _CONTRARY[stated.comparison] if good else stated.comparison
    if metric.bad and (comparison in (">", ">=")) != (metric.bad == "high"):
        return None
    return Bound(comparison=comparison, value=stated.value if share is None else share, relative=share is not None)


def _of_range(stated: Stated, metric: Metric, tone: Tone) -> Bound | None:
    """Of `5-10%` the end that one comes to first from the good side; of a healthy range the one that leads out."""
    if stated.upper is None or not (metric.bad or stated.unit == "seconds"):
        return None
    high = metric.bad != "low"  # of a time that nothing else is known of, longer is worse
    value = stated.upper if (tone == "healthy") == high else stated.value
    return Bound(comparison=">" if high else "<", value=value)
