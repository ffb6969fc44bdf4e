"""How runs change the state."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import Run, State
from cockpit.incident.terms import Status
from cockpit.values import replace


@folds(kinds.RunIntent)
def _intent(state: State, intent: kinds.RunIntent, entry: Entry) -> None:
    if intent.run not in state.runs:
        state.runs[intent.run] = Run(intent, Fact.of(entry))


@folds(kinds.RunResult)
def _result(state: State, result: kinds.RunResult, entry: Entry) -> None:
    run = state.runs.get(result.run)
    if run is None or (run.result is not None and run.result.outcome != "unknown"):
        return
    state.runs[result.run] = replace(run, result=result, ended=Fact.of(entry))
    if result.outcome != "succeeded":
        return
    undone = state.runs.get(run.intent.undo_of)
    if undone is not None:
        state.runs[run.intent.undo_of] = replace(undone, undone_by=result.run)
    elif run.intent.mitigates:
        state.mitigated = state.mitigated or Fact.of(entry)


@folds(kinds.RunVerified)
def _verified(state: State, verified: kinds.RunVerified, entry: Entry) -> None:
    run = state.runs.get(verified.run)
    if run is None:
        return
    state.runs[verified.run] = replace(run, verified=verified, checked=Fact.of(entry))
    if verified.verdict == "failed" and state.mitigated is not None and state.mitigated == run.ended:
        state.mitigated = _still_mitigated(state)  # it was executed, and did not do what it was made for


def _still_mitigated(state: State) -> Fact | None:
    """The first that was done against the impact, besides what was found to have failed."""
    runs = (run for run in state.runs.values() if run.intent.mitigates and run.outcome == "succeeded")
    held = [run.ended for run in runs if not (run.verified and run.verified.verdict == "failed")]
    by_hand = [fact for done, fact in state.steps_done.values() if done.mitigates]
    said = [fact for _, fact in state.mitigations]
    said += [each.fact for each in state.statuses if each.value in (Status.MITIGATING, Status.MONITORING)]
    return min((fact for fact in (*held, *by_hand, *said) if fact is not None), key=lambda fact: fact.at, default=None)


@folds(kinds.RunEffect)
def _effect(state: State, effect: kinds.RunEffect, entry: Entry) -> None:
    run = state.runs.get(effect.run)
    if run is not None and run.effect(effect.after) is not None:
        state.echoes |= {entry.id}
    elif run is not None:
        state.runs[effect.run] = replace(run, effects=(*run.effects, (effect, Fact.of(entry))))


@folds(kinds.StepDone)
def _done_by_hand(state: State, done: kinds.StepDone, entry: Entry) -> None:
    state.steps_done[done.step] = (done, Fact.of(entry))
    if done.mitigates:
        state.mitigated = state.mitigated or Fact.of(entry)


@folds(kinds.MitigationLeft)
def _left(state: State, left: kinds.MitigationLeft, entry: Entry) -> None:
    run = state.runs.get(left.run)
    if run is not None:
        state.runs[left.run] = replace(run, left=Fact.of(entry))
