"""What a line measures: its words as a title and an id, and on which side large numbers are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from cockpit.config import Unit
from cockpit.runbook.markdown.severities.levels import leading_grade
from cockpit.runbook.markdown.thresholds.bounds import Stated

Side = Literal["high", "low", ""]
"""Which values are the bad ones; empty where the words do not tell."""

_BAD_LOW = re.compile(
    r"(?i)\b(?:success\w*|availability|available|uptime|hit[ -]?(?:rate|ratio)|free|throughput|delivery rate|ready"
    r"|healthy|remaining|completion|fps|headroom|disponibilidade|capacity left)\b"
)
_BAD_HIGH = re.compile(
    r"(?i)(?:error|fail|latenc|response|duration|\bcpu|memory|\bdisk|usage|utili[sz]ation|restart|\blag\b|queue|backlog"
    r"|pending|time-?out|\bload\b|delay|depth|connection|retr(?:y|ies)|stopped|not running|\bdown\b|unavailable|5xx|4xx"
    r"|\b[45]\d\d\b|loss|exception|crash|stuck|dead.?letter|\bdlq\b|saturation|swap|iowait|\boom|throttl|degrad|drop"
    r"|\bage\b|\bp\d\d\b|\btime\b|reject|denied|dispute|chargeback|delinquen|unprocessed|missed|slow|storage)"
)
_MEASURE = re.compile(
    r"(?i)\b(?:rate|ratio|count|number|volume|size|level|percent\w*|requests?|messages?|orders?|transactions?|score|space"
    r"|traffic|connections?|pods?|replicas?|instances?|nodes?|sessions?|users?|agents?|tasks?|jobs?|events?|cost"
    r"|throughput|rps|qps)\b"
)
_NO_METRIC = re.compile(
    r"(?i)\b(?:r[tp]o|mtt[a-z]|sla|ack\w*|escalat\w*|resolution|update[sd]?|notif\w*|communicat\w*|business|review\w*"
    r"|postmortem|post-mortem|backup retention|retention|team|page[sd]?|expire[sd]?|ttl|wait|sleep|persists"
    r"|estimated|eta|timeout=|version|step|section|line|chapter|month|year|attempt|meeting|time to)\b"
)
_SPEED = re.compile(r"(?i)\bresponse(?: time)?s?\b|\bresolve|\brespond")
_LEAD = re.compile(
    r"(?i)^(?:and|or|but|alert(?:s|ed)?|page|trigger\w*|if|when(?:ever)?|where|until|validate|verify|confirm|check|ensure"
    r"|that|the|a|an|is|are|any|our|your|of|on|for|with|to|has|have|warning|critical|threshold|note|high|elevated|slow"
    r"|ex|e\.g|low|increased|increasing|degraded|excessive|poor|abnormal|sustained|average|avg|current|metric|keep|normal)\b[\s:,-]*"
)
_TAIL = re.compile(
    r"(?i)[\s:,;(\[=-]*\b(?:should|must|shall|will|has|have|be|been|is|are|was|were|stays?|remains?|at|of|by|to|for|with|than|and"
    r"|or|in|on|the|normal(?:ly)?|target|baseline|healthy|expected|goal|alerts?|threshold|elevated|increased|degraded|drops?"
    r"|falls?|rises?|goes|exceeds?|exceeded|reaches|above|below|around|approximately|about|within|not|typically|usually|spikes?|warning"
    r"|critical|value|a|an|it|that|se|if|when)\s*$"
)
_NAMES_NOTHING = re.compile(
    r"(?i)(?:descriptions?|notes?|examples?|details|reasons?|impacts?|meaning|summary|metrics?|criteria|symptoms?|conditions?)"
)
_QUANTILE = re.compile(r"(?i)\bp(?:ercentile\s?)?(?P<p>50|75|90|95|99(?:\.\d+)?|999)\b|\b(?P<th>\d\d)th[ -]percentile")
_ALIASES = {
    "memory": "memory-usage", "memory-utilization": "memory-usage", "mem": "memory-usage", "ram": "memory-usage",
    "cpu": "cpu-usage", "cpu-utilization": "cpu-usage", "cpuutilization": "cpu-usage", "disk": "disk-usage",
    "disk-space": "disk-usage", "disk-utilization": "disk-usage", "restart": "restart-count", "api-latency": "latency",
    "pod-restart": "pod-restart-count", "restarts": "restart-count", "api-response-time": "response-time",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured.

    Attributes:
        key: the id that the same metric has wherever the document speaks of it.
        title: for people: `Payment success rate`.
        bad: on which side the bad values are, as far as the words tell.
    """

    key: str
    title: str
    bad: Side


