"""What the record says about earlier runs of the same: who ran it last, and a rollback that was just made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from cockpit.action.model import Plan
from cockpit.incident.kinds import RunIntent
from cockpit.incident.state import Run
from cockpit.incident.times import age

TOO_SOON = timedelta(minutes=10)
"""Within this time a second rollback of the same deployment asks again."""

_ROLLBACK = " rollout undo "


def last_run(plan: Plan, runs: Mapping[str, Run], now: datetime) -> str:
    """Who ran the same on the same object last, how long ago, and how it ended; empty when nobody did."""
    same = [run for run in runs.values() if _same_place(run.intent, plan) and run.intent.title == plan.title]
    run = max(same, key=lambda run: run.started.at, default=None)
    return f"{_ago(run, now)} by {run.started.actor}: {_ended(run)}" if run else ""


def second_rollback(plan: Plan, runs: Mapping[str, Run], now: datetime) -> str:
    """Names the rollback of the same object within the last ten minutes, when `plan` is a rollback; else empty."""
    if not _is_rollback(plan.intent()):
        return ""
    recent = [run for run in _rollbacks(plan, runs) if now - run.started.at < TOO_SOON]
    run = max(recent, key=lambda run: run.started.at, default=None)
    if run is None:
        return ""
    moved = f"{run.intent.before} → {run.intent.after}"
    return f"rolled back {_ago(run, now)} by {run.started.actor}: {moved} ({_ended(run)})"


def left_behind(object: str, context: str, namespace: str, runs: Mapping[str, Run]) -> dict[str, Run]:
    """Pod template hashes of `object` that a rollback in this record moved away from, each with its latest run.

    What an undo brought back is not left behind any more.
    """
    left: dict[str, Run] = {}
    rollbacks = [run for run in runs.values() if _is_rollback(run.intent) and _may_have_happened(run)]
    for run in sorted(rollbacks, key=lambda run: run.started.at):
        intent = run.intent
        if (intent.object, intent.context, intent.namespace) == (object, context, namespace) and intent.prior:
            left.pop(intent.prior.get("next", ""), None)
            if not intent.undo_of:
                left[intent.prior.get("template", "")] = run
    return left


def _rollbacks(plan: Plan, runs: Mapping[str, Run]) -> Iterable[Run]:
    return (
        run
        for run in runs.values()
        if _is_rollback(run.intent) and _same_place(run.intent, plan) and _may_have_happened(run)
    )


def _is_rollback(intent: RunIntent) -> bool:
    return _ROLLBACK in intent.command


def _same_place(intent: RunIntent, plan: Plan) -> bool:
    place = (plan.object, plan.context, plan.namespace)
    return (intent.object, intent.context, intent.namespace) == place


def _may_have_happened(run: Run) -> bool:
    return run.outcome in ("succeeded", "unknown")


def _ended(run: Run) -> str:
    return "outcome unknown" if run.outcome == "unknown" else run.outcome


def _ago(run: Run, now: datetime) -> str:
    return f"{age((now - run.started.at).total_seconds())} ago"
