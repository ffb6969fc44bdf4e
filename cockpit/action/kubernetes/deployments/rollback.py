"""Roll back: chooses and pins a revision of a deployment, and shows exactly what going back to it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cockpit.action.kubernetes.deployments.found import Found, deployment_path, found_in, release
from cockpit.action.kubernetes.deployments.rolling import Pin
from cockpit.action.kubernetes.deployments.watching import rolled_out, watch
from cockpit.action.kubernetes.meanwhile import conflict
from cockpit.action.kubernetes.patching import Patching, Verify, dry_run
from cockpit.action.kubernetes.patience import TIMEOUT
from cockpit.action.kubernetes.reading import Heading, kubectl, request_line
from cockpit.action.model import VERIFY_TIMEOUT, Confirm, Never, Plan, Situation
from cockpit.action.repeat import left_behind
from cockpit.incident.ids import new_id
from cockpit.incident.state import Run
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.kube.rollouts.difference import template_difference
from cockpit.kube.rollouts.rollout import Revision, Rollout, read
from cockpit.values import replace


@dataclass(frozen=True, slots=True)
class Rollback:
    """Takes `deployment` back to an earlier revision.

    Args:
        revision: the revision wanted; None takes the newest earlier one that this record did not roll back from.
        template: the pod template hash wanted, which stays when the cluster renumbers its revisions; it goes first.
        undo_of: the run that this undoes.
        next: the template hash to which that run went: another one is somebody else's release.
        heading: its timeout is for the verification.
    """

    deployment: str
    namespace: str
    revision: int | None = None
    template: str = ""
    undo_of: str = ""
    mitigates: bool = True
    heading: Heading = field(default_factory=lambda: Heading("Roll back"))
    next: str = ""

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """Read, choose, review the access, dry-run and compare; whatever stands against it is a refusal."""
        plan = self._blank(access, situation)
        try:
            denied = await self._denied(access)
            rollout = await read(access, self.namespace, self.deployment)
            left = left_behind(plan.object, plan.context, self.namespace, situation.runs)
            wanted = self._wanted(rollout, left)
            if wanted is None:
                return replace(plan, refusals=(*denied, self._nothing_to_go_to(rollout)))
            plan = self._described(plan, rollout, wanted, situation, left.get(wanted.revision_hash))
            refusals = (*denied, *_obstacles(rollout, wanted), *self._changed_since(rollout, wanted))
            if refusals:
                return replace(plan, refusals=refusals, dry_run="not asked, because it cannot run")
            return await self._dry_run(plan, access, rollout, wanted)
        except KubeError as error:
            return replace(plan, refusals=(*plan.refusals, str(error)))

    def _blank(self, access: Access, situation: Situation) -> Plan:
        """The plan as far as it is known without looking."""
        return Plan(
            run=new_id(),
            title=self.heading.title,
            risk=self.heading.risk or "changing",
            command=kubectl(situation, self.namespace, "rollout", "undo", f"deployment/{self.deployment}"),
            execution=Never(),
            step=self.heading.step,
            context=access.context,
            server=access.server,
            namespace=self.namespace,
            object=f"deployment/{self.deployment}",
            undo_of=self.undo_of,
            mitigates=self.mitigates and not self.undo_of,
            checks=self.heading.checks,
            timeout=TIMEOUT,
            verify_timeout=VERIFY_TIMEOUT if self.heading.timeout is None else self.heading.timeout,
        )

    async def _denied(self, access: Access) -> tuple[str, ...]:
        """What the cluster does not let this user do, of what a rollback needs."""
        review = await access.allowed("patch", "apps", "deployments", self.namespace, self.deployment)
        if review.allowed:
            return ()
        why = review.reason or "no rule of the cluster's RBAC allows it"
        return (f"you may not patch deployment/{self.deployment} in {self.namespace}: {why}",)

    def _wanted(self, rollout: Rollout, left: dict[str, Run]) -> Revision | None:
        """The revision to go to. Without a choice made, never the one it was just rolled back from, if another is."""
        if self.template:
            return next((one for one in rollout.revisions if one.revision_hash == self.template), None)
        if self.revision is not None:
            return rollout.revision(self.revision)
        earlier = [one for one in rollout.revisions if not one.current]
        return next((one for one in earlier if one.revision_hash not in left), next(iter(earlier), None))

    def _changed_since(self, rollout: Rollout, wanted: Revision) -> Iterable[str]:
        """What stands against an undo: something else was released since."""
        current = next((one for one in rollout.revisions if one.current), None)
        if self.next and current and current.revision_hash != self.next and not wanted.current:
            yield conflict(f"deployment/{self.deployment}, now at {release(current.number, current.image)},")

    def _nothing_to_go_to(self, rollout: Rollout) -> str:
        kept = ", ".join(release(one.number, one.image) for one in rollout.revisions) or "none"
        if self.template or self.revision is not None:
            which = f"revision {self.revision}" if self.revision is not None else "the earlier state"
            return f"{which} of deployment/{self.deployment} is no longer kept by the cluster; kept are: {kept}"
        return f"deployment/{self.deployment} has no earlier revision to go back to; kept are: {kept}"

    def _described(
        self, plan: Plan, rollout: Rollout, wanted: Revision, situation: Situation, left_by: Run | None
    ) -> Plan:
        """The plan with what, where, and from what to what."""
        row = rollout.deployment
        current = next((one for one in rollout.revisions if one.current), None)
        before, after = release(row.revision, row.image), release(wanted.number, wanted.image)
        back = (
            f"this brings {after} back, which {left_by.started.actor} rolled back" if left_by else
            f"this brings {after} back" if self.undo_of else ""
        )  # fmt: skip
        arguments = ("rollout", "undo", f"deployment/{self.deployment}", f"--to-revision={wanted.number}")
        return replace(
            plan,
            command=kubectl(situation, self.namespace, *arguments),
            request=f"{request_line('PATCH', deployment_path(self.namespace, self.deployment))}"
            f" (JSON Patch: test /metadata/resourceVersion; replace /spec/template with replica set"
            f" {wanted.replica_set}'s; replace /metadata/annotations)",
            before=before,
            after=after,
            change=tuple(template_difference(rollout.raw["spec"]["template"], wanted.template)),
            warnings=tuple(filter(None, (back, _gitops(rollout)))),
            undo=f"roll forward to {before}" if current else "",
            prior=_prior(current, wanted) if current else None,
            confirm=Confirm("yes", extra=back),
        )

    async def _dry_run(self, plan: Plan, access: Access, rollout: Rollout, wanted: Revision) -> Plan:
        """The plan with the server's verdict on the same request, and what it would make of it. Raises KubeError."""
        pin = Pin(self.namespace, Found(rollout.deployment, rollout.raw), wanted, rollout.revisions)
        try:
            tried = await dry_run(access, pin, pin.before)
        except KubeError as error:
            return replace(plan, refusals=(f"the dry run was refused: {error}",), dry_run="refused")
        pin = replace(pin, before=tried.seen, after=found_in(tried.body, access).template)
        return replace(
            plan,
            execution=Patching(access, pin, self._watched(access, pin)),
            change=tuple(template_difference(pin.before.template, pin.after)),
            dry_run="accepted by the server",
        )

    def _watched(self, access: Access, pin: Pin) -> Verify:
        judge = rolled_out(pin.after)
        return lambda live, timeout: watch(access, self.namespace, self.deployment, judge, live, timeout)


