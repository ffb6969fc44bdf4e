"""The one grammar of `incident`: what the shell and the cockpit's `/` line both understand, parsed into requests."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cockpit.room.grammar.line import HELP, Answer, complete, explain, incident, parse, split, usage
    from cockpit.room.grammar.params import KNOWN, NOW, Known, When
    from cockpit.room.grammar.sessions import database

__all__ = [
    "HELP", "KNOWN", "NOW", "Answer", "Known", "When", "complete", "database", "explain", "incident", "parse", "split",
    "usage",
]  # fmt: skip

_ROOMS = {
    "line": "HELP Answer complete explain incident parse split usage",
    "params": "KNOWN NOW Known When",
    "sessions": "database",
}
"""Where each of them is. A room is imported when somebody asks for what is in it: the commands come with `line`."""
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import what was named, once (PEP 562)."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    return found
