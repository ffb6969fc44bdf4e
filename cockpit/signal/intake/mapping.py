"""The model of a mapping: where in a sender's JSON the alerts are, and what of each is its name, state, start, …"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

from cockpit.config import ConfigError, Strict, YamlError, parse, problems, told
from cockpit.config.lines import MOST_BYTES
from cockpit.signal.intake.path import Paths
from cockpit.text import clean

Word = Literal["firing", "renotified", "resolved", "ignored"]
"""What a sender's word for a state means; see `NoticeState`. What is ignored is answered, and not looked at."""
OTHER = "*"
"""Stands in `states` for every word that is not there."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=8000)]


def _with_firing(states: dict[str, Word]) -> dict[str, Word]:
    if "firing" not in states.values():
        raise PydanticCustomError("states", "has no state that means firing; add the sender's word for it")
    return states


States = Annotated[dict[Text, Word], AfterValidator(_with_firing)]


class Signature(Strict):
    """How a sender signs a body: an HMAC with SHA-256, in hexadecimal digits, in a header of its own."""

    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    prefix: str = ""
    """What stands before the digits; of several signatures, which a comma divides, one must be right."""


class Fields(Strict):
    """Where each part of an alert is; each a path, or a list of which the first counts that leads to something."""

    name: Paths
    state: Paths
    started: Paths = ()
    """When it began to fire: ISO 8601, or seconds or milliseconds since 1970."""
    ended: Paths = ()
    fingerprint: Paths = ()
    summary: Paths = ()
    severity: Paths = ()
    service: Paths = ()
    link: Paths = ()
    labels: Paths = ()
    """What it is about: a mapping, a list of `name:value`, or those in one text with commas between them."""


class Mapping(Strict):
    """One sender's JSON."""

    title: Text
    alerts: Paths = ()
    """The list of alerts; none: the body is one alert."""
    fields: Fields
    states: States
    """The sender's words, in any case of letters, and what they mean."""
    unprefixed: bool = False
    """Whether a name loses what stands in brackets before it, as in `[Triggered] Disk is full`."""
    identity: Paths = ()
    """All of these make the fingerprint of an alert that has none; without them, its name and labels do."""
    signature: Signature | None = None
    payload: Text | None = None
    """What is to be configured at the sender so that it sends this; shown by `cockpit listen --check`."""
    example: dict[str, Any]
    """A delivery, for `cockpit listen --check`."""

    def word(self, said: str) -> Word | None:
        """What the sender's word for a state means; None where the mapping does not know it."""
        known = {name.lower(): word for name, word in self.states.items()}
        return known.get(said.strip().lower()) or known.get(OTHER)


def load_mapping(path: FilePath) -> Mapping:
    """Read a user's mapping.

    Raises:
        ConfigError: it cannot be read or used; the message has the file, the line and what to do.
    """
    try:
        with path.open("rb") as file:
            return _mapping(file.read(MOST_BYTES + 1), str(path))
    except OSError as error:
        raise ConfigError(f"{clean(str(path))}: {error.strerror or error}; check `file` under `intake`") from None


def shipped_mapping(name: str) -> Mapping:
    """The shipped mapping of that name; raises KeyError."""
    found = files("cockpit.signal.intake") / "mappings" / f"{name}.yaml"
    if not found.is_file():
        raise KeyError(name)
    return _mapping(found.read_bytes(), f"{name}.yaml")


def _mapping(data: bytes, file: str) -> Mapping:
    try:
        document = parse(data, file)
        return Mapping.model_validate(document.value)
    except YamlError as error:
        raise ConfigError(f"{clean(file)}:{error.line}: {error.what}") from None
    except ValidationError as error:
        first, *others = told(document.file, problems(error, document))
        raise ConfigError(first, tuple(others)) from None
