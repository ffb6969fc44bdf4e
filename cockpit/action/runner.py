"""The one way to do something outside: intent recorded, executed, result recorded, verified; never more than asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cockpit.action.aftermath import not_awaited, thresholds_back
from cockpit.action.effort import attempt, to_the_end
from cockpit.action.errors import BusyError, NotConfirmedError, RefusedError
from cockpit.action.live import Live, OnProgress, Terminal, ignore
from cockpit.action.model import Action, Confirm, Confirmation, Outcome, Plan, Situation, Verdict, needs_cluster
from cockpit.action.ports import BoardView, Recorder
from cockpit.action.repeat import last_run, second_rollback
from cockpit.clock import Clock
from cockpit.incident.kinds import RunResult, RunVerified
from cockpit.kube.access import Access
from cockpit.values import replace


class Runner:
    """Prepares, executes and verifies actions on one incident's target.

    Args:
        access: the cluster, opened for the context that the incident is pinned to; None while it is not open, and
            then only what needs no cluster can be done.
        recorder: writes intents durably, and results and verdicts as soon as it can.
        board: the signals, for the thresholds that a change must bring back.
        clock: time.
        situation: what the room knows at the moment of asking.
    """

    def __init__(
        self,
        access: Access | None,
        recorder: Recorder,
        board: BoardView,
        clock: Clock,
        situation: Callable[[], Situation],
    ) -> None:
        self._access = access
        self._closed: Callable[[], str] = lambda: "the cluster is not open; v says why"
        self._recorder = recorder
        self._board = board
        self._clock = clock
        self._situation = situation
        self._changing: Plan | None = None
        self._executed: set[str] = set()
        self._alarmed: dict[str, frozenset[str]] = {}

    def reach(self, access: Access | None, closed: Callable[[], str]) -> None:
        """Go on with the cluster as it is reached now; `closed` says why it is not, for whoever needs it."""
        self._access, self._closed = access or self._access, closed

    @property
    def changing(self) -> Plan | None:
        """The change that is being executed now."""
        return self._changing

    async def prepare(self, action: Action) -> Plan:
        """Look at the target and give the plan of `action`, with every warning and refusal; changes nothing.

        Raises:
            RefusedError: it needs the cluster, which is not open.
        """
        situation = self._situation()
        if self._access is None and needs_cluster(action):
            raise RefusedError(self._closed())
        plan = await action.prepare(self._access, situation)  # type: ignore[arg-type]  # None: it needs no cluster
        extra = second_rollback(plan, situation.runs, self._clock.now())
        return replace(
            plan,
            refusals=(*self._standing_refusals(plan, situation), *plan.refusals),
            warnings=(*_standing_warnings(plan, situation), *((extra,) if extra else ()), *plan.warnings),
            forbidden=situation.forbidden.get(plan.amounts_to, ""),
            last=last_run(plan, situation.runs, self._clock.now()),
            confirm=_confirm(plan, extra),
        )

    async def execute(
        self,
        plan: Plan,
        given: Confirmation | None = None,
        on_progress: OnProgress = ignore,
        terminal: Terminal | None = None,
    ) -> RunResult:
        """Execute `plan` once: record the intent, do it, record the result.

        A read-only plan needs no confirmation. When cancelled, it finds out what became of what was already sent,
        records that, and then raises CancelledError.

        Raises:
            RefusedError, NotConfirmedError, BusyError: nothing was executed and nothing recorded.
            Exception: whatever the recorder raised for the intent; nothing was executed.
        """
        self._check(plan, given or Confirmation())
        if plan.interactive == "terminal" and terminal is None:
            raise RefusedError("it wants a terminal, and there is none here", f"run it yourself: {plan.command}")
        self._executed.add(plan.run)
        if plan.changes:
            self._changing = plan
        try:
            return await self._recorded_run(plan, Live(self._clock, on_progress, terminal))
        finally:
            if plan.changes:
                self._changing = None

    async def verify(self, plan: Plan, on_progress: OnProgress = ignore) -> RunVerified:
        """Watch whether `plan`, executed, does what it was made for, and record the verdict.

        First the change itself takes hold, then every threshold that was alarming when it was executed is ok again.
        When cancelled, it records what was seen so far as unknown, and then raises CancelledError.
        """
        live = Live(self._clock, on_progress)
        checks: list[str] = []
        try:
            verdict = await self._verdict(plan, live, checks)
        except asyncio.CancelledError:
            stopped = f"stopped watching after {live.elapsed:.0f} s"
            await to_the_end(self._recorder.verified(_verified(plan, Verdict("unknown", (*checks, stopped)))))
            raise
        verified = _verified(plan, verdict)
        await self._recorder.verified(verified)
        return verified

    def _check(self, plan: Plan, given: Confirmation) -> None:
        if plan.refusals:
            raise RefusedError(plan.refusals[0])
        if plan.run in self._executed:
            raise RefusedError("this plan was executed already", "prepare it again")
        situation = self._situation()
        if standing := self._standing_refusals(plan, situation):
            raise RefusedError(standing[0])
        if (forbidden := situation.forbidden.get(plan.amounts_to, "")) and not given.break_glass.strip():
            raise RefusedError(forbidden)
        if missing := plan.confirm.missing(given):
            raise NotConfirmedError(missing)
        extra = second_rollback(plan, situation.runs, self._clock.now())
        if extra and not plan.confirm.extra:
            raise NotConfirmedError(f"since the preview: {extra}", "prepare it again")
        if plan.changes and self._changing:
            raise BusyError(f"{self._changing.title} is being executed", "wait for its end, or cancel it")

    def _standing_refusals(self, plan: Plan, situation: Situation) -> tuple[str, ...]:
        """What stands against any plan like this one, whatever the cluster says."""
        target = situation.target
        found = []
        at = self._access
        if plan.context and at and (at.context != target.context or (target.server and at.server != target.server)):
            pinned = f"{target.context} ({target.server})" if target.server else target.context
            found.append(f"the incident is pinned to {pinned}, and this is {at.context} ({at.server})")
        if plan.risk == "interactive" and not plan.interactive:
            found.append("it is interactive: run it in a terminal of your own")
        if plan.changes and situation.read_only:
            found.append("the cockpit was started with --read-only")
        if plan.changes and situation.drill and not (situation.drill_cluster or plan.rehearsed):
            found.append("this is a drill, and the cluster is not marked `drill: true` in the configuration")
        if plan.changes and situation.drill and plan.beyond:
            found.append(f"this is a drill, and {plan.beyond}")
        return tuple(found)

    async def _recorded_run(self, plan: Plan, live: Live) -> RunResult:
        alarming = (reading.id for reading in self._board.readings() if reading.state in ("warning", "breach"))
        self._alarmed[plan.run] = frozenset(alarming)
        try:
            cancelled = await to_the_end(self._recorder.intent(plan))
        except Exception:  # whatever the journal's failure: nothing was executed, so the plan may be tried again
            self._executed.discard(plan.run)
            raise
        if cancelled:
            outcome = Outcome("cancelled", None, "cancelled before anything was executed")
        else:
            outcome, cancelled = await attempt(plan, live)
        result = RunResult(
            run=plan.run,
            outcome=outcome.outcome,
            exit=outcome.exit,
            seconds=round(live.elapsed, 3),
            output=live.output.text(),
            sha256=live.output.sha256,
            bytes=live.output.bytes,
            error=outcome.error,
        )
        cancelled |= await to_the_end(self._recorder.result(result))
        if cancelled:
            raise asyncio.CancelledError
        return result

    async def _verdict(self, plan: Plan, live: Live, checks: list[str]) -> Verdict:
        """The change's own verification, then the thresholds; `checks` grows as they are made."""
        if "rollout-complete" in plan.checks:
            change = await plan.execution.verify(live, plan.verify_timeout)
            checks.extend(change.checks)
            if change.verdict != "verified":
                return change
        if "thresholds-back" not in plan.checks:
            return Verdict("verified", (*checks, *not_awaited(self._board, self._alarmed.get(plan.run, frozenset()))))
        rest = max(plan.verify_timeout - live.elapsed, 0.0)
        back = await thresholds_back(self._board, self._alarmed.get(plan.run, frozenset()), live, rest)
        return Verdict(back.verdict, (*checks, *back.checks))


def _confirm(plan: Plan, extra: str) -> Confirm:
    """The questions that the plan's risk asks; `extra` is joined to what the action itself wants asked again."""
    if not plan.changes:
        return Confirm("yes") if plan.interactive == "terminal" else Confirm()
    again = "; ".join(part for part in (extra, plan.confirm.extra) if part)
    if plan.risk == "destructive":
        return Confirm("name", plan.object.rpartition("/")[2], again)
    return Confirm("yes", extra=again)


def _standing_warnings(plan: Plan, situation: Situation) -> tuple[str, ...]:
    if plan.changes and situation.target.production:
        return (f"context {situation.target.context} is marked production",)
    return ()


def _verified(plan: Plan, verdict: Verdict) -> RunVerified:
    return RunVerified(run=plan.run, verdict=verdict.verdict, checks=verdict.checks)
