"""Steps from commands and list items: titles, ids that stay, parameters that earlier steps give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cockpit.runbook.actions import Wait
from cockpit.runbook.markdown.commands.commands import Made, made, made_sql
from cockpit.runbook.markdown.commands.requests import made_http
from cockpit.runbook.markdown.commands.snippets import FenceRead, Snippet
from cockpit.runbook.markdown.commands.variables import Variables
from cockpit.runbook.markdown.findings import Given, Notes
from cockpit.runbook.markdown.steps.containing import NOTE, contains
from cockpit.runbook.markdown.steps.remarks import conditioned
from cockpit.runbook.markdown.steps.titles import briefly, differences
from cockpit.runbook.markdown.text.blocks import Block
from cockpit.runbook.markdown.text.inline import plain
from cockpit.runbook.markdown.thresholds.metrics import slug
from cockpit.runbook.model import Source, Step, StepKind
from cockpit.runbook.risk import risk_of_shell, risk_of_sql
from cockpit.values import replace

_SLEEP = re.compile(r"sleep\s+(?P<number>\d+(?:\.\d+)?)(?P<unit>[smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_MONITOR = re.compile(
    r"(?i)^(?:monitor|watch|wait|observe)\b[^.]*?\b(?P<number>\d{1,3})(?:\s*[-–]\s*\d+)?[\s-]*(?P<unit>s(?:ec)?|m(?:in)?|h)"
    r"(?:onds?|utes?|ours?|rs?|ins?|s)?\b"
)
_LOOKS = re.compile(
    r"(?i)(?:check|verif|view|get|list|identify|describe|show|review|confirm|monitor|inspect|look|find|test|validate"
    r"|current|examine|watch|is\b|are\b|count|access|port[- ]?forward|tail|status)"
)


@dataclass(slots=True)
class Drafts:
    """Makes the steps of one document, in its order.

    Attributes:
        notes: what each block became.
        given: the ids of its steps.
        fences: what each fence holds, by its line.
        elsewhere: namespaces that the document uses for something other than the service.
    """

    file: str
    notes: Notes
    given: Given = field(default_factory=Given)
    variables: Variables = field(default_factory=Variables)
    fences: dict[int, FenceRead] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    def id(self, place: str, title: str) -> str:
        """An id that is not taken, from where the step stands and what it is called."""
        wanted = f"{_cut(slug(place), 30) or 'steps'}.{_cut(slug(title), 44) or 'step'}"
        return self.given.new(wanted)

    def commands(self, block: Block, snippets: Sequence[Snippet], place: str, kind: StepKind, intro: str) -> list[Step]:
        """The steps that the commands of a block are. `intro` is what introduces them, `place` where they stand."""
        titles = differences(snippets, intro)
        found: list[Step] = []
        for snippet, title in zip(snippets, titles, strict=True):
            step = self._command(snippet, title, place, kind)
            if step is None:
                self.notes.became(block, f"sets a value for later commands, line {snippet.line}")
                continue
            found.append(step)
            self.notes.became(
                block, f"step {step.id}" + (f": by hand, {step.note}" if step.manual and step.note else "")
            )
        return found

    def _command(self, snippet: Snippet, title: str, place: str, kind: StepKind) -> Step | None:
        source = Source(file=self.file, line=snippet.line)
        if snippet.language == "shell" and not snippet.within and (waits := _SLEEP.fullmatch(snippet.text)):
            seconds = float(waits["number"]) * _SECONDS[waits["unit"]]
            title = snippet.title or f"Wait {_said(seconds)}"
            action = Wait(kind="wait", duration=seconds)
            return Step(id=self.id(place, title), title=title, kind="verify", action=action, source=source)
        assigned = self.variables.assigned(snippet)
        if assigned == "":
            return None
        made = self._made(replace(snippet, text=assigned) if assigned else snippet)
        id = self.id(place, title)
        if assigned:
            self.variables.gives(snippet, id)
        return self._step(snippet, made, id, title, kind, source)

    def _made(self, snippet: Snippet) -> Made:
        if snippet.within:
            return Made(None, (), f"it is typed into `{briefly(snippet.within)}`")
        if snippet.language == "sql":
            return made_sql(snippet.text)
        if snippet.language == "http":
            return made_http(snippet.text)
        made_ = made(snippet.text, (*snippet.prelude, *self.variables.needed(snippet.text)), self.elsewhere)
        return replace(made_, parameters=self.variables.told(made_.parameters))

    def _step(self, snippet: Snippet, made: Made, id: str, title: str, kind: StepKind, source: Source) -> Step:
        shown: dict[str, Any] = {
            "id": id,
            "title": title,
            "source": source,
            "condition": snippet.condition,
            "expected": snippet.expected,
        }
        if made.action is not None:
            step = Step(**shown, action=made.action, parameters=made.parameters, note=snippet.remark)
            step = step.model_copy(update={"kind": _kind(kind, step, title)})
            if step.kind == "mitigate" and contains(title, made.action, snippet.text):
                noted = "; ".join(filter(None, (snippet.remark, NOTE)))
                return step.model_copy(update={"checks": ("rollout-complete",), "note": noted})
            return step
        judge = risk_of_sql if snippet.language == "sql" else risk_of_shell
        risk = "changing" if snippet.language == "http" else judge(snippet.text)
        note = "; ".join(filter(None, (made.why, snippet.remark)))
        step = Step(**shown, manual=title, command=snippet.text, note=note, risk=risk)
        return step.model_copy(update={"kind": _kind(kind, step, title)})

    def instruction(self, block: Block, place: str, kind: StepKind, more: Iterable[Block] = ()) -> Step:
        """The step that a list item without a command is; a time that it says to watch for becomes a wait."""
        words = " ".join(plain(block.text).split())
        condition, title = conditioned(words)
        title = briefly(title, 160).rstrip(":") or briefly(words, 160) or "Step"
        source = Source(file=self.file, line=block.line)
        further = list(more)
        for each in further:
            self.notes.became(each, f"words of the step of line {block.line}")
        waits = _MONITOR.match(words)
        fields: dict[str, Any] = {"id": self.id(place, title), "title": title, "source": source, "condition": condition}
        if waits and not further:
            seconds = float(waits["number"]) * _SECONDS[waits["unit"][0].lower()]
            step = Step(**fields, kind="verify", action=Wait(kind="wait", duration=seconds))
        else:
            text = "\n".join([words, *(f"- {' '.join(plain(each.text).split())}" for each in further)])
            step = Step(**fields, kind=kind, manual=text[:4000])
        self.notes.became(block, f"step {step.id}")
        return step


def _cut(id: str, most: int) -> str:
    """An id that is not too long, cut between words."""
    if len(id) <= most:
        return id
    return id[: most + 1].rpartition("-")[0] or id[:most]


def _kind(kind: StepKind, step: Step, title: str) -> StepKind:
    """The kind by where the step stands and what it does: what changes something mitigates, what looks diagnoses."""
    if step.risk in ("changing", "destructive"):
        return "verify" if kind == "verify" else "mitigate"
    if kind == "mitigate":
        verifies = re.match(r"(?i)(?:verif|confirm|validate|monitor|ensure|test)", title)
        return "verify" if verifies else "diagnose" if _LOOKS.match(title) or step.risk == "read-only" else kind
    return kind


def _said(seconds: float) -> str:
    if seconds % 60 or not seconds:
        return f"{seconds:g} seconds"
    minutes = int(seconds // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