def metric_of(stated: Stated, label: str = "", before_it: Metric | None = None) -> Metric | None:
    """What a stated number measures, by the words in front of it, else the label or heading, else what follows it.

    Args:
        label: the bold words or the heading that introduce the line.
        before_it: the metric of the number before in the same line, for `> 80% (warning), > 95% (critical)`.

    Returns:
        None where no metric is named, or what is named is a deadline of people.
    """
    after = re.split(r"[,.;()]|\bfor\b|\bin\b", stated.after)[0]
    for words in (_inner(stated.before), label, after):
        found = _metric(words, stated.after)
        if found is None:
            continue
        return None if _is_deadline(f"{words} {stated.before}", stated) else found
    return before_it


def named_metric(words: str) -> Metric | None:
    """The metric that a few words name."""
    return _metric(words, "")


def words_of(text: str) -> str:
    """A text without marks, symbols and emoji."""
    return "".join(each if unicodedata.category(each)[0] in "LNPZ" or each in "+%<>=~$|`" else " " for each in text)


def slug(words: str) -> str:
    """Words as an id: small letters, digits and dashes, at most 60 long; empty where nothing of that is in them."""
    plain = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def fits(metric: Metric, unit: Unit, *, lenient: bool) -> bool:
    """Whether a number with that unit can be a reading of it, so that prose about people and dates is none."""
    if metric.bad or unit in ("percent", "per-minute", "bytes"):
        return True
    return lenient or bool(_MEASURE.search(metric.title))


def _metric(words: str, after: str) -> Metric | None:
    title = _trimmed(words)
    if leading_grade(title) == title.capitalize() or _NAMES_NOTHING.fullmatch(title):
        return None
    if not title or len(title.split()) > 7 or not re.search(r"[^\W\d_]{2}", title):
        return None
    quantile = _QUANTILE.search(title) or _QUANTILE.match(after.lstrip(" (")) if after or title else None
    number = (quantile["p"] or quantile["th"]) if quantile else ""
    if number and not _QUANTILE.search(title):
        title = f"{title} (p{number})"
    title = re.sub(r"(?i)\b(rate|time)s\b", r"\1", title)
    title = title.replace("_", " ")
    key = slug(title)
    key = _ALIASES.get(key, key)
    if not key:
        return None
    bad: Side = "low" if _BAD_LOW.search(title) else "high" if _BAD_HIGH.search(title) else ""
    return Metric(key, title[:1].upper() + title[1:], bad)


def _inner(before: str) -> str:
    """The words that belong to a number: those in its own brackets, else those of its clause, without its label."""
    if before.rfind("(") > before.rfind(")"):
        head, _, inside = before.rpartition("(")
        if re.search(r"[^\W\d_]{2}", _trimmed(inside)):
            return inside
        before = head
    before = re.split(r"[;,.!?](?=\s)|\bor\b|\band\b|\s\|\s|\)\s*|\s[–—-]\s", before)[-1]
    lead, colon, rest = before.rpartition(":")
    if colon and not re.search(r"[^\W\d_]{2}", _trimmed(rest)):
        return lead
    return rest


def _trimmed(words: str) -> str:
    text = re.sub(r"\s+", " ", words_of(words)).strip(" \t*_:;,.-–—•\"'“”")
    text = re.sub(r"[`\"“”*]", "", text)
    before = None
    while before != text:
        before = text
        text = _LEAD.sub("", text, count=1)
        text = _TAIL.sub("", text).strip(" :;,.-–—([\"'")
        if re.fullmatch(r"(?i)(?:should|must|normal\w*|target|baseline|healthy|expected|goal|alerts?|be|is|for)", text):
            return ""
    return text


def _is_deadline(words: str, stated: Stated) -> bool:
    """Whether the number is how soon people do something, not how fast a system does."""
    if _NO_METRIC.search(words):
        return True
    return bool(_SPEED.search(words)) and stated.unit == "seconds" and max(stated.value, stated.upper or 0) >= 60
