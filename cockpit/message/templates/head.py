"""The head of a template file: YAML between two lines of `---`, with the line of each key for its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from msgspec import Struct, field
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cockpit.config.lines import YamlError, parse
from cockpit.text import clean

_MARK = "---"
_LARGEST = 64 * 1024


class TemplateError(Exception):
    """A template cannot be read, found or rendered; the message says where, why, and what to do."""


Moment = Literal["declaration", "investigating", "update", "resolution"]
"""What a message is about: the incident begins; the cause is not known yet; it is; it is over."""


class _Field(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    required: bool = False
    hint: str = ""
    default: str = ""
    """What stands there as long as nobody says something else: text with the names that the record fills."""


class _Keys(BaseModel):
    """What a head may say."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    audience: str | list[str] = Field(min_length=1)
    """Whom it is for; of several the first is meant where nobody says which."""
    moments: list[Moment] | None = None
    """When it fits; empty: it is chosen by hand alone. None: as its name ends."""
    policy: str = ""
    """The policy whose document it is from: under another one it is chosen by hand alone."""
    title: str = Field(min_length=1)
    status: str = ""
    source: str = ""
    fields: dict[str, _Field] = Field(default_factory=dict)


class Head(Struct, frozen=True):
    """A head that was read; `lines` has the line of each of its keys, and of each field's default."""

    keys: _Keys
    lines: dict[str, int] = field(default_factory=dict)


def split(path: Path) -> tuple[Head, str, int]:
    """Read a template file: its head, its body, and the line after which the body begins.

    Raises:
        TemplateError: `FILE:LINE: …`.
    """
    lines = _text(path).splitlines()
    if not lines or lines[0].rstrip() != _MARK:
        raise TemplateError(f"{path}:1: a template begins with a line of --- and its head; add it")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _MARK), None)
    if end is None:
        raise TemplateError(f"{path}:{len(lines)}: the head is not closed; end it with a line of ---")
    body = "\n".join(lines[end + 1 :])
    if not body.strip():
        raise TemplateError(f"{path}:{end + 1}: the template has no text; write it below the head")
    return _head(path, "\n".join(lines[1:end])), body, end + 1


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TemplateError(f"{path}:1: cannot be read: {error.strerror}; see its permissions") from None
    if len(data) > _LARGEST:
        raise TemplateError(f"{path}:1: is larger than {_LARGEST // 1024} KiB; no message is that long")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TemplateError(f"{path}:{line}: is not UTF-8; save it as UTF-8") from None


def _head(path: Path, source: str) -> Head:
    """Parse the YAML, with an empty line in place of the mark, so that its lines are the file's."""
    try:
        document = parse(f"\n{source}".encode(), str(path))
    except YamlError as error:
        raise TemplateError(f"{path}:{error.line}: {error.what}") from None
    if not isinstance(document.value, dict):
        raise TemplateError(f"{path}:2: the head has no keys; write name, audience and title")
    try:
        keys = _Keys.model_validate(document.value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        line = document.line(*first["loc"])
        raise TemplateError(f"{path}:{line}: `{clean(where)}`: {clean(first['msg'])}; mend the head") from None
    lines = {name: document.line(name) for name in document.value}
    lines |= {f"fields.{name}": document.line("fields", name, "default") for name in keys.fields}
    return Head(keys, lines)
