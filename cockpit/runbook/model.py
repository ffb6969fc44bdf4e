"""A runbook as data: every part of it cites the line of the document that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config import Bound, Duration, PolicyConfig, Strict
from cockpit.runbook.actions import Action, Exec, Http, Risk, greater
from cockpit.runbook.checklists import Checklist, Item, Phase, PostIncident
from cockpit.runbook.parameters import Parameter
from cockpit.runbook.source import PLACEHOLDER, Cited, Id, Source, Sourced, Words
from cockpit.runbook.threshold import Threshold

__all__ = ["Bound", "Checklist", "Cited", "Item", "Phase", "PostIncident", "Source", "Sourced", "Threshold"]

StepKind = Literal["diagnose", "mitigate", "verify"]
Check = Literal["rollout-complete", "thresholds-back"]
"""What is verified after a change: that its rollout ended, that the thresholds which were breached no longer are."""


class Review(Cited):
    """When the runbook is due for a review, in the document's words."""

    @property
    def due(self) -> date | None:
        """The day, where the words are an ISO date."""
        try:
            return date.fromisoformat(self.text)
        except ValueError:
            return None


class Impact(Cited):
    """A line of a severity's definition. With a bound it is a criterion: it proposes the severity, never sets it."""

    threshold: Id | None = None
    bound: Bound | None = None

    @model_validator(mode="after")
    def _both(self) -> Impact:
        if (self.threshold is None) != (self.bound is None):
            raise PydanticCustomError("criterion", "needs both `threshold` and `bound`, or neither")
        if self.bound and self.bound.relative:
            raise PydanticCustomError("criterion", "is held against a number; only a threshold knows what is normal")
        return self


class Severity(Sourced):
    """A severity in the document's words; the clocks are the policy's."""

    level: Words
    title: Words
    impact: tuple[Impact, ...] = ()
    response: Cited | None = None
    escalation: Cited | None = None
    notification: Cited | None = None
    update: Cited | None = None


class Step(Sourced):
    """One thing to do: an action that can be run, or an instruction for a person, with the command to copy.

    Attributes:
        parameters: what it must be told; `condition` is the document's "If …" or "Or" over it.
        stated: a risk above what the action itself says; below it only with `risk_reason`. For an instruction, what its
            command can do.
        expected: what one should see.
        checks: what is verified after it; `undo` says in words what takes it back, `undo_step` is the step that does.
        timeout: seconds that it may take; `watch` seconds to go on looking afterwards.
        note: what was corrected of the document's wording, and why.
    """

    id: Id
    title: Words
    kind: StepKind = "diagnose"
    action: Action | None = None
    manual: str = ""
    command: str = ""
    condition: str = ""
    parameters: tuple[Parameter, ...] = ()
    stated: Risk | None = Field(default=None, alias="risk")
    risk_reason: str = ""
    expected: str = ""
    checks: tuple[Check, ...] = Field(default=(), alias="verify")
    undo: str = ""
    undo_step: Id | None = None
    note: str = ""
    timeout: Duration | None = None
    watch: Duration | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Step:
        if (self.action is None) == (not self.manual):
            raise PydanticCustomError("step", "needs an `action`, or `manual` words for a person, and not both")
        if self.action and self.command:
            raise PydanticCustomError("step", "has an action; a `command` to copy belongs to a manual step")
        lowered = self.action and self.stated and greater(self.stated, self.action.risk) != self.stated
        if self.action and lowered and not self.risk_reason:
            message = "states the risk {stated}, but its action is {risk}; to lower it, say why in `risk_reason`"
            raise PydanticCustomError("risk", message, {"stated": self.stated, "risk": self.action.risk})
        return self

    @property
    def risk(self) -> Risk:
        """What doing it can do. A command whose effect nobody stated counts as changing."""
        if self.action:
            if self.stated and self.risk_reason:
                return self.stated
            return greater(self.action.risk, self.stated or "read-only")
        return self.stated or ("changing" if self.command else "read-only")


class HealthCheck(Step):
    """A step that looks whether something is healthy.

    Attributes:
        group: the document's heading over it.
        endpoint: the name of the service's endpoint in cockpit.yaml that looks all the time.
    """

    group: str = ""
    endpoint: Id | None = None

    @property
    def unwatched(self) -> bool:
        """Whether an endpoint could answer it, and none is named: what asks over HTTP, in a pod, or of a person."""
        return self.endpoint is None and (self.action is None or isinstance(self.action, Http | Exec))


