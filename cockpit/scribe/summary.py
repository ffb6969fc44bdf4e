"""The head of the document: what it was, where, how long, and who commanded."""

from __future__ import annotations

from datetime import datetime

from cockpit.incident.fact import Fact
from cockpit.incident.kinds import Target
from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.incident.times import echo, lasting
from cockpit.scribe.escape import code, inline
from cockpit.scribe.parts import Case, counted, fact, facts, heading


def title(case: Case) -> str:
    """The document's title and what stands right under it."""
    state = case.state
    name = inline(state.name or state.service or "a watch")
    drill = "DRILL: " if state.drill else ""
    written = f"Written {echo(case.now)} from {counted(len(case.entries))}. All times are UTC."
    blocks = [heading(1, f"{drill}{inline(case.label or state.incident)}: {name}"), written]
    if state.drill:
        blocks.insert(1, "**This was a drill.** Nothing in it was real.")
    if state.declared is None:
        blocks.append("**No incident was declared.** This is what the cockpit watched.")
    return "\n\n".join(blocks)


def summary(case: Case) -> str:
    """The facts that people ask for first."""
    state = case.state
    lines = (
        fact("Title", inline(state.title)) if state.title else "",
        fact("Severity", inline(state.severity or "")),
        fact("Status", _status(state)),
        fact("Service", inline(state.service)),
        fact("Where", _where(state.target)),
        fact("Detected", _at(state.detected, f"from {inline(state.detected_by)}" if state.detected_by else "")),
        fact("Declared", _at(state.declared)),
        fact("Acknowledged", _at(state.acknowledged)),
        fact("Mitigated", _at(state.mitigated)),
        fact("Resolved", _at(state.resolved)),
        fact("Closed", _at(state.closed)) if state.closed else "",
        fact("Duration", _duration(case)),
        fact("Commander", _commanders(case)),
    )
    return f"{heading(2, 'Summary')}\n\n{facts(*lines)}"


def _status(state: State) -> str:
    if state.false_alarm is not None:
        return f"closed as a false alarm: {inline(state.false_alarm)}"
    return state.status.value


def _at(fact: Fact | None, more: str = "") -> str:
    if fact is None:
        return ""
    return f"{echo(fact.at)} by {inline(fact.actor)}{f', {more}' if more else ''}"


def _where(target: Target | None) -> str:
    """Each part of the target as code, so that it can be copied."""
    if target is None:
        return ""
    named = {
        "context": target.context, "namespace": target.namespace, "deployment": target.deployment,
        "pods": target.selector, "API server": target.server,
    }  # fmt: skip
    words = ", ".join(f"{name} {code(value)}" for name, value in named.items() if code(value))
    return f"{words} (production)" if target.production else words


def _duration(case: Case) -> str:
    """From detection and from declaration to the end; never from a guessed time."""
    state = case.state
    end = state.resolved or state.closed
    named = {"detection": state.detected, "declaration": state.declared}
    begins = [(name, since) for name, since in named.items() if since]
    if not begins:
        return "not computable: neither a detection nor a declaration is recorded"
    until, verb = (end.at, "to resolution") if end else (case.now, "so far, not resolved")
    words = [f"{_lasted(since.at, until)} from {name}" for name, since in begins]
    missing = "" if state.detected else " (no detection time is recorded)"
    return f"{' and '.join(words)} {verb}{missing}"


def _lasted(since: datetime, until: datetime) -> str:
    """How long; what is dated after the end has no duration up to it."""
    return lasting((until - since).total_seconds()) if until >= since else "not computable (it is later)"


def _commanders(case: Case) -> str:
    """Everybody who held the command, with the time from which he did."""
    held = [(handle, at.at) for role, handle, at in case.state.role_history if role is Role.IC]
    words = [f"{inline(handle) if handle else 'nobody'} from {case.clock(at)}" for handle, at in held]
    return ", ".join(words) or "nobody took the role"
