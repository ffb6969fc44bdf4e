"""What the actions that only read a cluster have in common: a plan without questions, made without asking anybody."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from cockpit.action.kubernetes.deployments.found import deployment_path
from cockpit.action.kubernetes.patience import TIMEOUT, patiently
from cockpit.action.live import Live
from cockpit.action.model import ALL_CHECKS, Check, Outcome, Plan, ReadOnly, Risk, Situation
from cockpit.incident.ids import new_id
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError

Read = Callable[[Live], Awaitable[Outcome | None]]
"""Reads and writes lines to the Live it is given; None is success. Raises KubeError."""


@dataclass(frozen=True, slots=True)
class Reading(ReadOnly):
    """An execution that only reads."""

    read: Read

    async def run(self, live: Live) -> Outcome:
        """Read; kubectl's exit status for success is 0."""
        async with patiently(live):
            return await self.read(live) or Outcome("succeeded", 0)


@dataclass(frozen=True, slots=True)
class Heading:
    """How an action appears in preview and record, and what its runbook's step asks of it.

    Args:
        title: its name for people.
        step: the runbook's step that it comes from.
        timeout: seconds for reading, or for the verification of a change; None for what is usual.
        risk: what the step says of it, when that is more than the action itself would say.
        checks: what is verified after a change.
    """

    title: str
    step: str = ""
    timeout: float | None = None
    risk: Risk | None = None
    checks: tuple[Check, ...] = ALL_CHECKS


def kubectl(situation: Situation, namespace: str, *arguments: str) -> str:
    """The kubectl command with context and namespace pinned, quoted for a shell."""
    return shlex.join(["kubectl", "--context", situation.target.context, "-n", namespace, *arguments])


def request_line(method: str, path: str, query: Mapping[str, str] | None = None) -> str:
    """An API call as a preview and the record show it."""
    return f"{method} {path}" + (f"?{urlencode(query)}" if query else "")


def reading_plan(
    heading: Heading,
    access: Access,
    situation: Situation,
    read: Read,
    *,
    namespace: str,
    object: str,
    arguments: tuple[str, ...],
    request: Callable[[], str],
    piped: tuple[str, ...] = (),
    timeout: float = TIMEOUT,
) -> Plan:
    """A read-only plan: `arguments` are kubectl's; `request` gives the API call in short, and may raise KubeError.

    `piped` is the program through which a shell would send kubectl's output for the same, with its arguments; `timeout`
    are the seconds after which it is given up.
    """
    try:
        call, refusals = request(), tuple[str, ...]()
    except KubeError as error:
        call, refusals = "", (str(error),)
    return Plan(
        run=new_id(),
        title=heading.title,
        risk=heading.risk or "read-only",
        command=kubectl(situation, namespace, *arguments) + (f" | {shlex.join(piped)}" if piped else ""),
        execution=Reading(read),
        step=heading.step,
        request=call,
        context=access.context,
        server=access.server,
        namespace=namespace,
        object=object,
        timeout=timeout if heading.timeout is None else heading.timeout,
        refusals=refusals,
    )


class OfDeployment(Protocol):
    """An action that only reads one deployment."""

    @property
    def deployment(self) -> str:
        """Its name."""

    @property
    def namespace(self) -> str:
        """Where it is."""

    @property
    def heading(self) -> Heading:
        """How the action appears."""

    async def read(self, access: Access, live: Live) -> Outcome | None:
        """Read and write lines; None is success. Raises KubeError."""


def deployment_reading(
    action: OfDeployment, access: Access, situation: Situation, *arguments: str, also: str = "",
    timeout: float = TIMEOUT,
) -> Plan:  # fmt: skip
    """The plan of an action that only reads a deployment: `arguments` are kubectl's, `also` what else is asked."""

    def request() -> str:
        return request_line("GET", deployment_path(action.namespace, action.deployment)) + also

    return reading_plan(
        action.heading,
        access,
        situation,
        lambda live: action.read(access, live),
        namespace=action.namespace,
        object=f"deployment/{action.deployment}",
        arguments=arguments,
        request=request,
        timeout=timeout,
    )
