"""Values: how one is made from another, and told as plain data. Most are msgspec structs.

A process makes hundreds of these classes before it does anything: a struct is made in a fortieth of the time of a
dataclass, which compiles source of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

if TYPE_CHECKING:  # under this name alone the type checker knows which fields a value has, of structs as well
    from dataclasses import replace as replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """`value` with other values of some fields; raises TypeError for a field that it does not have."""
        return structs.replace(value, **changes) if isinstance(value, Struct) else dataclasses.replace(value, **changes)


def asdict(value: Any) -> dict[str, Any]:
    """The fields of a struct or dataclass by name; those that are such values too, also in collections, likewise."""
    return {name: _plain(getattr(value, name)) for name in _fields(value)}


def _fields(value: Any) -> tuple[str, ...]:
    if isinstance(value, Struct):
        return value.__struct_fields__
    return tuple(field.name for field in dataclasses.fields(value)) if dataclasses.is_dataclass(value) else ()


def _plain(value: Any) -> Any:
    if isinstance(value, Struct) or dataclasses.is_dataclass(value):
        return asdict(value)
    if isinstance(value, Mapping):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(_plain(each) for each in value)
    return value
