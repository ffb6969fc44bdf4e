"""Changes of one deployment: looked at, reviewed, tried as a dry run, compared, and pinned to what the preview saw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cockpit.action.kubernetes.deployments.found import Found, Raw, deployment_path, found_in, pods, read_found
from cockpit.action.kubernetes.deployments.watching import Judge, rolled_out, watch
from cockpit.action.kubernetes.order import NOT_ASKED, Order, reverted
from cockpit.action.kubernetes.patching import Patching, dry_run
from cockpit.action.kubernetes.reading import request_line
from cockpit.action.model import Plan, Situation, Verdict
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.rollouts.difference import template_difference
from cockpit.values import replace

Matter = Literal["template", "replicas", "paused"]
"""The part of a deployment that a change is about: only that part must stay as the preview saw it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change comes to, on the deployment as it was found.

    Args:
        matter: the part that it is about, and `wanted` what that part becomes; a template comes from the dry run.
        patch: the JSON Patch that makes it so.
        done: the line that says so once it is done.
        refusals: why it cannot be made; one is enough.
        judge: decides from the deployment whether it took hold; None waits for the template's rollout.
    """

    matter: Matter
    patch: list[Raw]
    done: str
    before: str
    after: str
    wanted: object = None
    change: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    undo: str = ""
    prior: Mapping[str, str] | None = None
    judge: Judge | None = None


@dataclass(frozen=True, slots=True)
class DeploymentEdit:
    """A change bound to the deployment that its preview saw."""

    namespace: str
    before: Found
    change: Change
    subresource: str = ""
    wanted: object = None
    noun: str = field(default="deployment")

    @property
    def path(self) -> str:
        """Where the patch goes: the deployment, or its scale."""
        path = deployment_path(self.namespace, self.before.row.name)
        return f"{path}/{self.subresource}" if self.subresource else path

    @property
    def done(self) -> list[str]:
        """The line that says so."""
        return [self.change.done]

    async def look(self, access: Access) -> Found:
        """The deployment as it is now. Raises KubeError."""
        return await read_found(access, self.namespace, self.before.row.name)

    def version(self, seen: Found) -> str:
        """Its resourceVersion, which its scale shares."""
        return seen.row.resource_version

    def changed(self, seen: Found) -> str:
        """How `seen` differs from what the preview saw, in what the change is about."""
        name, matter = seen.row.name, self.change.matter
        if changed := seen.remade(self.before):
            return changed
        if _part(seen, matter) == _part(self.before, matter):
            return ""
        if matter == "replicas":
            return f"deployment {name} was scaled since the preview: it now wants {pods(seen.row.wanted)}"
        if matter == "paused":
            return f"deployment {name} was {'paused' if seen.row.paused else 'resumed'} since the preview"
        return seen.retemplated(self.before)

    def arrived(self, seen: Found) -> bool:
        """Whether the part that it is about is as wanted."""
        return _part(seen, self.change.matter) == self.wanted

    def operations(self, seen: Found) -> list[Raw]:
        """The patch; what it is about is as the preview saw it."""
        return self.change.patch


def _part(found: Found, matter: Matter) -> object:
    if matter == "template":
        return found.template
    return found.row.wanted if matter == "replicas" else found.row.paused


Decide = Callable[[Access, Found], Awaitable[Change]]


async def change_deployment(
    order: Order, name: str, access: Access, situation: Situation, decide: Decide, *, subresource: str = ""
) -> Plan:
    """The plan of a change of the deployment `name`; whatever stands against it is a refusal.

    Args:
        decide: says what the change comes to on the deployment as it was found; may raise KubeError.
        subresource: `scale` where the change goes there.
    """
    plan = order.plan(access, situation)
    try:
        denied = await order.denied(access, "patch", "apps", "deployments", name, subresource)
        found = await read_found(access, order.namespace, name)
        change = await decide(access, found)
        edit = DeploymentEdit(order.namespace, found, change, subresource, change.wanted)
        plan = _described(plan, edit)
        if refusals := (*denied, *change.refusals, *_unseen(found)):
            return replace(plan, refusals=refusals, dry_run=NOT_ASKED)
        return await _tried(plan, access, edit)
    except KubeError as error:
        return replace(plan, refusals=(*plan.refusals, str(error)))


def _described(plan: Plan, edit: DeploymentEdit) -> Plan:
    """The plan with what, where, and from what to what."""
    change, row = edit.change, edit.before.row
    operations = "; ".join(f"{one['op']} {one['path']}" for one in change.patch)
    return replace(
        plan,
        request=f"{request_line('PATCH', edit.path)} (JSON Patch: test /metadata/resourceVersion; {operations})",
        before=change.before,
        after=change.after,
        change=change.change,
        warnings=(*change.warnings, *reverted(row.gitops, "deployment")),
        undo=change.undo,
        prior=change.prior,
    )


def _unseen(found: Found) -> tuple[str, ...]:
    row = found.row
    if row.observed_generation >= row.generation:
        return ()
    return (f"the cluster has not yet looked at the latest change of deployment/{row.name}: try again in a moment",)


async def _tried(plan: Plan, access: Access, edit: DeploymentEdit) -> Plan:
    """The plan with the server's verdict on the same request, and what it would make of it."""
    try:
        tried = await dry_run(access, edit, edit.before)
    except KubeError as error:
        return replace(plan, refusals=(f"the dry run was refused: {error}",), dry_run="refused")
    edit = replace(edit, before=tried.seen)
    difference = plan.change
    if edit.change.matter == "template":
        edit = replace(edit, wanted=found_in(tried.body, access).template)
        difference = tuple(template_difference(edit.before.template, edit.wanted))  # type: ignore[arg-type]
    judge = edit.change.judge or _template_judge(edit)
    name = edit.before.row.name
    return replace(
        plan,
        execution=Patching(
            access, edit, lambda live, timeout: watch(access, edit.namespace, name, judge, live, timeout)
        ),
        change=difference,
        dry_run="accepted by the server",
    )


def _template_judge(edit: DeploymentEdit) -> Judge:
    """Waits for the rollout; of a deployment that was paused before nothing rolls out, and that is as announced."""
    rollout = rolled_out(edit.wanted)

    def judge(found: Found) -> Verdict | None:
        if edit.before.row.paused and found.row.paused and edit.arrived(found):
            return Verdict("verified", ("set; it rolls out when the deployment is resumed",))
        return rollout(found)

    return judge
