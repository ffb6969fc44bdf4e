"""Severities of a document and its policy: from tables, headings and lists of levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError

from cockpit.config import LevelConfig, PolicyConfig, TargetConfig
from cockpit.incident.policies import NEXT_BUSINESS_DAY, Range, Target, Words, shipped
from cockpit.runbook.markdown.findings import Notes, Read
from cockpit.runbook.markdown.severities.levels import rank
from cockpit.runbook.markdown.severities.scheme import Level, Line, Role, levels
from cockpit.runbook.markdown.severities.targets import calls, target
from cockpit.runbook.markdown.text.blocks import Document
from cockpit.runbook.markdown.thresholds.thresholds import criterion
from cockpit.runbook.model import Cited, Impact, Severity, Source, Threshold

_AUDIENCES = ("internal", "customers")
_TIMES: dict[str, Role] = {"acknowledge": "acknowledge", "respond": "response", "resolve": "resolution"}
_PEOPLE: dict[str, Role] = {"notify": "notification", "escalate": "escalation"}


@dataclass(frozen=True, slots=True)
class Severities:
    """The severities of a document.

    Attributes:
        levels: the gravest first.
        policy: the shipped policy that says the same, by name; None where none does.
        read_policy: what the document itself says, None where it gives no target.
    """

    levels: tuple[Severity, ...] = ()
    policy: str | None = None
    read_policy: PolicyConfig | None = None

    @property
    def own_policy(self) -> PolicyConfig | None:
        """The document's policy, where it is none of the shipped ones."""
        return None if self.policy else self.read_policy


def read_severities(document: Document, thresholds: Iterable[Threshold] = ()) -> Read[Severities]:
    """The severities of a document with their definitions, response, update cadence, notification and escalation.

    Lines with a number become criteria where `thresholds` knows what is measured; they propose a severity and never set
    it. A target without a number (`within a few hours`) is kept in words, has no clock, and is asked about.
    """
    notes = Notes()
    found = sorted(levels(document, notes), key=lambda level: rank(level.name))
    known = tuple(thresholds)
    severities = tuple(_severity(level, document.file, known) for level in found)
    policy = _policy(found, notes)
    return notes.read(Severities(severities, _same_shipped(policy), policy))


def _severity(level: Level, file: str, thresholds: tuple[Threshold, ...]) -> Severity:
    def cited(line: Line | None) -> Cited | None:
        return Cited(text=line.text, source=Source(file=file, line=line.number)) if line else None

    return Severity(
        level=level.name,
        title=level.title or level.name,
        impact=tuple(_impact(line, file, thresholds) for line in level.impact),
        response=cited(level.said.get("response")),
        escalation=cited(level.said.get("escalation")),
        notification=cited(level.said.get("notification")),
        update=cited(level.said.get("update")),
        source=Source(file=file, line=level.line),
    )


def _impact(line: Line, file: str, thresholds: tuple[Threshold, ...]) -> Impact:
    source = Source(file=file, line=line.number)
    if found := criterion(line.text, thresholds):
        return Impact(text=line.text, threshold=found[0], bound=found[1], source=source)
    return Impact(text=line.text, source=source)


def _policy(found: list[Level], notes: Notes) -> PolicyConfig | None:
    given: dict[str, LevelConfig] = {}
    for level in found:
        given[level.name] = _level(level, notes)
    if not any(level.model_fields_set for level in given.values()):
        return None
    try:
        return PolicyConfig(levels=given)
    except ValidationError:  # a level of a name that no configuration can have
        return None


def _level(level: Level, notes: Notes) -> LevelConfig:
    fields: dict[str, object] = {}
    for field, role in _TIMES.items():
        if due := _due(level, role, notes):
            fields[field] = due
    if due := _due(level, "update", notes):
        fields["update"] = dict.fromkeys(_AUDIENCES, due)
    for field, role in _PEOPLE.items():
        line = level.said.get(role)
        if line and (people := dict(calls(line.text))):
            fields[field] = people
        elif line and role == "escalation" and (due := target(line.text)) and due.kind != "words":
            notes.ask(line.number, f"{level.name}: `{line.text}` does not say to whom it is escalated; name them.")
    if line := level.said.get("commander"):
        fields["commander"] = line.text[:200]
    return LevelConfig.model_validate(fields)


def _due(level: Level, role: Role, notes: Notes) -> TargetConfig | None:
    line = level.said.get(role)
    due = target(line.text) if line else None
    if line and due and due.kind == "words":
        notes.ask(line.number, f"{level.name}: `{line.text}` names no time, so no clock runs; give it one or leave it.")
    return due


def _same_shipped(policy: PolicyConfig | None) -> str | None:
    """The shipped policy with the same levels and the same response, resolution and update of each."""
    if policy is None:
        return None
    for name, other in shipped().items():
        if set(other.levels) != set(policy.levels):
            continue
        if all(_agrees(level, other.levels[key]) for key, level in policy.levels.items()):
            return name
    return None


def _agrees(read: LevelConfig, other: object) -> bool:
    for name in ("respond", "resolve"):
        if _as_target(getattr(read, name)) != getattr(other, name):
            return False
    updates = {audience: _as_target(due) for audience, due in read.update.items()}
    return updates == getattr(other, "update", {})


def _as_target(due: TargetConfig | None) -> Target | None:
    if due is None or due.kind == "none":
        return None
    if due.kind == "words":
        return Words(due.words)
    if due.kind == "next business day":
        return NEXT_BUSINESS_DAY
    return Range(timedelta(seconds=due.lower), timedelta(seconds=due.upper))
