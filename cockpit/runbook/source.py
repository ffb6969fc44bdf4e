"""What every part of a runbook is made of: an id that stays, words, and the line of the document they come from."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config import Strict, YamlMapping

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,79}$")]
"""A stable identifier: small letters, digits, dots and dashes. The record keeps it; do not rename it."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]

PLACEHOLDER = re.compile(r"\[[^\]]+\]|<[^>]+>")


class Source(Strict):
    """A line of a document."""

    file: str
    line: int = Field(ge=1)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Sourced(Strict):
    """Something that stands in a document. Written `source: 41`, a line of the file's `document`; without one, the
    line of the YAML itself. A `document` of its own is the one that it and its parts quote, where that is another."""

    source: Source
    document: str = ""

    @model_validator(mode="before")
    @classmethod
    def _cite(cls, data: Any) -> Any:
        if not isinstance(data, YamlMapping):
            return data
        given = data.get("source")
        if given is None:
            return data.having(source={"file": data.file, "line": data.line})
        if isinstance(given, int) and not isinstance(given, bool):
            if not data.document:
                raise PydanticCustomError("source", "cites a line, but no `document` is named above it; name it")
            return data.having(source={"file": data.document, "line": given})
        return data


class Cited(Sourced):
    """Words of a document."""

    text: Words

    @property
    def unfilled(self) -> bool:
        """Whether the document has a placeholder such as `[Name]` where the words should be."""
        return bool(PLACEHOLDER.search(self.text))
