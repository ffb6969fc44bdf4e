"""The one grammar of `incident`: what the shell and the cockpit's `/` line both understand, parsed into requests."""

from __future__ import annotations

from cockpit.room.grammar import lifecycle, people, words
from cockpit.room.grammar.line import complete, explain, parse, split, usage
from cockpit.room.grammar.params import ITEMS, NOW, When, incident

__all__ = ["ITEMS", "NOW", "When", "complete", "explain", "incident", "parse", "split", "usage"]

_ROOMS = (lifecycle, people, words)
"""Imported so that each adds its commands to the group."""
