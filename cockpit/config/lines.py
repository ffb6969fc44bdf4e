"""YAML read with the line and column of every value, for errors that say where; shared by configuration and runbooks.

Built from libyaml's events with a stack of our own: its composer recurses in C and dies of deeply nested text, and an
alias that repeats another (a "bomb") is counted here before it grows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct, field

from cockpit.text import clean, redact

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml is slower and does the same
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MOST_BYTES = 4_000_000
"""A file larger than this is no configuration and no runbook."""
MOST_DEPTH = 40
MOST_VALUES = 200_000

Location = tuple[str | int, ...]
_WHOLE = re.compile(r"[-+]?\d{1,18}")
_BARE = "tag:yaml.org,2002:"
_TAGS = {"str", "int", "float", "bool", "null", "timestamp", "value", "merge"}


class YamlError(Exception):
    """A text that is no YAML that we take. `line` and `column` count from 1; `what` names the fault and the mend."""

    def __init__(self, what: str, line: int = 1, column: int = 1) -> None:
        super().__init__(what)
        self.what, self.line, self.column = what, line, column


class Place(Struct, frozen=True):
    """A line and a column, both from 1."""

    line: int = 1
    column: int = 1


class YamlMapping(dict[str, Any]):
    """A mapping that knows where it stands.

    Attributes:
        line: on which it begins; `file` is the YAML file's name.
        document: the document that it quotes, where the reader of runbooks has said so.
    """

    line: int = 1
    file: str = ""
    document: str = ""

    def having(self, **more: Any) -> YamlMapping:
        """A copy with other values for some keys, standing in the same place."""
        copy = YamlMapping({**self, **more})
        copy.line, copy.file, copy.document = self.line, self.file, self.document
        return copy


class Document(Struct, frozen=True):
    """A text as plain values, and where each of them stands.

    Attributes:
        file: what errors call it.
        value: mappings (str keys), lists, str, int, float, bool and None; dates stay text.
        keys: where the key, or the list item, of each path stands; `values` where its value begins.
    """

    file: str
    value: Any
    keys: dict[Location, Place] = field(default_factory=dict)
    values: dict[Location, Place] = field(default_factory=dict)

    def find(self, loc: tuple[Any, ...]) -> Location:
        """The longest real path in `loc`, whose other parts (names of union members) are passed over."""
        path: Location = ()
        for part in loc:
            if (*path, part) in self.keys:
                path = (*path, part)
        return path

    def line(self, *path: str | int) -> int:
        """The line of the key at `path`, or of the nearest thing around it."""
        return self.keys.get(self.find(path), Place()).line


def read(path: Path) -> Document:
    """Read a YAML file; errors call it by its path as given.

    Raises:
        YamlError: it cannot be read, is too large, is not UTF-8, or is not YAML.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except IsADirectoryError:
        raise YamlError("this is a folder; name a file in it") from None
    except FileNotFoundError:
        raise YamlError("there is no such file; check the name") from None
    except PermissionError:
        raise YamlError("it may not be read; give yourself read permission (chmod u+r)") from None
    except (OSError, ValueError) as error:
        raise YamlError(f"it cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return parse(data, str(path))


def parse(data: bytes, file: str) -> Document:
    """Read YAML from bytes; an empty text gives an empty mapping.

    Raises:
        YamlError: it is too large, not UTF-8, or not YAML.
    """
    if len(data) > MOST_BYTES:
        raise YamlError(f"it is larger than {MOST_BYTES // 1_000_000} MB; this is hardly the file that was meant")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise YamlError("it is not UTF-8; save it with that encoding", line, column) from None
    try:
        return _Builder(text, file).document()
    except yaml.YAMLError as error:
        raise _syntax(error, text) from None


def _syntax(error: yaml.YAMLError, text: str) -> YamlError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        # Only the reader's errors have no mark: a character that YAML does not allow.
        at = int(getattr(error, "position", 0) or 0)
        line = text.count("\n", 0, at) + 1
        return YamlError("a control character that YAML does not allow stands here; remove it", line)
    row = text.splitlines()[mark.line] if mark.line < len(text.splitlines()) else ""
    if "\t" in row[: len(row) - len(row.lstrip())] or row[mark.column : mark.column + 1] == "\t":
        return YamlError("a tab stands here; indent with spaces", mark.line + 1, mark.column + 1)
    problem = clean(str(getattr(error, "problem", "") or "it is not YAML"))
    return YamlError(f"not valid YAML: {redact(problem)}; check indentation and quotes", mark.line + 1, mark.column + 1)


class _Open(Struct):
    """A mapping or list whose end has not been read. `size` counts its values, for aliases that repeat it."""

    value: YamlMapping | list[Any]
    anchor: str | None
    start: Place
    key: str | None = None
    key_at: Place = field(default_factory=Place)
    places: dict[str | int, tuple[Place, Place]] = field(default_factory=dict)
    size: int = 1


class _Builder:
    """Builds one document from events."""

    def __init__(self, text: str, file: str) -> None:
        self._loader = _Loader(text)
        self._file = file
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        # Places by the identity of their container: an alias shares its target's.
        self._places: dict[int, dict[str | int, tuple[Place, Place]]] = {}
        self._root: Any = YamlMapping()
        self._root_at = Place()
        self._documents = 0

    def document(self) -> Document:
        """Take all events."""
        try:
            while not isinstance(event := self._loader.get_event(), yaml.StreamEndEvent):
                self._take(event)
        finally:
            self._loader.dispose()
        found = Document(self._file, self._root)
        found.keys[()] = found.values[()] = self._root_at
        self._spread(found)
        return found

    def _take(self, event: Any) -> None:
        at = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise YamlError("a second document begins here; keep one per file", at.line, at.column)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event, at)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self._stack.pop()
            self._places[id(done.value)] = done.places
            if done.anchor:
                self._anchors[done.anchor] = (done.value, done.size)
            self._add(done.value, done.start, done.size)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", at)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, at)

    def _open(self, event: Any, at: Place) -> None:
        if len(self._stack) >= MOST_DEPTH:
            raise YamlError(f"it is nested more than {MOST_DEPTH} deep; flatten it", at.line, at.column)
        self._expect_value(at)
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, f"{_BARE}map" if mapping else f"{_BARE}seq"):
            raise YamlError("a tag stands here, which is not understood; remove it", at.line, at.column)
        value: YamlMapping | list[Any] = YamlMapping() if mapping else []
        if isinstance(value, YamlMapping):
            value.line, value.file = at.line, self._file
        self._stack.append(_Open(value, event.anchor, at))

    def _expect_value(self, at: Place) -> None:
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            raise YamlError("a key must be plain text; quote it if it holds brackets", at.line, at.column)

    def _alias(self, name: str, at: Place) -> None:
        if name not in self._anchors:
            raise YamlError("an alias (*) names an anchor (&) that is not complete before it", at.line, at.column)
        self._expect_value(at)
        value, size = self._anchors[name]
        self._add(value, at, size)

    def _scalar(self, event: Any, at: Place) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event.value, at)
            return
        value = self._plain(event, at)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, at, 1)

    def _key(self, top: _Open, key: str, at: Place) -> None:
        if key in top.value:
            first = top.places[key][0].line
            name = redact(clean(key))[:60]
            raise YamlError(f"`{name}` stands here a second time, first in line {first}; keep one", at.line, at.column)
        if key == "<<":
            raise YamlError("merge keys (<<) are not taken; write the values out", at.line, at.column)
        top.key, top.key_at = key, at

    def _plain(self, event: Any, at: Place) -> Any:
        tag = event.tag or self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        if tag.removeprefix(_BARE) not in _TAGS:
            raise YamlError("a tag stands here, which is not understood; remove it", at.line, at.column)
        return _converted(tag.removeprefix(_BARE), event.value)

    def _add(self, value: Any, at: Place, size: int) -> None:
        if not self._stack:
            self._root, self._root_at = value, at
            return
        top = self._stack[-1]
        top.size += size
        if top.size > MOST_VALUES:
            raise YamlError(f"it holds more than {MOST_VALUES:,} values, with its aliases; make it smaller", at.line)
        if isinstance(top.value, dict):
            assert top.key is not None
            top.value[top.key] = value
            top.places[top.key] = (top.key_at, at)
            top.key = None
        else:
            top.places[len(top.value)] = (at, at)
            top.value.append(value)

    def _spread(self, found: Document) -> None:
        """Give every path its place."""
        waiting: list[tuple[Location, Any]] = [((), found.value)]
        while waiting:
            path, value = waiting.pop()
            for part, (key, at) in self._places.get(id(value), {}).items():
                found.keys[*path, part], found.values[*path, part] = key, at
                if isinstance(value[part], dict | list):
                    waiting.append(((*path, part), value[part]))


def _converted(tag: str, text: str) -> Any:
    """A scalar as a value; what is not a plain decimal number, such as 09:00 or .inf, stays text."""
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("yes", "true", "on")
    if tag == "int":
        return int(text) if _WHOLE.fullmatch(text) else text
    if tag == "float":
        try:
            return float(text)
        except ValueError:
            return text
    return text
