"""Whether a change helped, judged by the signals before it and after."""

from __future__ import annotations

import pytest

from cockpit.incident.effect import judged
from cockpit.incident.kinds import Reading, RunEffect


def reading(
    value: float | None, state: str, bound: str = "> 5", *, id: str = "error-rate", reason: str = ""
) -> Reading:
    return Reading(id=id, title="Error rate", unit="percent", value=value, state=state, bound=bound, reason=reason)


def look(*readings: Reading, ready: int | None = 5, wanted: int | None = 5) -> RunEffect:
    return RunEffect(run="r", readings=readings, ready=ready, wanted=wanted)


BREACH = reading(30.0, "breach")

CASES = {
    "back to ok": (look(BREACH), look(reading(0.2, "ok")), "helped", "30 % → 0.2 %, breach → ok"),
    "far less, still in breach": (look(BREACH), look(reading(8.0, "breach")), "helped", "still in breach"),
    "hardly moved": (look(BREACH), look(reading(28.0, "breach")), "no effect", "still in breach"),
    "far more": (look(BREACH), look(reading(60.0, "breach")), "worse", "30 % → 60 %"),
    "below a lower bound, and lower": (
        look(reading(80.0, "breach", "< 95")), look(reading(40.0, "breach", "< 95")), "worse", "",
    ),
    "was well, and is not": (look(reading(0.2, "ok")), look(reading(3.0, "warning")), "worse", "ok → warning"),
    "cannot be read any more": (
        look(BREACH), look(reading(None, "unknown", reason="no series")), "unknown", "unknown now, no series",
    ),
    "well, and unread now": (look(reading(0.2, "ok")), look(reading(None, "unknown")), "no effect", "nothing"),
    "nothing could be read": (
        look(reading(None, "unknown"), ready=None), look(reading(0.1, "ok"), ready=None), "unknown", "no signal",
    ),
    "pods came back": (look(ready=2), look(ready=5), "helped", "pods 2/5 → 5/5 ready"),
    "pods were lost": (look(ready=5), look(ready=3), "worse", "pods 5/5 → 3/5 ready"),
    "pods cannot be seen": (look(ready=2), look(ready=None, wanted=None), "unknown", "pods: unknown now"),
    "one better, one lost": (
        look(BREACH, reading(9.0, "breach", id="p95")), look(reading(0.1, "ok")), "unknown", "breach → ok",
    ),
    "one better, one worse": (
        look(BREACH, ready=5), look(reading(0.1, "ok"), ready=1), "worse", "breach → ok",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_judged_by_what_moved(case: str) -> None:
    before, after, verdict, words = CASES[case]
    found = judged(before, after)
    assert found.verdict == verdict, found
    assert words in "; ".join(found.findings)
