"""An action whose parameters hold secrets: what it does is not altered, what is shown and recorded of it is."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.model import Action, Execution, Outcome, Plan, Situation, Verdict
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.values import replace


@dataclass(frozen=True, slots=True)
class Masked:
    """Takes the values that `masking` knows out of the plan, the output and the outcome of `action`.

    A prior state that holds one of them is not kept, so that such a change has no undo.
    """

    action: Action
    masking: Masking

    async def prepare(self, access: Access, situation: Situation) -> Plan:
        """The plan of the action, masked; it executes what the action's own would."""
        plan = await self.action.prepare(access, situation)
        text = self.masking.text
        kept = all(text(value) == value for value in (plan.prior or {}).values())
        return replace(
            plan,
            command=text(plan.command),
            request=text(plan.request),
            before=text(plan.before),
            after=text(plan.after),
            change=tuple(map(text, plan.change)),
            warnings=tuple(map(text, plan.warnings)),
            refusals=tuple(map(text, plan.refusals)),
            undo=text(plan.undo) if kept else "not offered: the value that was there is secret and not kept",
            prior=plan.prior if kept else None,
            copy=text(plan.copy),
            execution=_Hidden(plan.execution, self.masking),
        )


@dataclass(frozen=True, slots=True)
class _Hidden:
    """An execution whose output and outcome are masked."""

    execution: Execution
    masking: Masking

    async def run(self, live: Live) -> Outcome:
        """Do it. Raises KubeError."""
        live.hide = self.masking.text
        try:
            return self._masked(await self.execution.run(live))
        except KubeError as error:
            raise self._error(error) from error

    async def settle(self, live: Live) -> Outcome:
        """Find out what became of it. Raises KubeError."""
        live.hide = self.masking.text
        try:
            return self._masked(await self.execution.settle(live))
        except KubeError as error:
            raise self._error(error) from error

    async def verify(self, live: Live, timeout: float) -> Verdict:
        """Watch whether it takes hold."""
        live.hide = self.masking.text
        verdict = await self.execution.verify(live, timeout)
        return replace(verdict, checks=tuple(map(self.masking.text, verdict.checks)))

    def _masked(self, outcome: Outcome) -> Outcome:
        return replace(outcome, error=self.masking.text(outcome.error))

    def _error(self, error: KubeError) -> KubeError:
        text = self.masking.text
        return KubeError(error.kind, text(error.message), text(error.mend), error.status)
