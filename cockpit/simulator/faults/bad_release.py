"""A bad release: 1.4.2 wants a setting that nobody has added to the configuration, and dies for want of it.

It listens before it has read its routes, so its readiness probe passes and it gets traffic that it cannot route. What
helps: any way back to an earlier release, or the setting. What does not: restarting, deleting pods, more replicas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

from cockpit.simulator.faults.fault import Fault
from cockpit.simulator.payments.manifests import container
from cockpit.simulator.payments.program import Journalist, Release
from cockpit.simulator.payments.sight import NAMESPACE, SERVICE
from cockpit.simulator.program import Execution, LogLine

if TYPE_CHECKING:
    from cockpit.simulator.world import World

VERSION = "1.4.2"
SETTING = "PAYMENT_ROUTES"
CALM = 8.0
"""Simulated seconds of a healthy service before the deployment job runs."""


class RoutesFromSettings(Release):
    """Release 1.4.2, which reads where payments go from a setting instead of from its code."""

    def __init__(self) -> None:
        super().__init__(VERSION)

    def execute(self, settings: Mapping[str, str], journalist: Journalist, random: Random) -> Execution:
        """Start as ever with the setting; without it, take requests for a moment and die."""
        if SETTING in settings or self.wrong_setting(settings):
            return super().execute(settings, journalist, random)
        ready = random.uniform(2.0, 2.6)
        end = random.uniform(4.0, 6.0)
        log = [*self.opening(settings, journalist), *self._last_words(journalist, end)]
        return Execution(ready_after=ready, exit_after=end, exit_code=1, reason="Error", log=log)

    def status(self, settings: Mapping[str, str], random: Random) -> int:
        """Every payment needs a route."""
        return super().status(settings, random) if SETTING in settings else 500

    def _last_words(self, journalist: Journalist, end: float) -> list[LogLine]:
        problem = f"setting {SETTING} is missing: no payment can be routed"
        trace = (
            f"SettingsError: {problem}",
            "    at required (/srv/payments/dist/settings/required.js:27:11)",
            "    at Routes.fromSettings (/srv/payments/dist/routing/routes.js:64:22)",
            "    at startRouting (/srv/payments/dist/main.js:118:31)",
        )
        return [
            journalist.line(2.2, "info", "reading payment routes", source=f"env:{SETTING}"),
            journalist.line(2.9, "error", "payment not routed", status=500, route=None),
            journalist.line(3.4, "error", "payment not routed", status=500, route=None),
            journalist.line(end - 0.2, "fatal", problem, since=VERSION, replaces="GATEWAY_PRIMARY"),
            *(LogLine(end - 0.1, line) for line in trace),
        ]


class BadRelease(Fault):
    """The deployment job of the CI rolls out 1.4.2 over 1.4.1."""

    name = "bad-release"
    description = "release 1.4.2 of payment-service crash-loops; 3 of 5 pods are lost and the rest are overloaded"

    def releases(self) -> Sequence[Release]:
        """The release with the mistake in it."""
        return (RoutesFromSettings(),)

    async def begin(self, world: World) -> None:
        """Roll it out after a calm moment."""
        await world.pace.sleep(CALM)
        change = {
            "metadata": {"annotations": {"kubernetes.io/change-cause": f"release {VERSION}"}},
            "spec": {"template": {"spec": {"containers": [container(VERSION)]}}},
        }
        world.cluster.patch_merge("deployments", NAMESPACE, SERVICE, change)
