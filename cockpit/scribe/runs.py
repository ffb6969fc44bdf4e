"""What was executed: exactly what and where, by whom, what it changed, how it ended, and whether it helped."""

from __future__ import annotations

from cockpit.incident.kinds import RunIntent, RunResult
from cockpit.incident.quantities import took
from cockpit.incident.state import Run
from cockpit.incident.times import echo
from cockpit.scribe.escape import code, fence, inline, line
from cockpit.scribe.parts import Case, fact, facts, heading

UNKNOWN = "outcome unknown: the record holds no result"


def runs(case: Case) -> str:
    """Every run, in the order in which they were begun."""
    every = list(case.state.runs.values())
    numbers = {run.intent.run: number for number, run in enumerate(every, 1)}
    parts = [_run(case, run, numbers) for run in every] or ["Nothing was executed."]
    return "\n\n".join([heading(2, "Runs"), *parts])


def _run(case: Case, run: Run, numbers: dict[str, int]) -> str:
    intent = run.intent
    title = heading(3, f"Run {numbers[intent.run]}: {inline(intent.title)}")
    blocks = [title, fence(intent.command, "sh"), _facts(case, run, numbers)]
    if intent.change:
        blocks += ["What it changes:", fence("\n".join(intent.change), "diff")]
    if run.verified:
        blocks.append(f"Verification: **{run.verified.verdict}**")
        blocks.append(facts(*(f"- {line(check)}" for check in run.verified.checks if line(check))))
    if run.result and (run.result.output or run.result.sha256):
        blocks += _output(run.result)
    return "\n\n".join(block for block in blocks if block)


def _facts(case: Case, run: Run, numbers: dict[str, int]) -> str:
    intent = run.intent
    lines = (
        fact("Outcome", _outcome(case, run)),
        fact("Risk", inline(intent.risk)),
        fact("Operator", f"{inline(run.started.actor)}, intent recorded for {echo(run.started.at)}"),
        fact("Where", _where(intent)),
        fact("Request", code(intent.request)) if intent.request else "",
        fact("From → to", f"{inline(intent.before)} → {inline(intent.after)}") if intent.before or intent.after else "",
        fact("Undoes", _number(intent.undo_of, numbers)) if intent.undo_of else "",
        fact("Undone by", _number(run.undone_by, numbers)) if run.undone_by else "",
    )
    return facts(*lines)


def _where(intent: RunIntent) -> str:
    """Each part as code, so that it can be copied."""
    named = {"context": intent.context, "namespace": intent.namespace, "object": intent.object}
    named["API server"] = intent.server
    return ", ".join(f"{name} {code(value)}" for name, value in named.items() if code(value))


def _number(run: str, numbers: dict[str, int]) -> str:
    return f"run {numbers[run]}" if run in numbers else f"a run that is not in this record ({inline(run)})"


def _outcome(case: Case, run: Run) -> str:
    """How it ended, with exit status, duration and time; a run without a result is unknown."""
    result = run.result
    if result is None:
        return UNKNOWN
    words = ["outcome unknown" if result.outcome == "unknown" else str(result.outcome)]
    if result.exit is not None:
        words.append(f"exit {result.exit}")
    words.append(f"after {took(result.seconds)}")
    if run.ended:
        words.append(f"at {case.clock(run.ended.at)}")
    error = f"; {inline(result.error)}" if result.error else ""
    return f"{', '.join(words)}{error}"


def _output(result: RunResult) -> list[str]:
    """The output as recorded, and the hash of all of it."""
    kept = len(result.output.encode())
    size = f"{result.bytes} bytes" if kept >= result.bytes else f"{kept} of {result.bytes} bytes kept"
    said = f"Output, secrets masked ({size}), SHA-256 of the whole {code(result.sha256) or 'not recorded'}:"
    return [said, fence(result.output, "text") if result.output else "*(none)*"]
