"""The one grammar of `incident`: what the shell and the cockpit's `/` line both understand, parsed into requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cockpit.lazy import names_from

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
__getattr__ = names_from(globals(), _ROOMS)
