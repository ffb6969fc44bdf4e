"""Imports that come late: of names when somebody asks for them, and of what a start needs behind its first picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def names_from(package: dict[str, Any], rooms: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package (PEP 562): it imports the room that has a name, and keeps what was found.

    Args:
        package: the package's `globals()`.
        rooms: of each of its modules the names that it has, with spaces between them.
    """
    room_of = {name: room for room, names in rooms.items() for name in names.split()}

    def found(name: str) -> Any:
        if name not in room_of:
            raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
        package[name] = getattr(import_module(f"{package['__name__']}.{room_of[name]}"), name)
        return package[name]

    return found


async def in_slices(*modules: str) -> None:
    """Import `modules` one after the other, with the loop's other work between them: keys are looked at meanwhile."""
    from asyncio import sleep  # who has a loop has it already; the others are spared it

    for name in modules:
        import_module(name)
        await sleep(0)
