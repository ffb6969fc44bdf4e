"""The words for what was told to others."""

from __future__ import annotations

from typing import cast

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, DONE, RUN, UNKNOWN, Said, Tone, joined, words
from cockpit.incident.state import State


@words(kinds.Message)
def _message(message: kinds.Message, state: State, _: Entry) -> Said:
    sent = state.messages.get(message.message)
    text = f"to {message.audience}: {message.title}"
    if sent is None or sent.state == "queued":
        return RUN, "accent", f"{text} …"
    through = {how: (channel, why) for channel, how, why in sent.deliveries}
    channel, why = through[sent.state]
    if sent.state == "sent":
        return DONE, "good", f"{text} sent by {channel}"
    if sent.state == "failed":
        return BAD, "bad", f"{text} failed: {channel}: {why}"
    return UNKNOWN, "warn", f"{text} {joined('delivery unknown', why)}"


@words(kinds.Delivery)
def _delivery(delivery: kinds.Delivery, state: State, _: Entry) -> Said:
    sent = state.messages.get(delivery.message)
    to = f" to {sent.message.audience}" if sent else ""
    if delivery.state == "sent":
        return DONE, "good", joined(f"message{to} sent by {delivery.channel}", delivery.reference)
    glyph, tone = (BAD, "bad") if delivery.state == "failed" else (UNKNOWN, "warn")
    return glyph, cast(Tone, tone), joined(f"message{to} {delivery.state} on {delivery.channel}", delivery.reason)
