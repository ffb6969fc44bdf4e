"""Declaring from an alert: which one is meant, and what the incident may be called."""

from __future__ import annotations

from cockpit.incident.alerting import Standing
from cockpit.incident.state import State
from cockpit.room.refusal import Refusal
from cockpit.text import clean

LAST = "last"
"""What stands for the alert that was told last."""


def chosen(state: State, named: str) -> Standing:
    """The alert of a record that `named` means: its fingerprint, the start of it, its name, or `last`.

    One that is over is meant only by its whole fingerprint: somebody chose it while it fired.

    Raises:
        Refusal: none is meant, or several.
    """
    firing = [each for each in state.alerts.values() if each.fires]
    if named == LAST:
        latest = [max(firing, key=lambda each: each.recorded)] if firing else []
        called = [each for name, each in state.alerts.items() if name == LAST and each not in latest]
        found = latest + called
    elif named in state.alerts:
        return state.alerts[named]
    else:
        begun = [each for each in firing if len(named) >= 4 and each.fingerprint.startswith(named)]
        found = begun or [each for each in firing if each.name == named][:1]
    if len(found) == 1:
        return found[0]
    what = "several alerts are called so" if found else "no alert of this record fires that is called so"
    raise Refusal(f"'{clean(named)[:40]}': {what}; `cockpit incident proposals` lists them")


def name_of(alert: Standing) -> str:
    """What an incident may be called that this alert tells of: `PaymentErrorRateHigh` is `payment-error-rate-high`."""
    said = "".join(f"-{each.lower()}" if _begins(alert.name, at) else each for at, each in enumerate(alert.name))
    kept = "".join(each if each.isalnum() else "-" for each in said.lower())
    return "-".join(part for part in kept.split("-") if part)[:80] or "incident"


def _begins(name: str, at: int) -> bool:
    """Whether a word begins there: at a capital letter after a small one."""
    return at > 0 and name[at].isupper() and (name[at - 1].islower() or name[at - 1].isdigit())