def undo_of(run: Run, *, heading: Heading | None = None) -> Rollback | None:
    """What undoes a rollback: going forward again to the template that it left, as captured before it was made.

    The thresholds are not waited for: what was left was bad. None when there is nothing to undo: the run failed, was
    cancelled or undone already, or captured no prior state.
    """
    intent = run.intent
    kind, _, name = intent.object.partition("/")
    template = (intent.prior or {}).get("template", "")
    if kind != "deployment" or not template or run.undone_by or run.outcome not in ("succeeded", "unknown"):
        return None
    heading = replace(heading or Heading(f"Undo: {intent.title}", intent.step), checks=("rollout-complete",))
    next = (intent.prior or {}).get("next", "")
    return Rollback(
        name, intent.namespace, template=template, undo_of=intent.run, mitigates=False, heading=heading, next=next
    )


def _obstacles(rollout: Rollout, wanted: Revision) -> Iterable[str]:
    """Why the deployment cannot be taken to `wanted` now."""
    row = rollout.deployment
    if row.paused:
        yield f"deployment/{row.name} is paused, and a rollback of it would do nothing: resume it first"
    if row.observed_generation < row.generation:
        yield f"the cluster has not yet looked at the latest change of deployment/{row.name}: try again in a moment"
    if wanted.current:
        yield f"deployment/{row.name} runs {release(wanted.number, wanted.image)} already"


def _gitops(rollout: Rollout) -> str:
    by = rollout.deployment.gitops
    return f"{by} manages this deployment and will revert the change: change it there too, or suspend it" if by else ""


def _prior(current: Revision, wanted: Revision) -> dict[str, str]:
    """What an undo needs: the revision that is left, and the one that took its place."""
    return {
        "revision": str(current.number),
        "release": current.image,
        "template": current.revision_hash,
        "replica_set": current.replica_set,
        "next": wanted.revision_hash,
    }
