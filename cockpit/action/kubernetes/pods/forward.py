"""`kubectl port-forward`: a port of this machine leads to one of a pod, until it is stopped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from cockpit.action.kubernetes.objects.places import resource_in
from cockpit.action.kubernetes.order import Order
from cockpit.action.kubernetes.pods.podlist import FoundPod, as_selector, chosen_pod
from cockpit.action.kubernetes.reading import Heading, request_line
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Plan, ReadOnly, Situation
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.inside.forwarding import carry, forward_path
from cockpit.values import replace

HOST = "127.0.0.1"
"""Only programs of this machine can use a forwarded port."""
_LONGEST = 86_400.0
"""Seconds after which a forward that nobody stopped ends."""


@dataclass(frozen=True, slots=True)
class PortForward:
    """Forwards a port of this machine to `port` of what `resource` names, as `svc/payment-service` or a pod's name.

    Args:
        port: of the pod; of a service its own port, which leads to the pod's.
        local: the port here; 0 takes a free one.
    """

    resource: str
    namespace: str
    port: int
    local: int = 0
    heading: Heading = field(default_factory=lambda: Heading("port-forward"))

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Choose the pod, review the access; whatever stands against it is a refusal."""
        ports = f"{self.local or ''}:{self.port}"
        arguments = ("port-forward", "--address", HOST, self.resource, ports)
        order = Order(self.heading, self.namespace, self.resource, arguments, "interactive", mitigates=False)
        timeout = _LONGEST if self.heading.timeout is None else self.heading.timeout
        plan = replace(order.plan(access, situation, timeout=timeout), interactive="forward")
        try:
            pod, port = await self._target(access)
            name = pod.row.name
            plan = replace(
                plan,
                object=f"pod/{name}",
                request=f"{request_line('GET', forward_path(self.namespace, name))} (WebSocket; port {port})",
                after=f"{HOST}:{self.local or 'a free port'} leads to port {port} of {name} until it is stopped",
            )
            order = replace(order, object=f"pod/{name}")
            if denied := await order.denied_socket(access, name, "portforward"):
                return replace(plan, refusals=denied)
            return replace(plan, execution=_Forwarding(access, self.namespace, name, port, self.local))
        except KubeError as error:
            return replace(plan, refusals=(str(error),))

    async def _target(self, access: Access) -> tuple[FoundPod, int]:
        """The pod and its port. Raises KubeError."""
        kind, _, name = self.resource.rpartition("/")
        resource = await resource_in(access, kind or "pods")
        if resource.plural == "pods":
            return await chosen_pod(access, self.namespace, pod=name), self.port
        answer = await access.call("GET", resource.path(self.namespace, name))
        spec: dict[str, Any] = access.decode(answer.body, dict[str, Any]).get("spec") or {}
        if resource.plural == "services":
            labels = {"matchLabels": spec.get("selector") or {}}
            pod = await chosen_pod(access, self.namespace, selector=self._selector(labels))
            return pod, self._behind(spec, pod)
        wanted = spec.get("selector")
        selector = self._selector(wanted if isinstance(wanted, dict) else {})
        return await chosen_pod(access, self.namespace, selector=selector), self.port

    def _selector(self, wanted: dict[str, Any]) -> str:
        if not (selector := as_selector(wanted)):
            raise KubeError("invalid", f"{self.resource} selects no pods", "name a pod, a service or a deployment")
        return selector

    def _behind(self, spec: dict[str, Any], pod: FoundPod) -> int:
        """The pod's port behind the service's. Raises KubeError."""
        ports = spec.get("ports") or []
        found = next((one for one in ports if one.get("port") == self.port), None)
        if found is None:
            there = ", ".join(str(one.get("port")) for one in ports) or "none"
            raise KubeError("not-found", f"{self.resource} has no port {self.port}; it has: {there}")
        wanted = found.get("targetPort", self.port)
        if isinstance(wanted, int):
            return wanted
        for container in pod.raw["spec"].get("containers") or ():
            for one in container.get("ports") or ():
                if one.get("name") == wanted:
                    return int(one["containerPort"])
        raise KubeError("not-found", f"pod/{pod.row.name} has no port that is called {wanted}")


@dataclass(frozen=True, slots=True)
class _Forwarding(ReadOnly):
    """The execution of a forward: it goes on until it is stopped, which is its success, or the pod is gone."""

    access: Access
    namespace: str
    pod: str
    port: int
    local: int

    async def run(self, live: Live) -> Outcome:
        """Listen and forward; gives the outcome also when it is stopped."""
        carrying: set[asyncio.Task[None]] = set()
        gone: asyncio.Future[KubeError] = asyncio.get_running_loop().create_future()
        count = 0

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal count
            count += 1
            task = asyncio.ensure_future(self._carried(reader, writer, live, gone))
            carrying.add(task)
            task.add_done_callback(carrying.discard)

        try:
            server = await asyncio.start_server(connected, HOST, self.local)
        except OSError as error:
            why = error.strerror or str(error)
            return Outcome("failed", 1, f"{HOST}:{self.local} cannot be listened on: {why}; take another port")
        said = f"{HOST}:{server.sockets[0].getsockname()[1]} → {self.pod}:{self.port}"
        try:
            await live.write([f"Forwarding from {said}"])
            live.say(f"{said}; goes on until it is stopped")
            ended = await gone
            return Outcome("failed", 1, f"{self.pod} can no longer be reached: {ended}")
        except asyncio.CancelledError:  # to be stopped is how a forward ends
            return Outcome("succeeded", 0)
        finally:
            server.close()
            for task in carrying:
                task.cancel()
            await asyncio.gather(*carrying, return_exceptions=True)
            await live.write([f"{count} connection{'' if count == 1 else 's'} forwarded"])

    async def _carried(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, live: Live, gone: asyncio.Future[KubeError]
    ) -> None:
        """One connection; what goes wrong with it is said, and ends the forward only when the pod is gone."""
        try:
            if said := await carry(self.access, self.namespace, self.pod, self.port, reader, writer):
                await live.write([said])
        except KubeError as error:
            await live.write([str(error)])
            if error.status in (401, 403, 404) and not gone.done():
                gone.set_result(error)
        finally:
            writer.close()
