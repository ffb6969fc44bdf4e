"""Messages that do something where they arrive: answer a page, open and fill the incident's own channel, make a ticket.

They are entries like all messages, so that what fails is seen, tried again, and leaves the rest done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cockpit.incident.audiences import RESPONDERS
from cockpit.incident.deliveries import LOST, SENT, UNKNOWN, Sent
from cockpit.incident.ids import new_id
from cockpit.incident.kinds import Deed, Message
from cockpit.incident.state import State
from cockpit.incident.terms import Role, Status
from cockpit.message.audiences import of_drills
from cockpit.room.requests.desk import Desk

TICKETS = "tickets"
"""The audience of what is written on the incident's ticket."""
_SAID: dict[Deed, str] = {"acknowledge": "acknowledged", "resolve": "resolved", "note": "noted"}


def doing(
    deed: Deed, audience: str, channels: Sequence[str], state: State, desk: Desk, *,
    title: str = "", text: str = "", template: str = "", options: dict[str, str] | None = None,
) -> Message:  # fmt: skip
    """A message that does `deed`; in a drill on the drill's own channels.

    Args:
        title: else what the incident is called.
        channels: as the configuration names them, or as an earlier message of the incident has them.
    """
    real = [name for name in channels if not name.startswith("drill:")]
    own = [*of_drills(real), *(name for name in channels if name not in real)] if state.drill else list(channels)
    return Message(
        message=new_id(),
        template=template,
        audience=audience,
        channels=tuple(own),
        title=title or called(state, desk),
        text=text,
        deed=deed,
        standing=state.status.value,
        options={name: value for name, value in (options or {}).items() if value},
    )


def called(state: State, desk: Desk) -> str:
    """`DRILL: INC-2026-001 P1 payment-failure: cards are refused`."""
    head = " ".join(part for part in (desk.label, state.severity, state.name) if part)
    said = f"{head}: {state.title}" if state.title else head
    return f"DRILL: {said}" if state.drill else said


def room_at(state: State) -> str:
    """The channel where the incident's own channel is open, or being opened; empty where there is none."""
    last = _last(state, "open", "archive")
    if last is None or last.message.deed == "archive" or last.state in LOST:
        return ""
    return last.message.channels[0]


def was_archived(state: State) -> bool:
    """Whether the incident had a channel of its own, which was archived."""
    last = _last(state, "open", "archive")
    return last is not None and last.message.deed == "archive"


def ticket_at(state: State) -> str:
    """The channel where the incident has its ticket, or is to have it; empty where there is none."""
    last = _last(state, "ticket")
    return "" if last is None or last.state in LOST else last.message.channels[0]


def _last(state: State, *deeds: Deed) -> Sent | None:
    done = [each for each in state.messages.values() if each.message.deed in deeds]
    return max(done, key=lambda each: each.fact.at, default=None)


def pages_at(state: State, pagers: Iterable[str]) -> list[tuple[Sent, str]]:
    """The incident's pages that are with a pager, or may still come there, and were not resolved; with the pager."""
    pagers, found = tuple(pagers), []
    for sent in state.messages.values():
        if sent.message.deed != "page" or _answers(sent, "resolve", state):
            continue
        took = [channel for channel, standing, _ in sent.deliveries if standing in (SENT, UNKNOWN)]
        may = [] if sent.state in LOST else list(sent.message.channels)
        if where := next((channel for channel in took or may if channel in pagers), ""):
            found.append((sent, where))
    return found


def _answers(page: Sent, deed: Deed, state: State) -> bool:
    """Whether a message that was not given up does `deed` to that page."""
    later = (each for each in state.messages.values() if each.message.deed == deed and each.fact.at >= page.fact.at)
    return any(_of(each.message) in ("", _of(page.message)) and each.state not in LOST for each in later)


def _of(message: Message) -> str:
    """The target that a page, or an answer to one, is about; empty is every one."""
    return message.options.get("target", "") if message.deed != "page" else message.audience.partition(":")[2]


def answered(deed: Deed, state: State, desk: Desk, text: str = "") -> list[Message]:
    """A message to each pager that holds a page of the incident, which acknowledges or resolves it, or notes `text`.

    It goes to the audience of the page, so that it follows a page that is still on its way.
    """
    made: dict[str, Message] = {}
    for sent, pager in pages_at(state, desk.places.pagers if deed != "note" else desk.places.noting):
        if deed != "note" and _answers(sent, deed, state):
            continue
        words, about = text or f"{_SAID[deed]} by {desk.actor}", {"target": _of(sent.message)}
        made[about["target"]] = doing(deed, sent.message.audience, (pager,), state, desk, text=words, options=about)
    return list(made.values())


def settled(state: State, desk: Desk, text: str) -> list[Message]:
    """What follows everywhere from a resolution that nobody need be asked about: pages are resolved, the ticket too."""
    state = state.copy()
    state.status = Status.RESOLVED
    found = answered("resolve", state, desk, text)
    if where := ticket_at(state):
        words = text or f"resolved by {desk.actor}"
        found.append(doing("resolve", TICKETS, (where,), state, desk, text=words))
    return found


def mirrored(text: str, state: State, desk: Desk) -> list[Message]:
    """A note with those words at each pager that holds a page and takes notes, and on the ticket."""
    found = answered("note", state, desk, text)
    if (where := ticket_at(state)) and where in desk.places.noting:
        found.append(doing("note", TICKETS, (where,), state, desk, text=text))
    return found


def invited(handles: Iterable[str], state: State, desk: Desk) -> list[Message]:
    """An invitation of `handles` into the incident's own channel; none where there is no channel, or nobody to ask."""
    named = dict.fromkeys(f"@{handle.removeprefix('@')}" for handle in handles if handle)
    where, wanted = room_at(state), " ".join(named)
    if not where or not wanted:
        return []
    return [doing("invite", RESPONDERS, (where,), state, desk, text=f"invite {wanted}", options={"handles": wanted})]


def heard(words: str, state: State, desk: Desk) -> list[Message]:
    """That `words` are posted in the incident's own channel, by whom; none where there is no channel."""
    where = room_at(state)
    if not where:
        return []
    drill, said = "DRILL: " if state.drill else "", {"where": "incident", "severity": state.severity or ""}
    title, text = drill + " ".join(words.split()), f"by {desk.actor}"
    return [doing("tell", RESPONDERS, (where,), state, desk, title=title, text=text, options=said)]


def moved(status: Status, text: str, state: State, desk: Desk) -> list[Message]:
    """That the incident's own channel hears where it stands now."""
    after = state.copy()
    after.status = status
    return heard(f"{status.value} – {text}" if text else status.value, after, desk)


def archived(state: State, desk: Desk) -> list[Message]:
    """That the incident's own channel is archived; none where there is no channel."""
    where = room_at(state)
    return [doing("archive", RESPONDERS, (where,), state, desk, text="archive the channel")] if where else []


def responders(state: State, desk: Desk) -> tuple[str, ...]:
    """Everybody the record knows to be at it: who asks, who holds a role, whoever was paged by a handle."""
    paged = [handle for page, _ in state.pages for handle in page.handles]
    return tuple(dict.fromkeys((desk.actor, *state.roles.values(), *paged)))


def commander(state: State) -> str:
    """Who commands, empty where nobody does."""
    return state.roles.get(Role.IC, "")
