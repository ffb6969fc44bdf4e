"""Paging: a target of the configuration is told at once; whoever no channel reaches is noted to be called by hand."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from msgspec import Struct

from cockpit.config import PageTarget
from cockpit.incident import kinds
from cockpit.incident.entry import Draft
from cockpit.incident.state import State
from cockpit.room.requests.deeds import doing, invited
from cockpit.room.requests.desk import Desk, Refusal, must_not_be_closed, optional
from cockpit.text import clean, safe


class Page(Struct, frozen=True):
    """Call in a team or a person.

    Args:
        target: one of `targets:` in the configuration, or any name: then the record notes a page by hand.
        text: what for; may stay empty.
    """

    target: str
    text: str = ""

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The page, the message that carries it where a channel does, and the way into the incident's own channel."""
        must_not_be_closed(state)
        name, text = _named(self.target, desk), optional(self.text)
        target = desk.targets.get(name)
        if target is None or not target.channels:
            phone, handles = (target.phone, target.handles) if target else ("", ())
            phone = "" if state.drill else phone  # a drill rings nobody's telephone
            called = [*handles, name] if name.startswith("@") else handles
            by_hand = kinds.Page(target=name, handles=tuple(handles), text=text, by_hand=phone)
            return [desk.draft(each) for each in (by_hand, *invited(called, state, desk))]
        message = _message(name, target, text, state, desk)
        page = kinds.Page(target=name, handles=tuple(target.handles), text=text, message=message.message)
        return [desk.draft(each) for each in (page, message, *invited(target.handles, state, desk))]


def _named(given: str, desk: Desk) -> str:
    """The target's name; one that is nearly another's is taken for a slip, since nobody would be called."""
    name = clean(given).strip()
    if not name or len(name) > 64 or not name.isprintable():
        raise Refusal(f"'{name[:40]}' is nobody to page; name one of {_known(desk.targets)}, or a person")
    by_case = {known.lower(): known for known in desk.targets}
    if name.lower() in by_case:
        return by_case[name.lower()]
    if near := get_close_matches(name.lower(), by_case, 1, 0.8):
        raise Refusal(f"there is no target '{name}'; is it {by_case[near[0]]}? Targets: {_known(desk.targets)}")
    return safe(name)


def _known(targets: Iterable[str]) -> str:
    return ", ".join(targets) or "no target, as `targets:` of the configuration has none"


def _message(name: str, target: PageTarget, text: str, state: State, desk: Desk) -> kinds.Message:
    """Who calls, to what, where, what for, and how to answer."""
    drill, level = "DRILL: " if state.drill else "", f"{state.severity} " if state.severity else ""
    what = " ".join(part for part in (desk.label, state.severity, state.name) if part)
    place = f"{state.target.context}/{state.target.namespace}" if state.target else ""
    lines = [f"{desk.actor} pages {', '.join(target.handles) or name} to {what}"]
    lines += [f"What for: {text}"] if text else []
    lines += [f"What is wrong: {state.title}"] if state.title else []
    lines += [" ".join(part for part in (f"Service: {state.service}" if state.service else "", place) if part)]
    lines.append(f"Answer {desk.actor}, and join: cockpit {desk.label}".rstrip())
    return doing(
        "page",
        f"page:{name}",
        target.channels,
        state,
        desk,
        template="page",
        title=f"{drill}{level}{state.name}: {name} is paged by {desk.actor}",
        text="\n".join(line for line in lines if line),
        options={"target": name, "handles": " ".join(target.handles), "severity": state.severity or ""},
    )
