"""Sections into scenarios, procedures and health checks, with their steps."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from cockpit.runbook.markdown.findings import Given
from cockpit.runbook.markdown.steps.drafts import Drafts
from cockpit.runbook.markdown.steps.stepping import Stepping
from cockpit.runbook.markdown.steps.titles import briefly
from cockpit.runbook.markdown.text.inline import plain
from cockpit.runbook.markdown.text.outline import Part, Role, Section, role_of, titled
from cockpit.runbook.markdown.thresholds.metrics import slug
from cockpit.runbook.model import Cited, HealthCheck, Procedure, Scenario, Source, Step, StepKind, SuggestWhen, Symptom

_SCENARIO = re.compile(r"(?i)^(?:scenario|issue|problem|case|incident type|alert)\s+#?\d+\b[\s:.–-]*(?=\S)")
_LEVEL = re.compile(r"^(?P<level>(?:SEV|P|S)-?\s?[0-5])\b\s*[:–-]\s*(?=\S)", re.I)
_OF_SCENARIOS = re.compile(
    r"(?i)\b(?:common (?:issues|problems|incidents|scenarios|failures)|scenarios|runbooks|playbooks|incident types"
    r"|known issues|troubleshooting|failure modes|emergency procedures)\b|^alerts$"
)
_HEALTH = re.compile(
    r"(?i)\b(?:health checks?|initial assessment|quick (?:status|check|health)|status checks?|smoke tests?"
    r"|sanity checks?|system status|first checks)\b"
)
_PROCEDURE = re.compile(
    r"(?i)\b(?:procedures?|immediate actions|mitigation|containment|recovery|resolution|rollback|restor\w+|failover"
    r"|how to|restart|scal(?:e|ing)|reload|runbook|steps)\b"
)
_PROCESS = re.compile(
    r"(?i)\b(?:process(?:es)?|plan|guide|management|framework|overview|protocols?|phases?|lifecycle|tools?)\b"
)
_POD_STATES = re.compile(
    r"\b(?:CrashLoopBackOff|OOMKilled|ImagePullBackOff|ErrImagePull|Evicted|CreateContainerConfigError)\b"
)


@dataclass(slots=True)
class Acts:
    """What a document lets people do."""

    scenarios: list[Scenario] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    health_checks: list[HealthCheck] = field(default_factory=list)


@dataclass(slots=True)
class Assembly:
    """Goes through the sections of a document and makes what they are.

    Attributes:
        claimed: lines whose blocks became something else (a threshold, a contact, an item of a checklist): no
            instructions are made of them, but the commands in them are kept.
    """

    drafts: Drafts
    claimed: Collection[int]
    acts: Acts = field(default_factory=Acts)
    ids: Given = field(default_factory=Given)

    def read(self, section: Section, above: str = "") -> None:
        """Take the section and those under it."""
        if self._is_scenario(section, above):
            self._scenario(section)
            return
        self._loose(section, above)
        for child in section.children:
            self.read(child, section.title or above)

    def _is_scenario(self, section: Section, above: str) -> bool:
        if section.head is None or any(self._is_scenario(child, section.title) for child in section.children):
            return False
        parts = [part.role for part in section.parts] + [child.role for child in section.children]
        if "symptoms" in parts:
            return True
        if section.role == "other" or (section.role and len(parts) < 2 and not _OF_SCENARIOS.search(above)):
            return False
        if _SCENARIO.match(plain(section.head.text)) or _LEVEL.match(section.title):
            return self._acts(section)
        if not self._acts(section):
            return False
        flat = all(not child.children for child in section.children)
        usual = [part.label for part in section.parts] + [child.title for child in section.children]
        doing = {"diagnose", "mitigate", "verify"} & {role_of(title) for title in usual if not _intro(title)}
        return bool(_OF_SCENARIOS.search(above)) or (len(doing) >= 2 and flat and not _PROCESS.search(section.title))

    def _acts(self, section: Section) -> bool:
        """Whether anything in it can be done."""
        return any(
            block.kind in ("fence", "code") or (block.ordinal is not None and block.line not in self.claimed)
            for block in section.all()
        ) and self._has_steps(section)

    def _has_steps(self, section: Section) -> bool:
        return any(self.stepping.has_command(block) or block.ordinal is not None for block in section.all())

    @property
    def stepping(self) -> Stepping:
        """How blocks become steps."""
        return Stepping(self.drafts, self.claimed)

    def _scenario(self, section: Section) -> None:
        head = section.head
        assert head is not None  # the root is never a scenario
        title = section.title
        level = _LEVEL.match(title)
        words = plain(head.text)
        numbered = words if _SCENARIO.match(words) else title
        title = briefly(_LEVEL.sub("", _SCENARIO.sub("", numbered)), 200) or title or "Scenario"
        id = self._id(title)
        symptoms: list[Symptom] = []
        escalation: list[Cited] = []
        steps: list[Step] = []
        for role, part, intro in self._parts(section):
            acting = any(self.stepping.has_command(block) for block in part.all())
            if role == "symptoms" and not acting:
                symptoms += [Symptom(text=text, source=self._at(line)) for line, text in self._lines(part, id, role)]
            elif role == "escalation" and not acting:
                escalation += [Cited(text=text, source=self._at(line)) for line, text in self._lines(part, id, role)]
            else:
                steps += self.stepping.steps(part, id, _kind(role), instruct=role != "other", titled=intro)
        if not steps:
            self._kept(section, "a scenario without anything to do")
            return
        self.drafts.notes.became(head, f"scenario {id}")
        scenario = Scenario(
            id=id, title=title, symptoms=tuple(symptoms), suggest_when=_suggest(title, symptoms), steps=tuple(steps),
            escalation=tuple(escalation), severity=level["level"].upper() if level else "", source=self._at(head.line),
        )  # fmt: skip
        self.acts.scenarios.append(scenario)

    def _parts(self, section: Section, role: Role = "", title: str = "") -> Iterator[tuple[Role, Part, str]]:
        """The parts of a section and of those under it: what each is for, by its label, else by its heading; and the
        words that introduce its commands."""
        for part in section.parts:
            if part.head and part.blocks and not part.rest:
                self.drafts.notes.became(part.head, f"heading of {part.role or 'steps'}")
            if part.blocks or part.rest:
                yield (part.role if part.label else "") or role, part, _intro(part.label) or _intro(title)
        for child in section.children:
            under = child.role or role
            if child.head:
                self.drafts.notes.became(child.head, f"heading of {under or 'steps'}")
            yield from self._parts(child, under, child.title)

    def _lines(self, part: Part, id: str, what: str) -> Iterator[tuple[int, str]]:
        """The lines of a part that say something, each with its words."""
        if part.head and part.rest:
            self.drafts.notes.became(part.head, f"{what} of {id}")
            yield part.head.line, " ".join(plain(part.rest).split())[:4000]
        for block in part.blocks:
            words = " ".join(plain(block.text).split())[:4000]
            if words and block.kind in ("list-item", "task", "paragraph", "quote"):
                self.drafts.notes.became(block, f"{what} of {id}")
                yield block.line, words

    def _loose(self, section: Section, above: str) -> None:
        """The commands of a section that is no scenario: health checks, or a procedure."""
        title = section.title or "Commands"
        instruct = bool(_PROCEDURE.search(title)) and section.role != "other"
        commands = any(self.stepping.has_command(block) for block in section.own())
        if not commands and not instruct:
            return
        id = slug(_apart(title, above))[:60] or "commands"
        steps: list[Step] = []
        for part in section.parts:
            ordered = commands and any(block.ordinal is not None for block in part.blocks)
            does = ordered or (instruct and (not part.label or part.role in ("diagnose", "mitigate", "verify")))
            role = section.role if section.role == "mitigate" and part.role != "verify" else part.role or section.role
            intro = _intro(part.label) or section.title
            steps += self.stepping.steps(part, id, _kind(role), instruct=does and part.role != "other", titled=intro)
        if steps:
            self._settle(section, above, title, steps)

    def _settle(self, section: Section, above: str, title: str, steps: Sequence[Step]) -> None:
        source = self._at(section.head.line if section.head else steps[0].source.line)
        health = _HEALTH.search(title) or _HEALTH.search(above)
        if health and all(step.risk == "read-only" for step in steps):
            checks = [HealthCheck.model_validate({**dict(_fields(step)), "group": title}) for step in steps]
            self.acts.health_checks += checks
            what = f"health checks of {title}"
        else:
            id = self._id(_apart(title, above))
            self.acts.procedures.append(Procedure(id=id, title=_apart(title, above), steps=tuple(steps), source=source))
            what = f"procedure {id}"
        if section.head:
            self.drafts.notes.became(section.head, what)

    def _id(self, title: str) -> str:
        return self.ids.new(slug(title) or "scenario")

    def _at(self, line: int) -> Source:
        return Source(file=self.drafts.file, line=line)

    def _kept(self, section: Section, why: str) -> None:
        if section.head:
            self.drafts.notes.became(section.head, f"text: {why}")


def _fields(step: Step) -> Iterator[tuple[str, object]]:
    for name, info in type(step).model_fields.items():
        yield info.alias or name, getattr(step, name)


def _kind(role: Role) -> StepKind:
    return role if role in ("mitigate", "verify") else "diagnose"


def _intro(label: str) -> str:
    """The words of a label or heading that introduce its commands; those of a usual part say nothing."""
    return "" if role_of(label) and len(label.split()) <= 2 else titled(label)


def _apart(title: str, above: str) -> str:
    """A title that says what it is about: with the heading above it where it is half a sentence or one of several."""
    half = re.match(r"(?i)(?:for|if|when|in case)\b", title) or re.search(r"(?i)\bcommands?\b", above)
    return f"{above}: {title}" if half and above else title


def _suggest(title: str, symptoms: Sequence[Symptom]) -> SuggestWhen:
    words = "\n".join([title, *(each.text for each in symptoms)])
    return SuggestWhen(pods=tuple(dict.fromkeys(_POD_STATES.findall(words))))
