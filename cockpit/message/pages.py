"""What every pager is told alike: how grave a page is, which pages are still open, and what the other side reads."""

from __future__ import annotations

import re
from typing import Literal

from cockpit.incident.kinds import Message
from cockpit.message.channel import Occasion
from cockpit.text import clean

Gravity = Literal[1, 2, 3, 4]
"""1 is the gravest."""
_DETAIL = 500
"""Characters of each detail: Opsgenie takes 8,000 of all together."""
_LEVEL = re.compile(r"(?i)(?P<scheme>p|sev[- ]?|s)(?P<number>\d)")


def gravity(message: Message, occasion: Occasion) -> Gravity:
    """How grave the incident is: P0 and SEV-1 are 1, P1 and SEV-2 are 2, P2 and SEV-3 are 3, the rest 4.

    The message's option `severity` goes before the occasion's. A level of a team's own scheme, or none, is taken for
    2: somebody asked for the page, and pagers let 3 and 4 wait for the morning.
    """
    found = _LEVEL.fullmatch(message.options.get("severity") or occasion.severity)
    if found is None:
        return 2
    number = int(found["number"]) + (found["scheme"].lower() == "p")
    known: dict[int, Gravity] = {0: 1, 1: 1, 2: 2, 3: 3}
    return known.get(number, 4)


def open_pages(message: Message, occasion: Occasion) -> list[str]:
    """The provider's keys of this incident's pages that are not resolved, the first first; only those to the option
    `target` where it names one. What resolved pages has their keys for its remote id."""
    wanted = message.options.get("target", "")
    keys: dict[str, None] = {}
    for each, remote in occasion.earlier:
        if each.deed == "page" and remote and wanted in ("", each.options.get("target", "")):
            keys[remote] = None
        elif each.deed == "resolve":
            for key in remote.split():
                keys.pop(key, None)
    return list(keys)


def line(text: str, longest: int) -> str:
    """`text` in one line of at most `longest` characters, its end marked where it was cut."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"


def whole(text: str, longest: int) -> str:
    """`text` with its lines, in at most `longest` characters; what is missing is said."""
    cleaned = clean(text, keep_newlines=True)
    if len(cleaned) <= longest:
        return cleaned
    kept = longest - 80
    return f"{cleaned[:kept]}\n… {len(cleaned) - kept:,} characters are missing here; the record has them"


def note_text(message: Message, longest: int) -> str:
    """A note's words, with a last line by which the same note is known again: pagers take a note twice."""
    mark = f"\n[{message.message}]"
    return whole(message.text or message.title, longest - len(mark)) + mark


def details(message: Message, occasion: Occasion) -> dict[str, str]:
    """What the other side may want to know, by name; nothing empty."""
    found = {
        "incident": " ".join(part for part in (occasion.label, occasion.name) if part),
        "title": occasion.title,
        "service": occasion.service,
        "severity": message.options.get("severity") or occasion.severity,
        "status": occasion.status,
        "target": message.options.get("target", ""),
        "declared": f"{occasion.declared:%Y-%m-%dT%H:%M:%SZ}" if occasion.declared else "",
        "drill": "yes" if occasion.drill else "",
    }
    return {name: line(value, _DETAIL) for name, value in found.items() if value}
