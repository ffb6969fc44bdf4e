"""The one grammar of `incident`: what the shell and the cockpit's `/` line both understand, parsed into requests."""

from __future__ import annotations

from cockpit.room.grammar import asks, edits, lifecycle, matters, pages, people, scope, steps, words
from cockpit.room.grammar.line import HELP, Answer, complete, explain, parse, split, usage
from cockpit.room.grammar.params import KNOWN, NOW, Known, When, incident
from cockpit.room.grammar.sessions import database

__all__ = [
    "HELP", "KNOWN", "NOW", "Answer", "Known", "When", "complete", "database", "explain", "incident", "parse", "split",
    "usage",
]  # fmt: skip

_ROOMS = (asks, edits, lifecycle, matters, pages, people, scope, steps, words)
"""Imported so that each adds its commands to the group."""
