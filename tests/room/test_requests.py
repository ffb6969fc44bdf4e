"""The requests by their names: each is what it is called, whatever was imported before it."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from cockpit.room import requests

ROOMS = sorted(path.stem for path in Path(requests.__file__).parent.glob("*.py") if path.stem != "__init__")


def test_no_request_is_hidden_by_a_room_of_its_name() -> None:
    """A room that is imported becomes an attribute of the package, and is then found in the place of the name."""
    assert not set(ROOMS) & set(requests.__all__)
    for room in ROOMS:
        import_module(f"{requests.__name__}.{room}")
    assert not [name for name in requests.__all__ if isinstance(getattr(requests, name), ModuleType)]


def test_each_can_be_had_first() -> None:
    names = ", ".join(requests.__all__)
    subprocess.run([sys.executable, "-c", f"from cockpit.room.requests import {names}"], check=True, timeout=120)
