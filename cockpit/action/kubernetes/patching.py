"""Carries out one guarded patch: tried as a dry run, sent once, its answer found out whatever happens on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from cockpit.action.kubernetes.deployments.rollout_status import LOOK_EVERY
from cockpit.action.kubernetes.patience import patiently
from cockpit.action.live import Live
from cockpit.action.model import Outcome, Verdict
from cockpit.kube.access import JSON_PATCH, Access
from cockpit.kube.errors import KubeError

Raw = dict[str, Any]
Seen = TypeVar("Seen")
Verify = Callable[[Live, float], Awaitable[Verdict]]

ATTEMPTS = 6
"""Patches that are tried while the object's status changes under them, as a deployment's does when pods crash."""
_LOOKS = 6
"""How often an object is looked at, a second apart, to see whether a patch without an answer arrived."""
_UNDECIDED = ("unreachable", "server")
"""Failures after which a patch may have been taken all the same."""


class Edit(Protocol[Seen]):
    """One change of one object, decided on what its preview saw.

    Attributes:
        noun: what the object is, as `deployment`.
        path: where the patch goes.
        done: the lines that say so once it is done.
    """

    @property
    def noun(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def done(self) -> Sequence[str]: ...

    async def look(self, access: Access) -> Seen:
        """The object as it is now. Raises KubeError."""

    def version(self, seen: Seen) -> str:
        """Its resourceVersion, to which a patch is bound."""

    def changed(self, seen: Seen) -> str:
        """How it differs from what the preview saw, in what matters; empty when it does not."""

    def arrived(self, seen: Seen) -> bool:
        """Whether it is as the change makes it."""

    def operations(self, seen: Seen) -> list[Raw]:
        """The JSON Patch that makes it so, without the test of the version. Raises KubeError."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the server made of a change that it was asked to try: the object, and from what it began."""

    body: bytes
    seen: Any


def guarded(edit: Edit[Seen], seen: Seen) -> list[Raw]:
    """The patch for the object as it was read: whatever changes it meanwhile makes the server refuse it."""
    test = {"op": "test", "path": "/metadata/resourceVersion", "value": edit.version(seen)}
    return [test, *edit.operations(seen)]


async def dry_run(access: Access, edit: Edit[Seen], seen: Seen) -> DryRun:
    """Try the change with `dryRun=All`, again while the object moves under it. Raises KubeError."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = await access.call(
                "PATCH", edit.path, query={"dryRun": "All"}, body=guarded(edit, seen), content_type=JSON_PATCH
            )
            return DryRun(answer.body, seen)
        except KubeError as error:
            before, seen = edit.version(seen), await edit.look(access)
            moved_on = edit.version(seen) != before
            if error.status not in (409, 422) or not moved_on or attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


class Patching:
    """The execution of one edit, prepared.

    Args:
        verify: watches whether the change takes hold.
    """

    def __init__(self, access: Access, edit: Edit[Any], verify: Verify) -> None:
        self._access = access
        self._edit = edit
        self._verify = verify
        self._tested = ""
        """The resourceVersion that the last patch was bound to: past it, that patch can no longer be taken."""

    async def run(self, live: Live) -> Outcome:
        """Patch the object, unless what matters of it is no longer what the preview showed."""
        async with patiently(live):
            return await self._tried(live)

    async def _tried(self, live: Live) -> Outcome:
        for _ in range(ATTEMPTS):
            seen = await self._edit.look(self._access)
            if changed := self._edit.changed(seen):
                return Outcome("failed", 1, f"{changed}; nothing was done: prepare it again")
            if outcome := await self._patch(seen, live):
                return outcome
            live.say(f"the {self._edit.noun}'s status changed meanwhile; reads it again")
        return Outcome("failed", 1, f"the {self._edit.noun} changed {ATTEMPTS} times while patching it; try again")

    async def settle(self, live: Live) -> Outcome:
        """Look until it is certain whether the patch was taken; unknown when that stays open."""
        for look in range(_LOOKS):
            if outcome := await self._look():
                return outcome
            if look < _LOOKS - 1:
                live.say("waits to see whether the change arrived")
                await live.clock.sleep(LOOK_EVERY)
        return Outcome("unknown", None, f"the {self._edit.noun} is unchanged so far: look again before you repeat it")

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """Watch whether the change takes hold."""
        return await self._verify(live, timeout)

    async def _look(self) -> Outcome | None:
        """What one look says about a patch without an answer; None when it may still arrive."""
        seen = await self._edit.look(self._access)
        if self._edit.arrived(seen):
            return Outcome("succeeded", 0)
        if changed := self._edit.changed(seen):
            return Outcome("unknown", None, f"meanwhile {changed}")
        if self._edit.version(seen) != self._tested:
            return Outcome("failed", 1, f"the cluster did not take it: the {self._edit.noun} moved on without it")
        return None

    async def _patch(self, seen: Any, live: Live) -> Outcome | None:
        """Send the patch; None when it lost against another change and nothing was done."""
        patch = guarded(self._edit, seen)
        self._tested = self._edit.version(seen)
        live.sent = True
        try:
            await self._access.call("PATCH", self._edit.path, body=patch, content_type=JSON_PATCH)
        except KubeError as error:
            return await self._after(error, live)
        await live.write(self._edit.done)
        return Outcome("succeeded", 0)

    async def _after(self, error: KubeError, live: Live) -> Outcome | None:
        """What a failed patch means: nothing was done, it lost a race (None), or it needs to be found out."""
        if error.kind in _UNDECIDED and not never_sent(error):
            return await self._found_out(error, live)
        live.sent = False
        if error.status in (409, 422):
            seen = await self._edit.look(self._access)
            if self._edit.version(seen) != self._tested:
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
        await live.write(self._edit.done if settled.outcome == "succeeded" else [])
        return Outcome(settled.outcome, settled.exit, "; ".join(filter(None, (error.message, settled.error))))


def never_sent(error: KubeError) -> bool:
    """Whether no connection came about, so that the request cannot have arrived."""
    import aiohttp

    return isinstance(error.__cause__, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
