"""What a step must be told before it can run: typed, checked, and filled from where it is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config import Strict

ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
ParameterType = Literal["text", "integer", "number", "boolean", "duration", "name"]
"""`name` is a Kubernetes object's: RFC 1123, at most 253 characters."""

STANDING = ("namespace", "selector", "deployment", "pod", "database", "service")
"""Parameters that every step knows: from the service's configuration and the selection."""

_NUMBER = {"integer": re.compile(r"[+-]?\d{1,15}"), "number": re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?")}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_DURATION = re.compile(r"(\d+(\.\d+)?(ms|s|m|h|d))+")
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


def as_text(given: object) -> object:
    """A number or a truth value of YAML as the text it was written as; anything else as it is."""
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given) if isinstance(given, int | float) else given


class FromStep(Strict):
    """An earlier step's output as a value: the first group of `pattern`, else the last line that is not empty."""

    step: str
    pattern: str = ""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        _compiled(pattern)
        return pattern


class Parameter(Strict):
    """One value that a step needs.

    Attributes:
        name: as `$name` in an action's fields, `:name` in SQL, `$NAME` in a shell script.
        title: what it is called for people.
        default: offered, and taken where nobody can be asked.
        pattern: a regular expression that the whole value must match.
        choices: the only values there are.
        secret: never stored and never shown; from an environment variable of its name where one is set.
        from_: where its value is read: one of STANDING, or an earlier step's output.
        placeholder: how the document writes it.
    """

    name: ParameterName
    title: str = ""
    type: ParameterType = "text"
    default: str | None = None
    pattern: str = ""
    choices: tuple[str, ...] = ()
    secret: bool = False
    from_: Literal["namespace", "selector", "deployment", "pod", "database", "service"] | FromStep | None = Field(
        default=None, alias="from"
    )
    placeholder: str = ""

    @field_validator("default", mode="before")
    @classmethod
    def _as_text(cls, given: object) -> object:
        return as_text(given)

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        _compiled(pattern)
        return pattern

    @model_validator(mode="after")
    def _default_fits(self) -> Parameter:
        if self.secret and self.default:
            raise PydanticCustomError("secret", "is secret, and a default stands in a file; take it away")
        if self.default is not None and (why := self.wrong(self.default)):
            raise PydanticCustomError("default", "has a default that it refuses itself: {why}", {"why": why})
        return self

    @property
    def words(self) -> str:
        """What it is called for people."""
        return self.title or self.name.replace("_", " ").replace("-", " ")

    def wrong(self, value: str) -> str:
        """Why `value` is not one for it; empty when it is. A secret's value is not repeated."""
        shown = "the value" if self.secret else f"`{value[:60]}`"
        if not value:
            return "it is empty"
        if any(ord(each) < 32 and each not in "\t\n" for each in value):
            return f"{shown} has control characters"
        if self.choices and value not in self.choices:
            return f"{shown} is none of {', '.join(self.choices)}"
        if why := _WRONG[self.type](value):
            return f"{shown} {why}"
        if self.pattern and not _compiled(self.pattern).fullmatch(value):
            return f"{shown} does not match {self.pattern}"
        return ""


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        message = "is no regular expression: {why}"
        raise PydanticCustomError("pattern", message, {"why": str(error)}) from None


_WRONG: dict[str, Callable[[str], str]] = {
    "text": lambda value: "",
    "integer": lambda value: "" if _NUMBER["integer"].fullmatch(value) else "is no whole number",
    "number": lambda value: "" if _NUMBER["number"].fullmatch(value) else "is no number",
    "boolean": lambda value: "" if value.lower() in _YES + _NO else "is neither true nor false",
    "duration": lambda value: "" if _DURATION.fullmatch(value) else "is no duration such as 30s, 5m or 1h30m",
    "name": lambda value: "" if _NAME.fullmatch(value) else "is no name of a Kubernetes object",
}


@dataclass(frozen=True, slots=True)
class Values:
    """Values by parameter name, and which of them are secret."""

    known: Mapping[str, str]
    secret: frozenset[str] = frozenset()

    def get(self, name: str) -> str | None:
        """The value, if there is one."""
        return self.known.get(name)

    def shown(self, name: str) -> str:
        """The value as screen and record may have it."""
        return "‹secret›" if name in self.secret else self.known.get(name, "")
