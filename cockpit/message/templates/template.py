"""A template as it was read, what it asks, and the collection of all that there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.message.templates.head import Moment, TemplateError
from cockpit.text import safe

if TYPE_CHECKING:
    from cockpit.message.templates.sandbox import Program

NONE: Mapping[str, str] = MappingProxyType({})


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Program:
    """Compiled when it is first needed: all shipped ones together would be a tenth of a second of every command."""
    from cockpit.message.templates.sandbox import compiled  # with jinja, which the first picture does not need

    return compiled(source)


class Part(Struct, frozen=True):
    """What is filled in: the source, and how many lines of the file stand before it."""

    source: str
    before: int

    @property
    def program(self) -> Program:
        """The source, compiled; raises TemplateSyntaxError, but for one that `read` has checked."""
        return _compiled(self.source)


class Field(Struct, frozen=True):
    """What a form must ask before the template can be rendered.

    Attributes:
        default: what stands there where nothing is given; None where nothing does.
    """

    name: str
    required: bool
    hint: str
    default: Part | None = None


class Rendered(Struct, frozen=True):
    """A message as its readers will have it; `title` and `status` are one line each."""

    title: str
    status: str
    text: str


class Template(Struct, frozen=True):
    """One template.

    Attributes:
        audiences: whom it is for, `audience` first.
        source: the document and lines that its wording comes from.
        moments: when it fits; it is chosen by hand alone where there are none.
        policy: the policy whose document it is from; empty where it fits any.
        own: whether it is a team's own, which goes before those that are shipped.
    """

    name: str
    audience: str
    source: str
    fields: tuple[Field, ...]
    path: Path
    parts: Mapping[str, Part]
    """title, status and text."""
    audiences: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()
    policy: str = ""
    own: bool = True


class Templates:
    """The templates that there are.

    Args:
        found: by name.
        broken: why others cannot be used, by name.
    """

    def __init__(self, found: Mapping[str, Template], broken: Mapping[str, str] = NONE) -> None:
        self._found = dict(found)
        self.broken = dict(broken)
        """Why a team's own templates cannot be used, by their names: `FILE:LINE: …`."""

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._found)

    def get(self, name: str) -> Template:
        """The template of that name; raises TemplateError: why it cannot be used, or which there are."""
        if name in self.broken:
            raise TemplateError(self.broken[name])
        if name not in self._found:
            raise TemplateError(
                f"there is no template '{safe(name)[:60]}'; there are {', '.join(self.names()) or 'none'}"
            )
        return self._found[name]

    def prepare(self) -> None:
        """Compile all of them, so that the first message does not wait for it. For a thread."""
        for template in self._found.values():
            for part in (*template.parts.values(), *(blank.default for blank in template.fields)):
                if part is not None:
                    _ = part.program

    def of(self, audience: str) -> list[Template]:
        """Those for `audience`, by name, a team's own first."""
        return sorted(
            (each for each in self._found.values() if audience in each.audiences),
            key=lambda each: (not each.own, each.name),
        )
