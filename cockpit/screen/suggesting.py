"""The line below the panes: what the runbook suggests now."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.incident.deliveries import LOST, UNKNOWN
from cockpit.incident.terms import Role, Status
from cockpit.incident.times import span, time_of_day
from cockpit.room.facts.proposals import again
from cockpit.room.facts.proposing import is_graver
from cockpit.room.views.signals import Suggestion
from cockpit.room.war_room import WarRoom
from cockpit.screen.spans import Span, Spans, width_of
from cockpit.screen.terminal.glyphs import Glyphs


def suggestion(war: WarRoom, glyphs: Glyphs, width: int) -> Spans:
    """The next move: the change in flight, what was missed, what the symptoms suggest, else what the record lacks.

    Args:
        width: cells that there are; what the runbook suggests beside something graver gives way as a whole.
    """
    if war.catching_up.line and not (war.flight and war.flight.plan.changes and not war.flight.over):
        missed = Span(f"{glyphs.run} {war.catching_up.line}  ", "accent")
        return (missed, *_next_move(war, glyphs, width - width_of((missed,))))
    return _next_move(war, glyphs, width)


def _beside(before: Spans, best: Suggestion, glyphs: Glyphs, width: int) -> Spans:
    """`before`, and what the runbook suggests as there is room: with its evidence, by its name and key, not at all."""
    title, room = best.scenario.title, width - width_of(before)
    forms = [
        f"{glyphs.run} suggested: {title} · a opens it ({best.evidence})",
        f"{glyphs.run} suggested: {title} · a opens it",
        f"{glyphs.run} {title}: a",
    ]
    fits = forms[:1] if not before else [form for form in forms if len(form) <= room]
    return (*before, Span(fits[0], "accent")) if fits else before


def _next_move(war: WarRoom, glyphs: Glyphs, width: int) -> Spans:
    """The change in flight, what the symptoms suggest, else what the record still lacks."""
    state, flight = war.room.state, war.flight
    if flight is not None and flight.plan.changes and not flight.over:
        took = span((war.clock.now() - flight.began).total_seconds())
        return (Span(f"{glyphs.run} {flight.plan.title} · {flight.standing} {took} · {flight.saying}", "warn"),)
    if alarm := _alarm(war, glyphs, width):
        return alarm
    best = war.suggestions()[:1]
    severity = (*_unanswered(war, glyphs), *_untold(war, glyphs), *_severity(war, glyphs, alone=not best))
    if (best or severity) and not state.over:
        return _beside(severity, best[0], glyphs, width) if best else severity
    if found := war.nobodys():
        fires = f"{glyphs.bad} {found.words(war.clock.now())}, of no service"
        return (Span(fires, "bad"), Span(" · i shows it", "accent"))
    if watch := next((each for each in war.under_way() if not each.plan.changes), None):
        return (Span(f"{glyphs.run} {watch.plan.title} · {watch.saying or watch.standing}", "accent"),)
    if state.declared is not None and not state.over and Role.IC not in state.roles:
        return (Span(f"{glyphs.run} ", "accent"), Span("nobody commands: r takes the role", "accent"))
    if state.status is Status.RESOLVED:
        return (Span(f"{glyphs.run} resolved: u tells the resolution, x writes the record, /close ends it", "quiet"),)
    if state.status is Status.CLOSED:
        return (Span(f"{glyphs.run} closed: w writes the review, D declares the next incident", "quiet"),)
    return (Span(f"{glyphs.run} nothing suggested: {_why_nothing(war)}", "quiet"),)


def _alarm(war: WarRoom, glyphs: Glyphs, width: int) -> Spans:
    """What alerts propose: an incident where none is open, or that one which was resolved is not over."""
    now = war.clock.now()
    if found := war.proposed():
        known = war.alerts()
        last = known.source.as_of if known is not None and not known.source.trusted else None
        as_of = f", as of {time_of_day(last)}Z" if last else ""
        do = " · D declares it, beside the drill" if war.room.state.drill else " · D declares"
        if not (best := war.suggestions()[:1]):
            said = f": {found.best.summary}" if found.best.summary else ""
            return (Span(f"{glyphs.bad} {found.words(now)}{as_of}", "bad"), Span(do, "accent"), Span(said, "quiet"))
        alarm = (Span(f"{glyphs.bad} {found.short(now)}{as_of}", "bad"), Span(f"{do}  ", "accent"))
        return _beside(alarm, best[0], glyphs, width)
    if alert := again(war.room.state, now):
        since = f"{glyphs.bad} {alert.name} fires since {time_of_day(alert.fact.at)}Z, after it was resolved"
        return (Span(since, "bad"), Span(" · /reopen WHY opens it again", "accent"))
    return ()


def _unanswered(war: WarRoom, glyphs: Glyphs) -> Spans:
    """Who is next on the ladder, when nobody acknowledged in time."""
    found = war.room.ladder()
    if found is None or found.next is None or not found.due(war.clock.now()):
        return ()
    return (Span(f"{glyphs.bad} nobody acknowledged: p pages {found.next.call.who}  ", "bad"),)


def _untold(war: WarRoom, glyphs: Glyphs) -> Spans:
    """Who was not reached by what was meant for him last, and of whom nobody knows whether he was."""
    last: dict[tuple[str, str], str] = {}
    for sent in sorted(war.room.state.messages.values(), key=lambda each: each.fact.at):
        last[sent.message.audience, sent.message.deed] = sent.state
    lost = dict.fromkeys(audience for (audience, _), state in last.items() if state in LOST)
    maybe = dict.fromkeys(each for (each, _), state in last.items() if state == UNKNOWN and each not in lost)
    not_told = Span(f"{glyphs.bad} not told: {', '.join(lost)} (m)  ", "bad")
    unknown = Span(f"{glyphs.unknown} told or not: {', '.join(maybe)} (m)  ", "warn")
    return (*([not_told] if lost else []), *([unknown] if maybe else []))


def _severity(war: WarRoom, glyphs: Glyphs, *, alone: bool) -> Spans:
    """The severity that the criteria or an alert propose, where it says something new; with its evidence when it stands
    alone."""
    proposed = war.proposal() if war.room.state.declared else None
    if proposed is None or not is_graver(proposed, war.room.state, war.room.policy):
        return ()
    criteria = proposed.by == "criteria"
    if alone:
        how = f"criteria of {proposed.level} hold" if criteria else f"{proposed.level} is proposed"
        return (Span(f"{glyphs.bad} {how}, e sets it: {proposed.evidence}", "warn"),)
    return (Span(f"{glyphs.bad} {proposed.level} by {'its criteria' if criteria else 'its alert'}: e  ", "warn"),)


_NO_SYMPTOMS = ("usage", "changes")
"""Sources that no scenario's symptoms are read from."""


_NAMED = 2
"""Sources that are named when nothing is known of several."""


def _why_nothing(war: WarRoom) -> str:
    """Why the runbook suggests nothing; not knowing is another thing than all being well."""
    if war.house.runbook is None:
        return "no runbook is configured for this service"
    sources = [source for source in war.sources() if source.name not in _NO_SYMPTOMS]
    unknown = [source.name for source in sources if not source.trusted and source.state != "off"]
    if unknown:
        return f"{_listed(unknown)} unknown now (v says why)"
    return "no symptom of the runbook holds now"


def _listed(names: Sequence[str]) -> str:
    """`pods and rollout`, `pods, rollout and 3 more`: what is said of them stands behind, and must not be cut."""
    if len(names) <= _NAMED:
        return " and ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
