"""Executions: what will be executed, how it ended, whether it helped."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from cockpit.incident.kinds.payload import Payload
from cockpit.incident.kinds.signals import Reading


class RunIntent(Payload):
    """What is about to be executed, exactly, and where; written before it is executed.

    `prior` is the captured state to which an undo returns, in the action's own words.
    """

    kind = "run-intent"
    free = (
        "title",
        "command",
        "request",
        "from",
        "to",
        "change",
        "prior",
        "object",
    )
    run: str
    title: str
    step: str = ""
    risk: str = "read-only"
    command: str
    request: str = ""
    context: str = ""
    server: str = ""
    namespace: str = ""
    object: str = ""
    before: str = Field(alias="from", default="")
    after: str = Field(alias="to", default="")
    change: tuple[str, ...] = ()
    undo_of: str = ""
    prior: dict[str, str] | None = None
    mitigates: bool = False
    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True, defer_build=True
    )


class RunResult(Payload):
    """How an execution ended. `output` is redacted and capped; `sha256` is of the whole redacted output."""

    kind = "run-result"
    free = (
        "output",
        "error",
        "sha256",
    )
    run: str
    outcome: Literal["succeeded", "failed", "cancelled", "unknown"]
    exit: int | None = None
    seconds: float = 0.0
    output: str = ""
    sha256: str = ""
    bytes: int = 0
    error: str = ""


class RunVerified(Payload):
    """Whether a change did what it was made for: the checks afterwards, each with its verdict."""

    kind = "run-verified"
    free = ("checks",)
    run: str
    verdict: Literal["verified", "failed", "unknown"]
    checks: tuple[str, ...] = ()


class RunEffect(Payload):
    """The signals and pods around a change: as it began (`after` 0), and so many minutes after its end.

    Attributes:
        after: minutes after the end of the run; 0 is right before it was executed.
        verdict: compared with the start; at the start itself there is none.
        findings: what speaks for the verdict, a line each.
    """

    kind = "run-effect"
    free = ("findings",)
    run: str
    after: int = 0
    readings: tuple[Reading, ...] = ()
    ready: int | None = None
    wanted: int | None = None
    verdict: Literal["", "helped", "no effect", "worse", "unknown"] = ""
    findings: tuple[str, ...] = ()


class StepDone(Payload):
    """A runbook's step that somebody did by hand, where the cockpit could not: with what came of it."""

    kind = "step-done"
    free = ("title", "text")
    amends = ("text",)
    movable = True
    step: str
    title: str
    text: str = ""
    mitigates: bool = False


class MitigationLeft(Payload):
    """A change that stays in place though the incident is resolved: somebody was asked, and said so."""

    kind = "mitigation-left"
    free = ("title",)
    run: str
    title: str
