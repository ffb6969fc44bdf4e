"""One attempt at an execution, with its time limit and its cancellation; what was sent is always followed up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from cockpit.action.live import Live
from cockpit.action.model import Outcome, Plan
from cockpit.kube.access import ANSWER_SECONDS
from cockpit.kube.errors import KubeError
from cockpit.text import safe

SETTLE_TIMEOUT = ANSWER_SECONDS + 10.0
"""Seconds in which what became of a change is found out after it was cut off: one answer at least is waited for."""


async def to_the_end(work: Coroutine[Any, Any, None]) -> bool:
    """Finish `work` though this task is cancelled meanwhile, and give whether it was. Raises what `work` raises."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    return cancelled


async def attempt(plan: Plan, live: Live) -> tuple[Outcome, bool]:
    """Execute within `plan.timeout` seconds; give the outcome, and whether this task was cancelled meanwhile."""
    task = asyncio.ensure_future(_guarded(plan, live))
    timer = asyncio.ensure_future(live.clock.sleep(plan.timeout))
    cancelled = False
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        cancelled = True
    timer.cancel()
    if task.done() and not task.cancelled():
        return task.result(), cancelled
    task.cancel()
    cancelled |= await to_the_end(_ended(task))
    if not task.cancelled():
        return task.result(), cancelled  # it came to its end while it was being stopped
    return await _cut_off(plan, live, cancelled)


async def _guarded(plan: Plan, live: Live) -> Outcome:
    """Run the execution; every failure becomes an outcome, so that each intent gets its result."""
    try:
        return await plan.execution.run(live)
    except KubeError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - a defect of ours must not leave an intent without its result
        why = safe(f"internal error: {type(error).__name__}: {error}")
    return Outcome("unknown", None, why) if live.sent else Outcome("failed", 1, why)


async def _ended(task: asyncio.Future[Outcome]) -> None:
    await asyncio.wait({task})


async def _cut_off(plan: Plan, live: Live, cancelled: bool) -> tuple[Outcome, bool]:
    """The outcome of an execution that was stopped half-way."""
    why = "cancelled" if cancelled else f"not done within {plan.timeout:g} s"
    if not live.sent:
        return Outcome("cancelled" if cancelled else "failed", None if cancelled else 1, why), cancelled
    found: list[Outcome] = []
    live.say(f"{why}; finding out what became of it")
    cancelled |= await to_the_end(_settled(plan, live, why, found))
    return found[0], cancelled


async def _settled(plan: Plan, live: Live, why: str, found: list[Outcome]) -> None:
    """Put what became of the change into `found`."""
    try:
        async with asyncio.timeout(SETTLE_TIMEOUT):
            outcome = await plan.execution.settle(live)
    except TimeoutError:
        outcome = Outcome("unknown", None, "the cluster did not answer in time")
    except Exception as error:  # noqa: BLE001 - whatever hinders looking, the truth is that we do not know
        outcome = Outcome("unknown", None, safe(str(error)))
    said = f"{why} after the request was sent" + (f"; {outcome.error}" if outcome.error else "")
    found.append(Outcome(outcome.outcome, outcome.exit, said))
