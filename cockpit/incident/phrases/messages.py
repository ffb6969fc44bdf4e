"""The words for what was told to others."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.deliveries import FAILED, GIVEN_UP, KEPT, QUEUED, SENDING, SENT
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import BAD, DONE, RUN, UNKNOWN, Said, Tone, joined, words
from cockpit.incident.state import State
from cockpit.incident.times import time_of_day

_DEEDS = {
    "tell": "", "page": "page ", "acknowledge": "acknowledgement ", "resolve": "resolution ", "note": "note ",
    "open": "incident channel ", "invite": "invitation ", "pin": "pin ", "archive": "archiving ", "ticket": "ticket ",
    "follow-up": "follow-up ", "meeting": "meeting ",
}  # fmt: skip
_TONES: dict[str, tuple[str, Tone]] = {
    QUEUED: (RUN, "accent"), SENDING: (RUN, "quiet"), SENT: (DONE, "good"), KEPT: (BAD, "warn"),
    FAILED: (BAD, "warn"), GIVEN_UP: (BAD, "bad"),
}  # fmt: skip


@words(kinds.Message)
def _message(message: kinds.Message, state: State, _: Entry) -> Said:
    sent = state.messages.get(message.message)
    text = f"{_DEEDS[message.deed]}to {_whom(message)}: {message.title}"
    last = sent.last if sent is not None else None
    if sent is None or last is None or sent.state in (QUEUED, SENDING):
        return RUN, "accent", f"{text} …"
    on = f"{last.channel}: {last.words}" if last.channel else last.words
    if sent.state == SENT:
        return DONE, "good", f"{text} sent by {last.channel}"
    if sent.state == KEPT:
        return BAD, "bad", f"{text} only kept by {last.channel}: nobody has heard it"
    on += f"; kept by {sent.kept.channel}" if sent.kept is not None else ""
    if sent.state == FAILED:
        again = f", tried again at {time_of_day(sent.next_try)}Z" if sent.next_try else ""
        return BAD, "warn", f"{text} failed{again}: {on}"
    if sent.state == GIVEN_UP:
        return BAD, "bad", f"{text} given up: {on}"
    return UNKNOWN, "warn", f"{text} {joined('delivery unknown', on)}"


@words(kinds.Delivery)
def _delivery(delivery: kinds.Delivery, state: State, _: Entry) -> Said:
    sent = state.messages.get(delivery.message)
    to = f" to {_whom(sent.message)}" if sent else ""
    if delivery.state == SENT:
        return DONE, "good", joined(f"message{to} sent by {delivery.channel}", delivery.reference)
    glyph, tone = _TONES.get(delivery.state, (UNKNOWN, "warn"))
    on = f" on {delivery.channel}" if delivery.channel else ""
    return glyph, tone, joined(f"message{to} {delivery.state}{on}", delivery.reason or delivery.reference)


def _whom(message: kinds.Message) -> str:
    """Whom it is to reach: an audience, or the target that is paged."""
    return message.audience.removeprefix("page:")
