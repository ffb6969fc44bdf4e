"""What a request with several effects would do, in words, before it is asked; and what must be asked twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.measures import measures
from cockpit.incident.quantities import quantity
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.incident.times import span, time_of_day
from cockpit.incident.wording import headline
from cockpit.message.public import is_public, known_of, leaks
from cockpit.room.requests.deeds import TICKETS
from cockpit.room.requests.desk import Desk, Request
from cockpit.room.requests.edits import Redact
from cockpit.room.requests.everywhere import Offered
from cockpit.room.requests.several import Announce, Played, Several, blanks, parts_of, plays

_OF_A_CHANNEL = {
    "open": "opens the incident's own channel by",
    "pin": "pins it at",
    "archive": "archives the incident's own channel at",
    "ticket": "makes the incident's ticket by",
}


def preview(request: Request, state: State, desk: Desk) -> tuple[str, ...]:
    """Every effect of a request that has several or that nothing brings back, in words, and what cannot be done; empty
    when nothing need be asked.

    Raises:
        Refusal: it cannot be done.
    """
    if isinstance(request, Redact) and not request.confirmed:
        return request.effects(state, desk)
    if not isinstance(request, Several) or request.confirmed:
        return ()
    played = list(plays(request.parts, state, desk))
    offers = any(each.drafts for each in played if isinstance(each.part, Offered)) or blanks(request, state, desk)
    if not offers and _named(request) == 1:
        return ()
    last = played[-1].after
    effects = [_effect(entry, last) for each in played for entry in each.entries]
    missing = [each for part in played for each in _lacking(part, desk)]
    return tuple(effect for effect in (*effects, *missing, *_still(played), *_measured(played)) if effect)


def left_out(request: Request, state: State, desk: Desk) -> tuple[str, ...]:
    """The effects of what nobody named, which `alone` takes out of a request; raises Refusal."""
    offered = [each for each in plays(parts_of(request), state, desk) if isinstance(each.part, Offered)]
    effects = [_effect(entry, each.after) for each in offered for entry in each.entries]
    return tuple(effect for effect in effects if effect)


def _named(request: Several) -> int:
    return sum(not isinstance(part, Offered) for part in request.parts)


def _lacking(played: Played, desk: Desk) -> Iterator[str]:
    """What a part cannot do."""
    if isinstance(played.part, Announce):
        untold = played.part.told(played.before, desk).untold
        yield from (f"tells {audience} nothing: {why}" for audience, why in untold)
    elif isinstance(played.part, Offered):
        yield from played.part.lacking(played.before, desk)


def _still(played: list[Played]) -> Iterator[str]:
    """What the record knows to be wrong still, where it would be said that the incident is over."""
    before, after = played[0].before, played[-1].after
    if not after.over or after.status is before.status:
        return
    if before.pods is not None and before.pods[0].state == "crashing":
        pods, fact = before.pods
        yield f"although {pods.count} of {pods.total} pods crash: {pods.reason}, since {time_of_day(fact.at)}Z"
    for pods, fact in before.unready.values():
        yield f"although {pods.count} of {pods.total} pods do not serve: {pods.reason}, since {time_of_day(fact.at)}Z"
    for crossed, fact in before.thresholds.values():
        if crossed.state in ("warning", "breach"):
            value = f" at {quantity(crossed.value, crossed.unit)}" if crossed.value is not None else ""
            yield f"although {crossed.title} is in {crossed.state}{value}, since {time_of_day(fact.at)}Z"
    for endpoint, fact in before.endpoints.values():
        if endpoint.state == "failing":
            yield f"although endpoint {endpoint.id} fails: {endpoint.reason}, since {time_of_day(fact.at)}Z"


def _measured(played: list[Played]) -> Iterator[str]:
    """The measures of what would be over."""
    before, after = played[0].before, played[-1].after
    if after.resolved is not None and before.resolved is None:
        known = [f"{each.title.lower()} {span(each.seconds)}" for each in measures(after) if each.seconds is not None]
        if known:
            yield f"takes the measures: {', '.join(known)}"


def warnings(request: Request, state: State, desk: Desk) -> tuple[str, ...]:
    """What `request` would say in public that is not for the public; to be asked for by itself, and never changed.

    Raises:
        Refusal: it cannot be done.
    """
    if not isinstance(request, Several) and not hasattr(request, "messages"):
        return ()  # what tells nobody says nothing in public
    people = [handle for target in desk.targets.values() for handle in target.handles]
    found: list[str] = []
    for played in plays(parts_of(request), state, desk):
        for entry in played.entries:
            payload = kinds.read(entry)
            if isinstance(payload, kinds.Message) and is_public(payload.audience):
                known = known_of(played.before, names=[(host, "host") for host in desk.places.hosts], people=people)
                said = leaks(f"{payload.title}\n{payload.text}", known)
                found += [f"what {payload.audience} would read {each}" for each in said]
    return tuple(dict.fromkeys(found))


def _effect(entry: Entry, state: State) -> str:
    """What an entry to be does, as a sentence without its subject; nothing where another entry's sentence says it."""
    payload = kinds.read(entry)
    if isinstance(payload, kinds.Declared):
        return _declares(payload, state)
    if isinstance(payload, kinds.Severity):
        begins = state.declared is not None and state.declared.at == entry.occurred
        return "" if begins else f"sets the severity {payload.severity}"
    if isinstance(payload, kinds.StatusChange):
        deed = "resolves it" if payload.status is Status.RESOLVED else f"sets the status {payload.status.value}"
        return f"{deed}: {payload.text}" if payload.text else deed
    if isinstance(payload, kinds.Page):
        return _page(payload, state)
    if isinstance(payload, kinds.Message):
        return does(payload)
    return headline(entry, state).text


def does(message: kinds.Message) -> str:
    """What a message does, as a sentence without its subject; nothing where another entry's sentence says it."""
    where, options = " → ".join(message.channels), message.options
    if message.deed == "page":
        return ""  # the page itself says so
    if message.deed in _OF_A_CHANNEL:
        return f"{_OF_A_CHANNEL[message.deed]} {where}"
    if message.deed == "follow-up":
        return f"makes a ticket of {options.get('item', '')} by {where}"
    if message.deed == "invite":
        return f"invites {options.get('handles', '')} into it by {where}"
    if message.deed in ("acknowledge", "resolve", "note"):
        what = "the ticket" if message.audience == TICKETS else f"the page to {options.get('target', '')}"
        return f"{message.deed}s {what} at {where}"
    if message.deed == "meeting":
        begins = datetime.fromisoformat(options["begins"])
        return f"invites {message.audience} to the post-mortem, {begins:%Y-%m-%d %H:%M} UTC, by {where}"
    text = " ".join(message.text.split())
    if options.get("where") == "incident":
        return f"posts in the incident's own channel: {message.title} – {text}"
    return f"tells {message.audience} by {where}: {message.title} – {text}"


def _declares(declared: kinds.Declared, state: State) -> str:
    where, level = declared.target, f"{state.severity} " if state.severity else ""
    place = f"pinned to {where.context}/{where.namespace}" if where else "pinned to no cluster: none is configured"
    return f"declares {'the drill ' if declared.drill else ''}{level}{declared.name}, {place}"


def _page(page: kinds.Page, state: State) -> str:
    sent = state.messages.get(page.message)
    if sent is not None:
        return f"pages {page.target} by {' → '.join(sent.message.channels)}"
    return f"notes that {page.target} is to be paged by hand{f' ({page.by_hand})' if page.by_hand else ''}"
