"""The `alerts` section: which severity of the policy is proposed where an alert says one of its own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from cockpit.config.values import Name, Strict

Word = Annotated[str, StringConstraints(min_length=1, max_length=40)]
"""What stands in an alert's label, as `critical`."""


def _several(value: Any) -> Any:
    """One severity, or a list of them, where services have different policies."""
    return value if isinstance(value, list | tuple) else (value,)


def _told_apart(value: dict[str, Any]) -> dict[str, Any]:
    """Words are the same in any case of letters, as label values are written."""
    seen = set[str]()
    for word in value:
        if word.lower() in seen:
            raise PydanticCustomError("words", "has `{word}` twice, in other letters; keep one", {"word": word})
        seen.add(word.lower())
    return value


Levels = Annotated[tuple[Name, ...], BeforeValidator(_several), Field(min_length=1)]
"""Severities, of which the first counts that a service's policy has."""


class AlertsConfig(Strict):
    """How alerts are understood, wherever they come from."""

    severities: Annotated[dict[Word, Levels], AfterValidator(_told_apart)] = Field(default_factory=dict)
    """What an alert's word proposes, as `critical: P0`; one that is the name of a severity proposes that anyway."""

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The severities by the words in small letters."""
        return {word.lower(): levels for word, levels in self.severities.items()}
