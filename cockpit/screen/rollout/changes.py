"""The rows of the revisions and of what changed between two of them: red what went, green what came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cockpit.incident.times import age
from cockpit.room.views.rollout import Difference, RevisionView
from cockpit.screen.spans import Row, Span, Tone, fit, wrap

REVISION = "revision "
"""How the key of a revision's row begins; its replica set follows."""
_MOST = 6
"""Lines of one value; a longer one is cut."""


def release(revision: RevisionView) -> str:
    """A revision as people call it."""
    number = f"rev {revision.number}" if revision.number else "not released yet"
    return f"{number} ({revision.release})" if revision.release else number


def revision_rows(
    revisions: Sequence[tuple[RevisionView, str]],
    old: RevisionView | None,
    new: RevisionView | None,
    now: datetime,
    width: int,
    *,
    praised: bool = True,
) -> Iterator[Row]:
    """Each revision with its age, why it counts as healthy (the second of each two), who set it, and its mark in the
    comparison: `-` from this one, `+` to this one.

    Args:
        praised: whether what is said of a revision says that it is healthy.
    """
    yield Row("", (Span(" Revisions", "accent"),))
    if not revisions:
        yield Row("", (Span("   none is kept", "quiet"),))
        return
    tags = min(max(len(each.release) for each, _ in revisions), 20)
    for each, healthy in revisions:
        mark = "+" if each is new else "-" if each is old else " "
        tone: Tone = "good" if each is new else "bad" if each is old else "plain"
        ago = age((now - each.created).total_seconds()) if each.created else "?"
        number = str(each.number) if each.number else "next"
        words = [word for word in ("current" if each.current else "", healthy, _set_by(each)) if word]
        head = (Span(f"  {mark} ", tone), Span(f"{number:>4} {fit(each.release, tags)} {ago:>4} ", "strong"))
        said = fit(f" {' · '.join(words)}", max(0, width - tags - 16)).rstrip()
        yield Row(f"{REVISION}{each.replica_set}", (*head, Span(said, "good" if healthy and praised else "plain")))


def _set_by(revision: RevisionView) -> str:
    cause = revision.change_cause
    return f"{cause} by {revision.by}" if cause and revision.by else cause or (f"by {revision.by}" * bool(revision.by))


def difference_rows(
    old: RevisionView | None, new: RevisionView | None, found: Sequence[Difference], width: int
) -> Iterator[Row]:
    """What changed from one revision to the other, in the order in which a person looks."""
    yield Row("", ())
    if old is None or new is None:
        yield Row("", (Span(" What changed: there is no other revision to compare with", "quiet"),))
        return
    yield Row("changed", (Span(f" Changed from {release(old)} to {release(new)}", "accent"),))
    if not found:
        yield Row("", (Span("   nothing: both have the same template", "quiet"),))
    for number, each in enumerate(found):
        for at, line in enumerate(wrap(each.name, width - 5)):
            yield Row(f"changed {number}" if at == 0 else "", (Span(f"   {line}", "strong"),))
        yield from _value("-", each.before, "bad", width)
        yield from _value("+", each.after, "good", width)


def _value(mark: str, value: str | None, tone: Tone, width: int) -> Iterator[Row]:
    """A value over as many lines as it needs; none where it is not there."""
    if value is None:
        return
    for number, line in enumerate(wrap(value, max(10, width - 6), _MOST)):
        yield Row("", (Span(f"   {mark if number == 0 else ' '} {line}", tone),))
