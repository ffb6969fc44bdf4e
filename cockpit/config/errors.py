"""The error of a configuration, and how pydantic's findings become sentences with a place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from pydantic import ValidationError

from cockpit.config.lines import Document, Location, Place
from cockpit.text import clean, redact


class ConfigError(Exception):
    """A configuration that cannot be used: one line, `FILE:LINE: what; what to do`. `others` are further faults."""

    def __init__(self, message: str, others: tuple[str, ...] = ()) -> None:
        more = f" ({len(others)} more after this)" if others else ""
        super().__init__(message + more)
        self.others = others


class Problem(Struct, frozen=True, order=True):
    """A fault at a place."""

    line: int
    column: int
    what: str


def problems(error: ValidationError, document: Document) -> list[Problem]:
    """The findings of a validation, in the order of the file. No value of the file is repeated in them."""
    found = error.errors(include_url=False, include_input=False)
    inside = {each["loc"][:length] for each in found for length in range(len(each["loc"]))}
    # A list whose only parts are wrong is also told to be empty: that is no fault of its own.
    own = (each for each in found if not (each["type"] == "too_short" and each["loc"] in inside))
    return sorted({_problem(each, document) for each in own})


def located(document: Document, path: Location, what: str) -> Problem:
    """A fault at the key of `path`."""
    place = document.keys.get(document.find(path), Place())
    return Problem(place.line, place.column, what)


def told(file: str, found: Iterable[Problem], *, columns: bool = False) -> tuple[str, ...]:
    """The problems, each as `FILE:LINE: what` or `FILE:LINE:COLUMN: what`."""
    return tuple(f"{clean(file)}:{each.line}:{f'{each.column}:' if columns else ''} {each.what}" for each in found)


def _problem(error: Any, document: Document) -> Problem:
    kind, context = error["type"], error.get("ctx") or {}
    path = document.find(error["loc"])
    if kind == "unknown_key":
        place = document.keys.get((*path, context["key"]), document.keys.get(path, Place()))
        return Problem(place.line, place.column, f"unknown key `{_name(context['key'])}`; {context['mend']}")
    if kind == "missing":
        inside = f" in `{_dotted(path)}`" if path else ""
        place = document.keys.get(path, Place())
        return Problem(place.line, place.column, f"`{_name(error['loc'][-1])}` is missing{inside}; add it")
    keyed = error["loc"][-1:] == ("[key]",)
    place = (document.keys if keyed else document.values).get(path, Place())
    name = f"`{_dotted(path)}`" if path else "the file"
    return Problem(place.line, place.column, f"{name} {_sentence(kind, error['msg'], context)}")


_SENTENCES = {
    "string_type": "must be text; write a word, or put the value in quotes",
    "model_type": "must be a mapping, lines of `key: value`",
    "model_attributes_type": "must be a mapping, lines of `key: value`",
    "dict_type": "must be a mapping, lines of `key: value`",
    "list_type": "must be a list, lines that begin with a dash, or [a, b]",
    "tuple_type": "must be a list, lines that begin with a dash, or [a, b]",
    "path_type": "must be a path; write one like ./folder or ~/file",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_pattern_mismatch": "has a character that such a name cannot have; use letters, digits and dashes",
    "string_too_short": "is empty; write something, or remove it",
}


def _sentence(kind: str, message: str, context: dict[str, Any]) -> str:
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "union_tag_invalid":
        return f"has a {context['discriminator']} that is not known; use one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return f"needs {context['discriminator']} to say what it is; add it"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    text = clean(message)
    for theirs in ("Input should be", "String should have", "Value should have", "Tuple should have"):
        text = text.replace(theirs, "must be" if theirs.endswith("be") else "must have")
    return text[:1].lower() + text[1:]


def _dotted(path: Location) -> str:
    """A path as people read it; the places of a list count from 1."""
    return ".".join(_name(part) if isinstance(part, str) else str(part + 1) for part in path)


def _name(key: Any) -> str:
    """A key as it is shown: hostile and secret-like ones made safe, long ones cut."""
    text = redact(clean(str(key)))
    return text if len(text) <= 60 else text[:57] + "…"
