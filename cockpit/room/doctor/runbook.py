"""The doctor at the runbook: what is not filled in, not bound, or not there when a step wants it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterable, Iterator

from cockpit.room.doctor.finding import Finding
from cockpit.room.house import House
from cockpit.room.live.endpoints import unknown_endpoints
from cockpit.runbook.actions import Command, Notify, Silence
from cockpit.runbook.model import Runbook, Step
from cockpit.runbook.threshold import Threshold

_MOST = 6
"""Names that are told; of more, how many."""


async def runbook(house: House) -> AsyncIterator[Finding]:
    """Everything in the runbook that would fail somebody at night."""
    book = house.runbook
    if book is None:
        mend = "name a `runbook` for the service; `cockpit runbook list` shows them"
        yield Finding("runbook", "warn", "none is configured for this service", mend)
        return
    scenarios, steps = len(book.scenarios), len(list(book.steps()))
    yield Finding("runbook", "ok", f"{book.title}: {scenarios} scenarios, {steps} steps")
    for finding in (*_thresholds(house.plans.thresholds), *_unfilled(book), *_missing(house, book)):
        yield finding


def _thresholds(known: Iterable[Threshold]) -> Iterator[Finding]:
    given = list(known)
    unbound = [each.id for each in given if not each.is_read]
    if unbound:
        mend = "bind them under the service's `signals:` with a query"
        yield Finding("thresholds", "warn", f"{len(unbound)} are unbound: {_names(unbound)}", mend)
    open_ = [f"{each.id} ({each.ask})" for each in given if each.ask]
    if open_:
        mend = "decide, and write the bound under the service's `thresholds:`"
        yield Finding("thresholds", "warn", f"the document leaves open: {_names(open_)}", mend)


def _unfilled(book: Runbook) -> Iterator[Finding]:
    empty = [contact.name for contact in book.contacts if contact.unfilled]
    if empty:
        said = f"{len(empty)} are not filled in: {_names(empty)}"
        yield Finding("contacts", "warn", said, "write whom to call in place of the brackets")


def _missing(house: House, book: Runbook) -> Iterator[Finding]:
    """Programs, audiences, endpoints and an Alertmanager that steps want and that are not there."""
    steps = list(book.steps())
    programs = sorted({name for name in map(_program, steps) if name and shutil.which(name) is None})
    if programs:
        mend = "install them here, or do those steps by hand"
        yield Finding("programs", "warn", f"not installed here: {_names(programs)}", mend)
    wanted = {step.action.audience for step in steps if isinstance(step.action, Notify)}
    if unknown := sorted(each for each in wanted - set(house.plans.config.audiences) if not each.startswith("$")):
        yield Finding("audiences", "warn", f"steps tell {_names(unknown)}, which is none", "name it under `audiences:`")
    of_service = house.plans.of_service
    if of_service is not None and of_service.alertmanager is None and any(isinstance(s.action, Silence) for s in steps):
        said = "steps silence alerts, and the service has no Alertmanager"
        yield Finding("alertmanager", "warn", said, "add `alertmanager` to the service")
    absent = [check.title for check in unknown_endpoints(book, of_service.endpoints if of_service else ())]
    if absent:
        said = f"health checks name endpoints that are not configured: {_names(absent)}"
        yield Finding("endpoints", "warn", said, "add them under the service's `endpoints:`")


def _program(step: Step) -> str:
    """The program of this machine that a step starts; empty where none, or a value given later, says which."""
    argv = step.action.argv if isinstance(step.action, Command) else ()
    return argv[0] if argv and not argv[0].startswith("$") else ""


def _names(found: list[str]) -> str:
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more
