"""One value inside a JSON document, named by a singular query of RFC 9535: `$.checks[0]['disk space'].state`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_SEGMENT = re.compile(r"\.([A-Za-z_\u0080-\uffff][\w-]*)|\[(\d{1,9})\]|\['([^'\\]*)'\]|\[\"([^\"\\]*)\"\]")


def segments(path: str) -> tuple[str | int, ...]:
    """The names and places that lead to the value. Raises ValueError for what is no such path."""
    if not path.startswith("$") or len(path) > 500:
        raise ValueError(path)
    found: list[str | int] = []
    at = 1
    while at < len(path):
        part = _SEGMENT.match(path, at)
        if part is None:
            raise ValueError(path)
        name, place, single, double = part.groups()
        found.append(
            int(place) if place is not None else next(each for each in (name, single, double) if each is not None)
        )
        at = part.end()
    return tuple(found)


def value_at(document: Any, path: str) -> Any:
    """The value at a path. Raises LookupError where the document has none."""
    for part in segments(path):
        fits = isinstance(document, list if isinstance(part, int) else dict)
        if not fits:
            raise LookupError(path)
        document = document[part]
    return document


def _checked(value: Any) -> Any:
    try:
        segments(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError(
            "json_path", "is no path into JSON; write it like $.status or $.checks[0].state"
        ) from None
    return value


JsonPath = Annotated[str, BeforeValidator(_checked)]
"""The text of such a path, checked."""
