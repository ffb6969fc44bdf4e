"""Lines of the source documents as the tests compare them."""

from __future__ import annotations

import re

from cockpit.runbook.model import Source


def line(documents: dict[str, list[str]], source: Source) -> str:
    return documents[source.file][source.line - 1]


def bare(text: str) -> str:
    """A line of Markdown without its marks: heading, dash, number, box, bold, code."""
    text = re.sub(
        r"^[#\s]*(?:[-*•]|\d+\.|\d\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP})?\s*(?:\[ \])?\s*#*\s*",
        "",
        text,
    )
    return re.sub(r"[*`]", "", text).strip().removesuffix(":")
