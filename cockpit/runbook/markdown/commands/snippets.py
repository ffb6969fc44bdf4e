"""What stands in a fence: commands with their lines, and the lines that are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cockpit.runbook.markdown.commands.classify import Content

Language = Literal["shell", "sql", "http"]


@dataclass(frozen=True, slots=True)
class Snippet:
    """One command of a document.

    Attributes:
        line: its first line in the file; `end` is its last.
        title: the comment above it, or empty.
        group: how many commands have the same comment above, and which of them it is, from 0.
        condition: "If …" or "Or" over it.
        expected: what the document says should be seen.
        remark: a comment behind it that is none of these.
        within: the command whose inside it is typed into, such as `ssh HOST`; it cannot be run by itself.
        prelude: what the script did before it that it stands on, such as `cd /srv`.
        alone: whether it is a whole script.
    """

    text: str
    line: int
    end: int
    language: Language = "shell"
    title: str = ""
    group: tuple[int, int] = (1, 0)
    condition: str = ""
    expected: str = ""
    remark: str = ""
    within: str = ""
    prelude: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class FenceRead:
    """What a fence came to: its commands, and for every other line why it is none."""

    content: Content
    snippets: tuple[Snippet, ...] = ()
    left: tuple[tuple[int, int, str], ...] = ()
