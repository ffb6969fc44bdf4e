"""Which function folds which kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.state import State

P = TypeVar("P", bound=kinds.Payload)
Step = Callable[[State, kinds.Payload, Entry], None]
STEPS: dict[str, Step] = {}


def folds(model: type[P]) -> Callable[[Callable[[State, P, Entry], None]], Callable[[State, P, Entry], None]]:
    """Register how entries of `model`'s kind change the state."""

    def register(step: Callable[[State, P, Entry], None]) -> Callable[[State, P, Entry], None]:
        STEPS[model.kind] = cast(Step, step)
        return step

    return register
