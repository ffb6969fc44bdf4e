"""`kubectl exec` of one command: its output captured, its exit status told, nothing typed into it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.action.intake import Intake
from cockpit.action.kubernetes.order import Order
from cockpit.action.kubernetes.patching import never_sent
from cockpit.action.kubernetes.pods.podlist import FoundPod, chosen_pod
from cockpit.action.kubernetes.reading import Heading, kubectl, request_line
from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.model import EXECUTE_TIMEOUT, Outcome, Plan, ReadOnly, Risk, Situation
from cockpit.action.spool import Spool
from cockpit.kube.access import ANSWER_SECONDS, Access
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.remote import Exited, exec_path, executed
from cockpit.text import safe
from cockpit.values import replace


@dataclass(frozen=True, slots=True)
class Exec:
    """Runs `command` once in a container of a pod.

    Args:
        command: the program and its words; a shell only where they name one.
        pod: by its name; without one the first ready pod of `selector`, else of `deployment`.
        container: without one the pod's default, as its annotation names it, else its first.
        risk: what the command can do there.
        masking: takes secret values out of what is shown and recorded.
        spool: the folder for output that is larger than the record takes; None keeps none.
    """

    namespace: str
    command: Sequence[str]
    pod: str = ""
    selector: str = ""
    deployment: str = ""
    container: str = ""
    risk: Risk = "changing"
    mitigates: bool = True
    masking: Masking = field(default_factory=lambda: Masking({}), repr=False, compare=False)
    spool: Path | None = None
    heading: Heading = field(default_factory=lambda: Heading("exec"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Choose the pod and its container, review the access; whatever stands against it is a refusal."""
        plan = self._plan(access, situation)
        try:
            found = await chosen_pod(
                access, self.namespace, pod=self.pod, selector=self.selector, deployment=self.deployment
            )
            container = found.container(self.container)
            order = self._order(f"pod/{found.row.name}")
            plan = self._described(plan, found, container, situation)
            if refusals := await order.denied_socket(access, found.row.name, "exec"):
                return replace(plan, refusals=refusals)
            if found.row.status in ("Succeeded", "Completed", "Failed", "Pending"):
                return replace(plan, refusals=(f"pod/{found.row.name} is {found.row.status}: nothing runs in it",))
            return replace(plan, execution=_Executing(access, found.row.name, container, self, plan.run, plan.changes))
        except KubeError as error:
            return replace(plan, refusals=(str(error),))

    def _order(self, object: str) -> Order:
        arguments = ("exec", object, "--", *self.command)
        return Order(self.heading, self.namespace, object, arguments, self.risk, mitigates=self.mitigates)

    def _plan(self, access: Access, situation: Situation) -> Plan:
        which = f"pod/{self.pod}" if self.pod else f"deployment/{self.deployment}" if self.deployment else "pods"
        timeout = ANSWER_SECONDS + EXECUTE_TIMEOUT if self.heading.timeout is None else self.heading.timeout
        plan = self._order(which).plan(access, situation, timeout=timeout)
        mitigates = plan.mitigates and plan.changes
        return replace(plan, command=self.masking.text(plan.command), mitigates=mitigates)

    def _described(self, plan: Plan, found: FoundPod, container: str, situation: Situation) -> Plan:
        """The plan with the pod and the container in which it will run."""
        name, words = found.row.name, self.masking.text(shlex.join(self.command))
        request = request_line("GET", exec_path(self.namespace, name))
        command = kubectl(situation, self.namespace, "exec", name, "-c", container, "--", *self.command)
        return replace(
            plan,
            object=f"pod/{name}",
            command=self.masking.text(safe(command)),
            request=f"{request} (WebSocket; container {container}): {words}",
            warnings=() if found.row.ready_bool else (f"pod/{name} is not ready: {found.row.status}",),
            dry_run="there is none for a command" if plan.changes else "",
        )


@dataclass(frozen=True, slots=True)
class _Executing(ReadOnly):
    """The execution of a command in a container.

    What it did cannot be looked up afterwards, so that one whose end was not told stays unknown, unless it only reads.
    """

    access: Access
    pod: str
    container: str
    action: Exec
    id: str
    changes: bool

    async def run(self, live: Live) -> Outcome:
        """Run it to its end; hang up when this is cancelled."""
        action = self.action
        spool = Spool(action.spool, self.id, live)
        intake = Intake(live, action.masking, spool)
        live.say(f"runs {action.command[0]} in {self.pod}")
        live.sent = self.changes
        parts = executed(self.access, action.namespace, self.pod, self.container, action.command)
        try:
            async with aclosing(parts):
                async for part in parts:
                    if isinstance(part, Exited):
                        return Outcome("failed", part.status, part.message) if part.status else Outcome("succeeded", 0)
                    await intake.take(part)
        except KubeError as error:
            live.sent = self.changes and error.status is None and not never_sent(error)
            raise
        finally:
            await intake.end()
            await spool.close()
        raise AssertionError("the last part is how it ended")
