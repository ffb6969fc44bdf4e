"""The words for what people say."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import DECLARED, RUN, Said, joined, words
from cockpit.incident.state import State


@words(kinds.Note)
def _note(note: kinds.Note, _: State, __: Entry) -> Said:
    return "", "plain", note.text


@words(kinds.Decision)
def _decision(decision: kinds.Decision, _: State, __: Entry) -> Said:
    return DECLARED, "plain", f"decided: {decision.text}"


@words(kinds.Mitigation)
def _mitigation(mitigation: kinds.Mitigation, _: State, __: Entry) -> Said:
    return RUN, "plain", f"mitigation: {mitigation.text}"


@words(kinds.KeyEvent)
def _key_event(event: kinds.KeyEvent, _: State, __: Entry) -> Said:
    return DECLARED, "accent", event.text


@words(kinds.Link)
def _link(link: kinds.Link, _: State, __: Entry) -> Said:
    return "", "plain", f"link {link.title} {link.url}" if link.title else f"link {link.url}"


@words(kinds.Attachment)
def _attachment(attached: kinds.Attachment, _: State, __: Entry) -> Said:
    return "", "plain", joined(f"attached {attached.name} ({attached.bytes} bytes)", attached.title)


@words(kinds.Redaction)
def _redaction(redaction: kinds.Redaction, _: State, __: Entry) -> Said:
    return "", "quiet", f"redacted {redaction.entry[-6:]}: {redaction.why}"


@words(kinds.Review)
def _review(review: kinds.Review, _: State, __: Entry) -> Said:
    return "", "quiet", f"review, {review.section.replace('-', ' ')}: {review.text}"
