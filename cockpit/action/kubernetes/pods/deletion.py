"""`kubectl delete pods`: shows which, deletes just those, and waits until their owners have started others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.action.kubernetes.deployments.found import pods
from cockpit.action.kubernetes.order import NOT_ASKED, Order
from cockpit.action.kubernetes.patience import TIMEOUT
from cockpit.action.kubernetes.pods.deleting import Deleting, options, pod_path
from cockpit.action.kubernetes.pods.podlist import FoundPod, pod_named, pods_of
from cockpit.action.kubernetes.reading import Heading, kubectl, request_line
from cockpit.action.model import Plan, Situation
from cockpit.incident.times import age
from cockpit.kube.access import ANSWER_SECONDS, Access
from cockpit.kube.errors import KubeError
from cockpit.values import replace

_AT_ONCE = 8
"""Dry runs and reviews that are made at the same time."""
_MOST_NAMED = 20
"""Pods that the command of a preview names; of more it names the selector."""


@dataclass(frozen=True, slots=True)
class DeletePods:
    """Deletes one pod by its name, or all that `selector` matches when it is prepared. Destructive.

    What was previewed is what is deleted: a pod that appears later stays, and one that was replaced under the same
    name, too.
    """

    namespace: str
    pod: str = ""
    selector: str = ""
    mitigates: bool = True
    heading: Heading = field(default_factory=lambda: Heading("Delete pods"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Find the pods, review the access, try it as a dry run; whatever stands against it is a refusal."""
        object = f"pod/{self.pod}" if self.pod else f"pods/{_target(self.selector)}"
        plan = self._order(object).plan(access, situation)
        try:
            found = await self._found(access)
            if not found:
                return replace(plan, refusals=(f"no pod in {self.namespace} matches {self.selector}",))
            plan = self._described(plan, found, situation, access.clock.now())
            if denied := await self._denied(access, found):
                return replace(plan, refusals=denied, dry_run=NOT_ASKED)
            if refused := await self._tried(access, found):
                return replace(plan, refusals=refused, dry_run="refused")
            return replace(plan, execution=Deleting(access, self.namespace, found), dry_run="accepted by the server")
        except KubeError as error:
            return replace(plan, refusals=(str(error),))

    def _order(self, object: str) -> Order:
        which = (self.pod,) if self.pod else ("-l", self.selector)
        arguments = ("delete", "pods", *which)
        return Order(self.heading, self.namespace, object, arguments, "destructive", mitigates=self.mitigates)

    async def _found(self, access: Access) -> list[FoundPod]:
        """The pods that are there and not being deleted already."""
        if self.pod:
            return [await pod_named(access, self.namespace, self.pod)]
        return [pod for pod in await pods_of(access, self.namespace, self.selector) if not pod.row.deleting]

    def _described(self, plan: Plan, found: Sequence[FoundPod], situation: Situation, now: datetime) -> Plan:
        """The plan with each pod that goes; its object is what the pods belong to, whose name confirms it."""
        names = [pod.row.name for pod in found]
        workloads = {pod.workload for pod in found}
        one = workloads.pop() if len(workloads) == 1 else ""
        also = f", and so for {len(names) - 1} more" if len(names) > 1 else ""
        named = kubectl(situation, self.namespace, "delete", "pods", *names)
        return replace(
            plan,
            object=plan.object if self.pod else f"pods/{one or _target(self.selector)}",
            command=named if len(names) <= _MOST_NAMED else plan.command,
            request=request_line("DELETE", pod_path(self.namespace, names[0])) + f" (precondition: its uid){also}",
            before=f"{pods(len(names))}, {sum(pod.row.ready_bool for pod in found)} ready",
            after="deleted; what they belong to starts others" if any(pod.owner for pod in found) else "deleted",
            change=tuple(f"pod/{pod.row.name}: {_state(pod, now)} → deleted" for pod in found),
            warnings=tuple(_warnings(found, all_of_it=not self.pod)),
            undo="nothing to undo: a deleted pod does not come back, its owner starts another",
            timeout=TIMEOUT + ANSWER_SECONDS * len(names),
        )

    async def _denied(self, access: Access, found: Sequence[FoundPod]) -> tuple[str, ...]:
        """Which of the pods this user may not delete. Raises KubeError."""
        if (await access.allowed("delete", "", "pods", self.namespace)).allowed:
            return ()

        async def denied(pod: FoundPod) -> str:
            order = self._order(f"pod/{pod.row.name}")
            return "".join(await order.denied(access, "delete", "", "pods", pod.row.name))

        return await _each(found, denied)

    async def _tried(self, access: Access, found: Sequence[FoundPod]) -> tuple[str, ...]:
        """Why the server would not delete one or the other."""

        async def tried(pod: FoundPod) -> str:
            path = pod_path(self.namespace, pod.row.name)
            try:
                await access.call("DELETE", path, query={"dryRun": "All"}, body=options(pod, dry_run=True))
            except KubeError as error:
                return f"the dry run for pod/{pod.row.name} was refused: {error}"
            return ""

        return await _each(found, tried)


async def _each(found: Sequence[FoundPod], ask: Callable[[FoundPod], Awaitable[str]]) -> tuple[str, ...]:
    """What `ask` says of each pod, a few at the same time, without what is empty. Raises what `ask` raises."""
    said: list[str] = []
    for start in range(0, len(found), _AT_ONCE):
        said += await asyncio.gather(*(ask(pod) for pod in found[start : start + _AT_ONCE]))
    return tuple(filter(None, said))


def _target(selector: str) -> str:
    """What a selector is about, by its last value: `payment-service` of `app=payment-service`."""
    return selector.rpartition("=")[2].strip() or selector


def _state(pod: FoundPod, now: datetime) -> str:
    row = pod.row
    old = f", {age((now - row.created).total_seconds())} old" if row.created else ""
    restarts = "1 restart" if row.restarts == 1 else f"{row.restarts} restarts"
    return f"{row.status}, {row.ready} ready, {restarts}{old}"


def _warnings(found: Sequence[FoundPod], all_of_it: bool) -> Iterator[str]:
    for pod in found:
        if not pod.owner:
            yield f"pod/{pod.row.name} has no owner: nothing starts another"
    if all_of_it and any(pod.row.ready_bool for pod in found):
        these = "it is the only pod" if len(found) == 1 else "these are all the pods"
        yield f"{these}: nobody answers until others are ready"
