"""How it is printed what became of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cockpit.cli.context import Failure
from cockpit.message.outbox import Result


def result_line(result: Result) -> str:
    """`sent by paper: /home/alice/messages.txt`."""
    return f"sent by {result.sent.channel}: {result.sent.reference}" if result.sent else f"not sent: {result.message}"


def result_data(result: Result) -> Mapping[str, Any]:
    """The same for programs, with every attempt."""
    deliveries = [dict(delivery.fields()) for delivery in result.deliveries]
    return {"message": result.message, "sent": result.sent is not None, "deliveries": deliveries}


def must_be_sent(results: Sequence[Result]) -> None:
    """Raise Failure for what no channel took."""
    failed = [result for result in results if result.sent is None]
    if failed:
        said, which = "; ".join(result.reason for result in failed), failed[0].message if len(failed) == 1 else ""
        again = " ".join(f"cockpit message retry {which}".split())
        raise Failure(f"recorded, and not delivered: {said}; `{again}` tries again")
