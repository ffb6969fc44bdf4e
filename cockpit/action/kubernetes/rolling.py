"""Carries out a rollback: one guarded patch, its answer found out whatever happens to the connection, then verified."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.action.kubernetes.found import Found, Raw, deployment_path, read_found, release
from cockpit.action.kubernetes.rollout_status import LOOK_EVERY
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Verdict
from cockpit.kube.access import JSON_PATCH, Access, KubeError
from cockpit.kube.rollout import Revision, Rollout, read, rollback_patch

_ATTEMPTS = 6
"""Patches that are tried while the deployment's status changes under them, as it does when its pods crash."""
_LOOKS = 6
"""How often a deployment is looked at, a second apart, to see whether a patch without an answer arrived."""
_UNDECIDED = ("unreachable", "server")
"""Failures after which a patch may have been taken all the same."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What a rollback holds on to between its preview and its execution.

    Args:
        before: the deployment as the preview saw it.
        current: the revision that it leaves; None when its replica set is gone.
        wanted: the revision that it goes to.
        after: the pod template that the server made of the wanted one in its dry run.
    """

    namespace: str
    before: Found
    current: Revision | None
    wanted: Revision
    after: Raw

    @property
    def said(self) -> str:
        """From what to what."""
        return f"{self.before.release} → {release(self.wanted.number, self.wanted.image)}"

    def changed(self, found: Found) -> str:
        """How `found` differs from what the preview saw, in what matters; empty when it does not."""
        if found.row.uid != self.before.row.uid:
            return f"deployment {found.row.name} was deleted and made anew since the preview"
        if found.template != self.before.template or found.row.revision != self.before.row.revision:
            return f"deployment {found.row.name} was changed since the preview: it is now at {found.release}"
        return f"deployment {found.row.name} was paused since the preview" if found.row.paused else ""

    def patch(self, rollout: Rollout) -> list[Raw]:
        """The patch to the pinned revision, bound to the deployment as it was read in `rollout`. Raises KubeError."""
        kept = rollout.revision(self.wanted.number)
        if kept is None or kept.template != self.wanted.template:
            raise KubeError("conflict", f"revision {self.wanted.number} is not what it was in the preview", "", None)
        return rollback_patch(rollout, self.wanted.number)


class Rolling:
    """One rollback, prepared."""

    def __init__(self, access: Access, pin: Pin) -> None:
        self._access = access
        self._pin = pin
        self._name = pin.before.row.name
        self._tested = ""
        """The resourceVersion that the last patch was bound to: past it, that patch can no longer be taken."""

    async def run(self, live: Live) -> Outcome:
        """Patch the deployment, unless its template or revision is no longer what the preview showed."""
        for _ in range(_ATTEMPTS):
            rollout = await read(self._access, self._pin.namespace, self._name)
            if changed := self._pin.changed(Found(rollout.deployment, rollout.raw)):
                return Outcome("failed", 1, f"{changed}; nothing was done: prepare it again")
            if outcome := await self._patch(rollout, live):
                return outcome
            live.say("the deployment's status changed meanwhile; reads it again")
        return Outcome("failed", 1, f"the deployment changed {_ATTEMPTS} times while patching it; try again")

    async def settle(self, live: Live) -> Outcome:
        """Look until it is certain whether the patch was taken; unknown when that stays open."""
        for look in range(_LOOKS):
            if outcome := await self._look():
                return outcome
            if look < _LOOKS - 1:
                live.say("waits to see whether the change arrived")
                await live.clock.sleep(LOOK_EVERY)
        return Outcome("unknown", None, "the deployment is unchanged so far: look again before you repeat it")

    async def _look(self) -> Outcome | None:
        """What one look says about a patch without an answer; None when it may still arrive."""
        found = await self._read(timeout=3.0)
        if found.template == self._pin.after:
            return Outcome("succeeded", 0)
        if changed := self._pin.changed(found):
            return Outcome("unknown", None, f"meanwhile {changed}")
        if found.row.resource_version != self._tested:
            return Outcome("failed", 1, "the cluster did not take it: the deployment moved on without it")
        return None

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """Wait until the rollout of the wanted template is complete."""
        deadline = live.clock.monotonic() + timeout
        said = lost = ""
        while True:
            try:
                found = await self._read()
                said, lost = found.progress, ""
                if verdict := self._judged(found):
                    return verdict
            except KubeError as error:
                lost = str(error)
            if live.clock.monotonic() >= deadline:
                return _too_late(live.elapsed, said, lost)
            live.say(lost or said)
            await live.clock.sleep(LOOK_EVERY)

    def _judged(self, found: Found) -> Verdict | None:
        """The verdict on a rollout, when it is over."""
        if found.template != self._pin.after:
            return Verdict("failed", (f"the deployment was changed meanwhile, to {found.release}",))
        if found.status.state in ("stalled", "paused"):
            return Verdict("failed", (f"rollout {found.status.state}: {found.progress}",))
        return Verdict("verified", (f"rollout {found.status.message}",)) if found.status.state == "complete" else None

    async def _patch(self, rollout: Rollout, live: Live) -> Outcome | None:
        """Send the patch; None when it lost against another change and nothing was done."""
        path, patch = deployment_path(self._pin.namespace, self._name), self._pin.patch(rollout)
        self._tested = rollout.deployment.resource_version
        live.sent = True
        try:
            await self._access.call("PATCH", path, body=patch, content_type=JSON_PATCH)
        except KubeError as error:
            return await self._after(error, live)
        await live.write([f"deployment.apps/{self._name} rolled back", self._pin.said])
        return Outcome("succeeded", 0)

    async def _after(self, error: KubeError, live: Live) -> Outcome | None:
        """What a failed patch means: nothing was done, it lost a race (None), or it needs to be found out."""
        if error.kind in _UNDECIDED and not _never_sent(error):
            return await self._found_out(error, live)
        live.sent = False
        if error.status in (409, 422) and (await self._read()).row.resource_version != self._tested:
            return None
        return Outcome("failed", 1, str(error))

    async def _found_out(self, error: KubeError, live: Live) -> Outcome:
        """The outcome of a patch that failed in a way which does not say whether it was taken."""
        live.say(f"{error.message}; finding out whether the change arrived")
        answered = error.status is not None and error.status != 504  # so nothing is on its way any more
        try:
            settled = await self._look() or Outcome("failed", 1) if answered else await self.settle(live)
        except KubeError as worse:
            return Outcome("unknown", None, f"{error.message}; and then {worse.message}")
        await live.write([self._pin.said] if settled.outcome == "succeeded" else [])
        return Outcome(settled.outcome, settled.exit, "; ".join(filter(None, (error.message, settled.error))))

    async def _read(self, timeout: float = 10.0) -> Found:
        return await read_found(self._access, self._pin.namespace, self._name, timeout=timeout)


def _too_late(elapsed: float, said: str, lost: str) -> Verdict:
    if lost:
        return Verdict("unknown", (f"rollout unknown after {elapsed:.0f} s: {lost}",))
    return Verdict("failed", (f"rollout not complete after {elapsed:.0f} s: {said}",))


def _never_sent(error: KubeError) -> bool:
    """Whether no connection came about, so that the request cannot have arrived."""
    import aiohttp

    return isinstance(error.__cause__, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
