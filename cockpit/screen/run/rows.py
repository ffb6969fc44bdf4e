"""The rows of a run: the preview of what will be executed and where, then what it said and how it stands."""

from __future__ import annotations

from cockpit.room.runs.runs import Flight, Plan
from cockpit.screen.spans import Row, Span, Tone, wrap


def place_of(plan: Plan) -> str:
    """Where it is done: context and namespace, else the server that is asked."""
    return f"{plan.context}/{plan.namespace}" if plan.context else plan.server


def plan_rows(plan: Plan, width: int) -> list[Row]:
    """The preview: what, where, from what to what, and every reason to think again."""
    rows: list[Row] = []

    def say(label: str, text: str, tone: Tone = "plain") -> None:
        for index, line in enumerate(wrap(text, max(10, width - 12))):
            head = f" {label if index == 0 else '':<10} "
            rows.append(Row(f"{label}{index}", (Span(head, "quiet"), Span(line, tone))))

    for refusal in plan.refusals:
        say("cannot run", refusal, "bad")
    if plan.forbidden:
        say("not yours", plan.forbidden, "warn")
    for warning in plan.warnings:
        say("mind", warning, "warn")
    say("command", plan.command, "strong")
    if not plan.changes and not plan.interactive:
        return rows
    if plan.request:
        say("request", plan.request)
    say("where", " · ".join(filter(None, (plan.context, plan.namespace, plan.object, plan.server))))
    if plan.before or plan.after:
        say("from", plan.before)
        say("to", plan.after)
    for line in plan.change:
        tone: Tone = "bad" if line.startswith("-") else "good" if line.startswith("+") else "plain"
        say("change" if line == plan.change[0] else "", line, tone)
    if plan.dry_run:
        say("dry run", plan.dry_run)
    if plan.changes:
        say("last run", plan.last or "never in this incident")
    if plan.undo:
        say("undo", plan.undo)
    return rows


def flight_rows(flight: Flight, width: int) -> list[Row]:
    """What it said so far, and how it stands."""
    rows = [Row("", ())]
    rows += [
        Row(f"out{n}", (Span(f" {part}", "plain"),))
        for n, line in enumerate(flight.lines)
        for part in wrap(line, width)
    ]
    if flight.result is not None:
        exit = f"exit {flight.result.exit}" if flight.result.exit is not None else flight.result.outcome
        rows.append(Row("result", (Span(f" {exit} after {flight.result.seconds:.1f} s", "strong"),)))
    if flight.saying and not flight.over:
        rows += [Row(f"now{n}", (Span(f" {line}", "accent"),)) for n, line in enumerate(wrap(flight.saying, width))]
    checks = flight.verified.checks if flight.verified else ()
    rows += [
        Row(f"check{n}", (Span(f" {line}", "plain"),)) for n, check in enumerate(checks) for line in wrap(check, width)
    ]
    if flight.over:
        said = flight.trouble or (flight.result.error if flight.result else "")
        rows += [Row(f"why{n}", (Span(f" {line}", "bad"),)) for n, line in enumerate(wrap(said, width) if said else [])]
        rows.append(
            Row(
                "end", (Span(f" {flight.standing}", "good" if flight.standing in ("succeeded", "verified") else "bad"),)
            )
        )
    return rows
