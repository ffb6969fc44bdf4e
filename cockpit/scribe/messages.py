"""What was told to whom: each message's text, who wrote it, and what became of it on each channel."""

from __future__ import annotations

from cockpit.incident.state import Sent
from cockpit.incident.times import echo
from cockpit.scribe.escape import inline, quote
from cockpit.scribe.parts import Case, fact, facts, heading


def messages(case: Case) -> str:
    """Every message, in the order in which they were written."""
    parts = [_message(number, sent) for number, sent in enumerate(case.state.messages.values(), 1)]
    return "\n\n".join([heading(2, "Messages"), *(parts or ["Nobody was sent a message."])])


def _message(number: int, sent: Sent) -> str:
    message = sent.message
    by = f"{echo(sent.fact.at)} by {inline(sent.fact.actor)}"
    lines = (
        fact("Title", inline(message.title)),
        fact("Status", inline(message.status)) if message.status else "",
        fact("Written", f"{by}, template {inline(message.template)}" if message.template else by),
        fact("Next update promised", echo(message.next_update)) if message.next_update else "",
        fact("Delivery", _delivery(sent)),
    )
    title = heading(3, f"Message {number}: to {inline(message.audience)}, {sent.state}")
    return "\n\n".join([title, facts(*lines), quote(message.text)])


def _delivery(sent: Sent) -> str:
    """Each channel that was tried with what it answered, and those that were not."""
    words = [
        f"{f'{inline(channel)}: ' if channel else ''}{how}{f' ({inline(why)})' if why else ''}"
        for channel, how, why in sent.deliveries
    ]
    tried = {channel for channel, _, _ in sent.deliveries}
    words += [f"{inline(channel)}: not tried" for channel in sent.message.channels if channel not in tried]
    return "; ".join(words) or "no channel"
