"""The words for executions."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, DONE, RUN, UNKNOWN, Said, Tone, joined, words
from cockpit.incident.quantities import took
from cockpit.incident.state import Run, State


def outcome(run: Run | None) -> tuple[Tone, str]:
    """How a run stands: `…` while it has no result, `exit 0`, `failed: why`, `cancelled`, `outcome unknown`."""
    result = run.result if run else None
    if run is None or result is None:
        return "accent", "…"
    if result.outcome == "unknown":
        return "warn", joined("outcome unknown", result.error)
    if result.outcome == "cancelled":
        return "quiet", "cancelled"
    exit = f"exit {result.exit}" if result.exit is not None else ""
    if result.outcome == "failed":
        return "bad", joined("failed", result.error or exit)
    return ("good" if run.changes else "plain"), f"{exit or 'done'}{', undone' if run.undone_by else ''}"


@words(kinds.RunIntent)
def _intent(intent: kinds.RunIntent, state: State, _: Entry) -> Said:
    tone, how = outcome(state.runs.get(intent.run))
    arrow = f" → {intent.after}" if intent.after and intent.after not in intent.title else ""
    return RUN, tone, f"{intent.title}{arrow} {how}"


def _title(run: str, state: State) -> str:
    known = state.runs.get(run)
    return known.intent.title if known else f"run {run}"


@words(kinds.RunResult)
def _result(result: kinds.RunResult, state: State, entry: Entry) -> Said:
    known = state.runs.get(result.run)
    run = Run(known.intent, known.started, result) if known else None
    tone, how = outcome(run) if run else ("plain", result.outcome)
    return RUN, tone, f"{_title(result.run, state)}: {how}, after {took(result.seconds)}"


_VERDICT: dict[str, tuple[str, Tone, str]] = {
    "verified": (DONE, "good", "verified"),
    "failed": (BAD, "bad", "did not help"),
    "unknown": (UNKNOWN, "warn", "not verified"),
}


@words(kinds.RunVerified)
def _verified(verified: kinds.RunVerified, state: State, _: Entry) -> Said:
    glyph, tone, verdict = _VERDICT[verified.verdict]
    return glyph, tone, joined(f"{_title(verified.run, state)} {verdict}", "; ".join(verified.checks))


_EFFECT: dict[str, tuple[str, Tone]] = {
    "": (RUN, "quiet"),
    "helped": (DONE, "good"),
    "no effect": (UNKNOWN, "warn"),
    "worse": (BAD, "bad"),
    "unknown": (UNKNOWN, "warn"),
}


@words(kinds.RunEffect)
def _effect(effect: kinds.RunEffect, state: State, _: Entry) -> Said:
    glyph, tone = _EFFECT[effect.verdict]
    title, found = _title(effect.run, state), "; ".join(effect.findings)
    if not effect.after:
        return glyph, tone, joined(f"before {title}", found)
    return glyph, tone, joined(f"{effect.after} min after {title}: {effect.verdict}", found)


@words(kinds.StepDone)
def _done_by_hand(done: kinds.StepDone, _state: State, _: Entry) -> Said:
    return DONE, "plain", joined(f"{done.title}, done by hand", done.text)


@words(kinds.MitigationLeft)
def _left(left: kinds.MitigationLeft, _state: State, _: Entry) -> Said:
    return RUN, "plain", f"{left.title} stays in place"