class Symptom(Cited):
    """How a scenario shows."""


class SuggestWhen(Strict):
    """What must hold, any of it, for a scenario to be suggested.

    Attributes:
        pods: statuses as kubectl shows them, such as CrashLoopBackOff; a pod that ended so lately counts, for less.
        thresholds: ids that are in breach, in warning, or past a bound but not yet for as long as it takes.
        endpoints: names of endpoints in cockpit.yaml that fail.
        release: whether a recent release speaks for it; it is evidence, never enough alone.
    """

    pods: tuple[str, ...] = ()
    thresholds: tuple[Id, ...] = ()
    endpoints: tuple[Id, ...] = ()
    release: bool = False


class Scenario(Sourced):
    """Symptoms, and the steps for them."""

    id: Id
    title: Words
    symptoms: tuple[Symptom, ...] = ()
    suggest_when: SuggestWhen = SuggestWhen()
    steps: tuple[Step, ...] = Field(min_length=1)
    escalation: tuple[Cited, ...] = ()
    severity: str = ""


class Procedure(Sourced):
    """Steps that belong to no one scenario, such as scaling."""

    id: Id
    title: Words
    steps: tuple[Step, ...] = Field(min_length=1)


class Rung(Cited):
    """One step of the escalation ladder, the first first. `contact` is the one to reach, where it is listed."""

    contact: Id | None = None
    when: str = ""


class Template(Sourced):
    """A message of the document as it stands, its placeholders with it.

    Attributes:
        audience: internal, customers, support, …; the document's heading decides.
        text: the whole message.
    """

    id: Id
    title: Words
    audience: str = ""
    text: Words


class Related(Sourced):
    """Another runbook or page that this one points to; `href` as it is written."""

    title: Words
    href: str


class Contact(Sourced):
    """Whom to reach, and how, in the document's words."""

    id: Id
    name: Words
    how: Words
    group: str = ""

    @property
    def unfilled(self) -> bool:
        """Whether a placeholder such as `[Priority support number]` still stands where the contact should be."""
        return bool(PLACEHOLDER.search(self.how))


class Dashboard(Sourced):
    """A picture elsewhere; its URL may come from the configuration, by id."""

    id: Id
    title: Words
    tool: str = ""
    url: str = ""


class Runbook(Sourced):
    """A service's runbook; without a service, lists that hold for every service.

    Attributes:
        own_policy: the policy that the document itself defines, where it is none of the shipped ones.
        parameters: those that several steps share, by name; a step's own of the same name goes first.
    """

    title: Words
    service: Id | None = None
    document: str = ""
    version: str = ""
    updated: Cited | None = None
    review: Review | None = None
    policy: str | None = None
    own_policy: PolicyConfig | None = None
    parameters: tuple[Parameter, ...] = ()
    severities: tuple[Severity, ...] = ()
    communications: tuple[Cited, ...] = ()
    health_checks: tuple[HealthCheck, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    post_incident: PostIncident | None = None
    contacts: tuple[Contact, ...] = ()
    ladder: tuple[Rung, ...] = ()
    templates: tuple[Template, ...] = ()
    related: tuple[Related, ...] = ()
    dashboards: tuple[Dashboard, ...] = ()

    def steps(self) -> Iterator[Step]:
        """Every step, the scenarios' first."""
        for scenario in self.scenarios:
            yield from scenario.steps
        for procedure in self.procedures:
            yield from procedure.steps
        yield from self.health_checks

    def parameters_of(self, step: Step) -> tuple[Parameter, ...]:
        """What `step` may be told: its own parameters, then the shared ones."""
        own = {each.name for each in step.parameters}
        return (*step.parameters, *(each for each in self.parameters if each.name not in own))

    def step(self, id: str) -> Step | None:
        """The step with that id."""
        return next((step for step in self.steps() if step.id == id), None)

    def scenario(self, id: str) -> Scenario | None:
        """The scenario with that id."""
        return next((scenario for scenario in self.scenarios if scenario.id == id), None)
