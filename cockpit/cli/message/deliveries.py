"""How it is printed what became of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cockpit.cli.context import Failure
from cockpit.incident.deliveries import FAILED, GIVEN_UP, LOST, UNKNOWN
from cockpit.incident.entry import stamp
from cockpit.incident.times import time_of_day
from cockpit.message.delivery.result import Result


def result_line(result: Result) -> str:
    """`sent by paper: /home/alice/messages.txt`; else its state."""
    if result.sent:
        return f"sent by {result.sent.channel}: {result.sent.reference}"
    if result.kept:
        return f"only kept by {result.kept.channel}, nobody has heard it: {result.kept.reference}"
    if result.arrived:
        return f"sent: {result.words}"
    if result.state in (FAILED, GIVEN_UP, UNKNOWN):
        return f"not sent: {result.message}"
    return f"queued: {result.message} waits for a message before it, or another cockpit has it in hand"


def result_data(result: Result) -> Mapping[str, Any]:
    """The same for programs, with every attempt."""
    deliveries = [dict(delivery.fields()) for delivery in result.deliveries]
    next_try = stamp(result.next_try) if result.next_try else None
    told = {"message": result.message, "sent": result.arrived, "state": result.state, "next_try": next_try}
    return told | {"deliveries": deliveries}


def must_be_sent(results: Sequence[Result]) -> None:
    """Raise Failure for what no channel took, or may not have taken."""
    failed = [result for result in results if result.state in (FAILED, *LOST)]
    unknown = [result for result in results if result.state == UNKNOWN]
    parts = []
    if failed:
        said, which = "; ".join(map(_reason, failed)), failed[0].message if len(failed) == 1 else ""
        again = " ".join(f"cockpit message retry {which}".split())
        parts.append(f"not delivered: {said}; `{again}` tries again{_by_itself(failed)}")
    if unknown:
        said = "; ".join(map(_reason, unknown))
        which = unknown[0].message if len(unknown) == 1 else "ID"
        parts.append(
            f"nobody knows whether it arrived: {said}; look there, then `cockpit message settle {which} arrived`, "
            f"or `lost` to send it again"
        )
    if parts:
        raise Failure(f"recorded, and {'; '.join(parts)}")


def _reason(result: Result) -> str:
    return result.reason or result.words


def _by_itself(failed: Sequence[Result]) -> str:
    at = min((result.next_try for result in failed if result.next_try), default=None)
    return f", an open cockpit does so by itself from {time_of_day(at)}Z on" if at else ""
