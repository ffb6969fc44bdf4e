"""A config map: read, told apart from another, and as the YAML that an editor opens on."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import yaml

from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.masking import named_secret
from cockpit.kube.paths import resource_path
from cockpit.kube.rows import gitops
from cockpit.kube.shapes import Meta, Shape
from cockpit.text import MASK, clean, redact, safe

_LONGEST_VALUE = 200
_KEY = "PRIVATE KEY-----"
"""What a secret has that goes over several lines, none of which tells it alone."""


class _ConfigMap(Shape, frozen=True):
    metadata: Meta = Meta()
    data: dict[str, str] | None = None
    binary_data: dict[str, str] | None = None
    immutable: bool = False


@dataclass(frozen=True, slots=True)
class ConfigMap:
    """A config map as it was read.

    Attributes:
        data: its keys, whose values are text.
        binary: the names of its keys whose values are bytes; they are never shown or changed.
        gitops: the controller that owns it and reverts what others change; empty for none.
    """

    name: str
    uid: str
    version: str
    data: Mapping[str, str] = field(repr=False)
    binary: tuple[str, ...] = ()
    immutable: bool = False
    gitops: str = ""
    has_data: bool = True


@dataclass(frozen=True, slots=True)
class Edited:
    """What an editor made of a config map.

    Attributes:
        data: the keys that are new or have another value.
        removed: the keys that are gone.
        difference: the same as lines for people.
    """

    data: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()


class EditError(ValueError):
    """A text from an editor that is no config map's data; says what and where."""


def config_map_path(namespace: str, name: str) -> str:
    """The path of a config map. Raises KubeError("invalid") for what is no name."""
    return resource_path("v1", "configmaps", namespace, name)


async def read_config_map(access: Access, namespace: str, name: str) -> ConfigMap:
    """Read a config map within `timeout` seconds. Raises KubeError."""
    answer = await access.call("GET", config_map_path(namespace, name))
    try:
        read = msgspec.json.decode(answer.body, type=_ConfigMap)
    except UNREADABLE as error:
        raise access.unreadable(error) from error
    meta = read.metadata
    return ConfigMap(
        meta.name,
        meta.uid,
        meta.resource_version,
        read.data or {},
        tuple(sorted(read.binary_data or {})),
        read.immutable,
        gitops(meta.labels or {}, meta.annotations or {}),
        read.data is not None,
    )


def editable(found: ConfigMap) -> str:
    """The text that an editor opens on: each key with its value, several lines as a block."""
    head = [f"# config map {found.name}: change, add or remove keys, then save; a text without changes changes nothing"]
    head += [f"# not shown, as they are bytes: {', '.join(found.binary)}"] if found.binary else []
    body = yaml.dump(dict(found.data), Dumper=_Blocks, allow_unicode=True, sort_keys=False, width=10_000)
    return "\n".join([*head, body if found.data else ""])


def edited(original_text: str, new_text: str) -> Edited:
    """What changed between the text that an editor was opened on and the one that it saved.

    Raises:
        EditError: the new text is not YAML, or not a mapping of text to text; with its line.
    """
    before, after = _data(original_text), _data(new_text)
    return Edited(
        {key: value for key, value in after.items() if before.get(key) != value},
        tuple(key for key in before if key not in after),
        data_difference(before, after),
    )


def data_difference(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """The lines `key: from → to`, cleaned and redacted; of values with several lines only the lines that differ."""
    keys = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    return tuple(line for key in keys for line in _told(key, old.get(key), new.get(key)))


def secret(key: str, value: str) -> bool:
    """Whether a value is, or holds, what looks like a secret, so that no record may keep it."""
    return safe(value, keep_newlines=True) != clean(value, keep_newlines=True) or named_secret(key, value)


def _told(key: str, old: str | None, new: str | None) -> Iterator[str]:
    one_line = "\n" not in (old or "").rstrip("\n") and "\n" not in (new or "").rstrip("\n")
    if one_line or named_secret(key, ""):
        yield f"{safe(key)}: {_shown(key, old)} → {_shown(key, new)}"
        return
    before, after = ((value or "") if _KEY not in (value or "") else redact(value or "") for value in (old, new))
    if before == after:
        yield f"{safe(key)}: {MASK} → {MASK}"
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0):
        if line[:3] not in ("---", "+++") and line[:2] != "@@":
            yield f"{safe(key)}: {line[0]} {safe(line[1:])[:_LONGEST_VALUE]}"


def _shown(key: str, value: str | None) -> str:
    if value is None:
        return "none"
    if secret(key, value):
        return MASK
    text = safe(value.rstrip("\n"))
    return (text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + " …") or '""'


def _data(text: str) -> dict[str, str]:
    """The keys and values of an editor's text. Raises EditError."""
    try:
        read = yaml.load(text, Loader=_Texts)
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise EditError(f"{where}not YAML: {error.problem or error}") from error
    except yaml.YAMLError as error:
        raise EditError(f"not YAML: {error}") from error
    if read in (None, ""):
        return {}
    if not isinstance(read, dict):
        raise EditError("the text is no mapping of keys to values")
    for key, value in read.items():
        if not isinstance(value, str):
            raise EditError(f"{safe(str(key))}: the value is a {type(value).__name__}, and must be text: quote it")
    return read


class _Texts(yaml.BaseLoader):
    """Reads every scalar as the text that stands there, so that `yes` and `1.10` stay what was typed."""


class _Blocks(yaml.SafeDumper):
    """Writes text of several lines as a block, as people edit it."""


def _text(dumper: _Blocks, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Blocks.add_representer(str, _text)
