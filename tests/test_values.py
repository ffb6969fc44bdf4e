"""Values: copied with other fields, and told as plain data, whether they are structs or dataclasses."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec import Struct

from cockpit.values import asdict, replace


class Pod(Struct, frozen=True):
    name: str
    restarts: int = 0


@dataclass(frozen=True)
class Place:
    name: str
    pods: tuple[Pod, ...] = ()
    owners: dict[str, Pod] = dataclasses.field(default_factory=dict)


class Service(Struct, frozen=True):
    place: Place
    twins: list[Place]


@pytest.mark.parametrize("value", [Pod("one", 3), Place("shop")])
def test_a_copy_differs_in_what_was_asked_and_in_nothing_else(value: Any) -> None:
    changed = replace(value, name="two")
    assert type(changed) is type(value)
    assert asdict(changed) == asdict(value) | {"name": "two"}
    assert value.name != "two"


@pytest.mark.parametrize("value", [Pod("one"), Place("shop")])
def test_a_field_that_is_not_there_cannot_be_replaced(value: Any) -> None:
    with pytest.raises(TypeError, match="nmae"):
        replace(value, nmae="two")


def test_values_within_values_are_told_as_plain_data_too() -> None:
    place = Place("shop", (Pod("a"),), {"b": Pod("b", 1)})
    plain = {"name": "shop", "pods": ({"name": "a", "restarts": 0},), "owners": {"b": {"name": "b", "restarts": 1}}}
    assert asdict(place) == plain
    assert asdict(Service(place, [place])) == {"place": plain, "twins": [plain]}
