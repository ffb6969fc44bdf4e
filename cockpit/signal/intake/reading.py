"""A delivery read by its mapping: each alert in it as a notice, cleaned of what it could do to a terminal."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping as Map
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from cockpit.signal.intake.errors import IntakeError
from cockpit.signal.intake.mapping import Mapping
from cockpit.signal.intake.path import Path, Paths, at, first, shown
from cockpit.signal.notice import EARLIEST, Notice
from cockpit.text import clean, safe

MOST_ALERTS = 5000
MOST_LABELS = 64
_SHORT, _LONG = 200, 500
"""Characters of a name or label, and of a sentence or an address."""
_READ = 4
"""Times as many are looked at, for some of them may be taken out. What all alerts of a delivery share may be as long as
the body, and is read for each of them."""
_MILLISECONDS = 1e11
"""A number that is greater counts milliseconds."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:@%+=,/-]{0,127}")
"""A fingerprint that a shell takes as it stands: it is offered to be copied into a command."""
_TAKEN = "last"
"""What `--from` takes for the alert that was told last."""
_LONGEST_OWN = 10_000
"""Characters that tell one alert from another."""
NAMELESS = "(no name)"


class Delivery(NamedTuple):
    """What was sent: every alert that is not ignored, and of each that cannot be read why."""

    notices: list[Notice]
    unread: list[str]


def delivery(mapping: Mapping, body: Any) -> Delivery:
    """Read a delivery; an alert that cannot be read hides no other. It may take long: call it in a thread.

    Raises:
        IntakeError: it is no such delivery, or nothing in it can be read; the message says what is missing, and where.
    """
    alerts = _alerts(mapping, body)
    shared = {path: _dumped(at(path, None, body)) for path in mapping.identity if path[0]}
    made = Delivery([], [])
    for number, alert in enumerate(alerts):
        try:
            if read := _notice(mapping, alert, body, number, shared):
                made.notices.append(read)
        except IntakeError as error:
            made.unread.append(str(error))
    if made.unread and len(made.unread) == len(alerts):
        raise IntakeError(made.unread[0])
    return made


def _alerts(mapping: Mapping, body: Any) -> list[Any]:
    if not mapping.alerts:
        return [body]
    found = next((value for path in mapping.alerts if (value := at(path, body, body)) is not None), None)
    if not isinstance(found, list):
        raise IntakeError(f"has no list `{shown(mapping.alerts)}`")
    if len(found) > MOST_ALERTS:
        raise IntakeError(f"has {len(found)} alerts, more than {MOST_ALERTS}: send fewer at a time")
    return found


def _notice(mapping: Mapping, alert: Any, body: Any, number: int, shared: Map[Path, str]) -> Notice | None:
    """One alert; None where it is ignored. `shared` is what `_fingerprint` takes from the whole body."""
    where, fields = f"alert {number + 1}", mapping.fields
    if not isinstance(alert, dict):
        raise IntakeError(f"{where} is no JSON object")
    said = _text(first(fields.state, alert, body))[:_SHORT]
    if not said:
        raise IntakeError(f"{where} has no state at `{shown(fields.state)}`")
    word = mapping.word(said)
    if word is None:
        known = ", ".join(mapping.states)
        raise IntakeError(f"{where} has the state `{safe(said)[:40]}`; the mapping knows {known}")
    if word == "ignored":
        return None
    labels = _labels(first(fields.labels, alert, body))

    def text(paths: Paths, most: int = _SHORT) -> str:
        return safe(_text(first(paths, alert, body))[: most * _READ])[:most]

    name = text(fields.name)
    if mapping.unprefixed and name.startswith("[") and (rest := name.partition("]")[2].strip()):
        name = rest
    name = name or NAMELESS
    return Notice(
        fingerprint=_fingerprint(mapping, alert, body, name, labels, shared),
        name=name,
        state=word,
        started=_time(first(fields.started, alert, body)),
        ended=_time(first(fields.ended, alert, body)) if word == "resolved" else None,
        summary=text(fields.summary, _LONG),
        severity=text(fields.severity, 40),
        service=text(fields.service) or labels.get("service", ""),
        labels=labels,
        link=_link(text(fields.link, _LONG)),
    )


def _fingerprint(
    mapping: Mapping, alert: Any, body: Any, name: str, labels: Map[str, str], shared: Map[Path, str]
) -> str:
    """The sender's own, where it is a plain word; else a hash of it, or of what makes the alert this one."""
    own = _text(first(mapping.fields.fingerprint, alert, body))[:_LONGEST_OWN]
    if _PLAIN.fullmatch(own) and own != _TAKEN:
        return own
    if own:
        return _hashed(_dumped(own))
    if mapping.identity:
        parts = (shared[path] if path[0] else _dumped(at(path, alert, body)) for path in mapping.identity)
        return _hashed(f"[{', '.join(parts)}]")
    return _hashed(_dumped([name, sorted(labels.items())]))


def _dumped(value: Any) -> str:
    """A value as text that is the same each time; of a long one its hash."""
    text = json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= _LONGEST_OWN else _hashed(text)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def _text(value: Any) -> str:
    """A scalar as text; nothing of what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def _labels(value: Any) -> dict[str, str]:
    """Names and values, whichever way they were written; at most MOST_LABELS, of the first that were written."""
    pairs: list[tuple[str, str]] = []
    if isinstance(value, dict):
        pairs = [(name, _text(each)) for name, each in islice(value.items(), MOST_LABELS * _READ)]
    elif isinstance(value, str | list):
        cut = MOST_LABELS * _READ
        written = value.split(",", cut)[:cut] if isinstance(value, str) else [_text(each) for each in value[:cut]]
        parts = [each.strip().partition(":") for each in written]
        pairs = [(name, said) for name, colon, said in parts if colon]
    chosen = [(name[: _SHORT * _READ], said[: _SHORT * _READ]) for name, said in sorted(pairs)[:MOST_LABELS] if name]
    return {clean(name)[:_SHORT]: safe(said)[:_SHORT] for name, said in chosen}


def _time(value: Any) -> datetime | None:
    """An instant; None where there is none, or what is there is none."""
    if isinstance(value, str) and value.strip().replace(".", "", 1).isdecimal():
        value = float(value)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            seconds = value / 1000 if value > _MILLISECONDS else value
            found = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
        elif isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return found if found >= EARLIEST else None


def _link(text: str) -> str:
    return text if text.startswith(("http://", "https://")) else ""
