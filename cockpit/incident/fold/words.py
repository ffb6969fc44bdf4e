"""How what people said changes the state."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.lifecycle import set_status
from cockpit.incident.fold.registry import folds
from cockpit.incident.state import State
from cockpit.incident.terms import Status


@folds(kinds.Mitigation)
def _mitigation(state: State, mitigation: kinds.Mitigation, entry: Entry) -> None:
    state.mitigations += ((mitigation, Fact.of(entry)),)
    state.mitigated = state.mitigated or Fact.of(entry)
    if state.status in (Status.INVESTIGATING, Status.IDENTIFIED):
        set_status(state, kinds.StatusChange(status=Status.MITIGATING, text=mitigation.text), entry)


@folds(kinds.KeyEvent)
def _key_event(state: State, event: kinds.KeyEvent, entry: Entry) -> None:
    state.key_events += ((event, Fact.of(entry)),)


@folds(kinds.Decision)
def _decision(state: State, decision: kinds.Decision, entry: Entry) -> None:
    state.decisions += ((decision, Fact.of(entry)),)


@folds(kinds.Link)
def _link(state: State, link: kinds.Link, entry: Entry) -> None:
    state.links += ((link, Fact.of(entry)),)


@folds(kinds.Attachment)
def _attachment(state: State, attachment: kinds.Attachment, entry: Entry) -> None:
    state.attachments += ((attachment, Fact.of(entry)),)


@folds(kinds.Review)
def _review(state: State, review: kinds.Review, entry: Entry) -> None:
    state.reviews[review.section] = (review, Fact.of(entry))


@folds(kinds.Redaction)
def _redaction(state: State, redaction: kinds.Redaction, entry: Entry) -> None:
    state.redactions += ((redaction, Fact.of(entry)),)
