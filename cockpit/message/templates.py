"""Message templates: Markdown-like files with a head of YAML, found by name, rendered from the record."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, get_args

from msgspec import Struct

from cockpit.message.context import NAMES
from cockpit.message.head import Head, Moment, TemplateError, split
from cockpit.text import safe
from cockpit.values import replace

if TYPE_CHECKING:
    from cockpit.message.sandbox import Program

_BY_NAME: Mapping[str, tuple[Moment, ...]] = {
    "initial": ("declaration", "investigating"), "declaration": ("declaration",), "update": ("investigating", "update"),
    "resolution": ("resolution",),
}  # fmt: skip
"""When a template fits whose head does not say, by the end of its name."""


NONE: Mapping[str, str] = MappingProxyType({})


@lru_cache(maxsize=1024)
def _compiled(source: str) -> Program:
    """Compiled when it is first needed: all shipped ones together would be a tenth of a second of every command."""
    from cockpit.message.sandbox import compiled  # with jinja, which the first picture does not need

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


def load(folders: Sequence[Path], shipped: Path | None = None) -> Templates:
    """Read every `*.md` of a team's own `folders`, then of `shipped`; of two with the same name the first stands.

    One that is broken keeps nobody from the rest; a shipped one of its name does not take its place, since a team wants
    other words than those. Blocking file reading: call it before the loop runs, or in a thread. The shipped ones are
    not checked: the tests have done so.

    Raises:
        TemplateError: a folder is not there.
    """
    found: dict[str, Template] = {}
    broken: dict[str, str] = {}
    for folder in folders:
        for name, made in _own(folder).items():
            if name not in found and name not in broken:
                found.update({name: made} if isinstance(made, Template) else {})
                broken.update({name: made} if isinstance(made, str) else {})
    for path in _files(shipped) if shipped is not None else ():
        template = read(path, check=False)
        if template.name not in broken:
            found.setdefault(template.name, replace(template, own=False))
    return Templates(found, broken)


def _own(folder: Path) -> dict[str, Template | str]:
    """What is in one folder of a team, by name: a template, or why it is none. Two of the same name are none."""
    found: dict[str, Template | str] = {}
    named: dict[str, Path] = {}
    for path in _files(folder):
        name, made = path.stem, _read_or_why(path)
        with suppress(TemplateError):  # without a head it goes by its file's name
            name = split(path)[0].keys.name
        if name in found:
            made = f"{path}:1: the name '{name}' is taken by {named[name]}; rename one"
        found[name], named[name] = made, path
    return found


def _read_or_why(path: Path) -> Template | str:
    try:
        return read(path)
    except TemplateError as error:
        return str(error)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise TemplateError(f"{folder}: there is no such folder of templates; create it or take it out of `templates:`")
    return sorted(folder.glob("*.md"))


def read(path: Path, *, check: bool = True) -> Template:
    """Read one template and check all of it: its head, its syntax, and that it uses only what it will be given.

    Args:
        check: False leaves out its syntax and the names in it.

    Raises:
        TemplateError: `FILE:LINE: …`.
    """
    head, body, before = split(path)
    keys = head.keys
    for taken in keys.fields.keys() & NAMES:
        raise TemplateError(f"{path}:1: the field '{taken}' has a name that the record fills; rename it")
    texts = {"title": keys.title, "status": keys.status}
    parts = {name: Part(source, head.lines.get(name, 1) - 1) for name, source in texts.items()}
    parts["text"] = Part(body, before)
    fields = tuple(
        Field(
            name,
            each.required,
            each.hint,
            Part(each.default, head.lines[f"fields.{name}"] - 1) if each.default else None,
        )
        for name, each in keys.fields.items()
    )
    audiences = tuple([keys.audience] if isinstance(keys.audience, str) else keys.audience)
    template = Template(
        keys.name, audiences[0], keys.source, fields, path, parts, audiences, _moments(head), keys.policy
    )
    if check:
        _check(template)
    return template


def _check(template: Template) -> None:
    """Compile all of it; what it names must be a field or come from the record."""
    names = NAMES | {blank.name for blank in template.fields}
    for part in template.parts.values():
        _check_part(template.path, part, names)
    for blank in template.fields:
        if blank.default is not None:
            _check_part(template.path, blank.default, NAMES)


def _moments(head: Head) -> tuple[Moment, ...]:
    if head.keys.moments is not None:
        return tuple(head.keys.moments)
    return _BY_NAME.get(head.keys.name.rpartition("-")[2], get_args(Moment))


def _check_part(path: Path, part: Part, known: frozenset[str]) -> None:
    from jinja2 import TemplateSyntaxError

    try:
        program = part.program
    except TemplateSyntaxError as error:
        line, said = part.before + error.lineno, safe(str(error.message))
        raise TemplateError(f"{path}:{line}: {said}; see jinja's syntax") from None
    for name, line in program.names:
        if name not in known:
            raise TemplateError(
                f"{path}:{part.before + line}: '{safe(name)}' is neither a field of this template nor "
                f"one of an incident's; declare it under `fields:` or use one of {', '.join(sorted(NAMES))}"
            )


def render(template: Template, context: Mapping[str, str], fields: Mapping[str, str]) -> Rendered:
    """Fill the template in.

    Args:
        context: what the record knows, from `context()`.
        fields: what a person gave, by field name; cleaned and redacted here, since it goes out and into the record.
            A field that is not among them has its default, one that is given empty is empty.

    Raises:
        TemplateError: a required field is empty, a field is none of the template's, or the template itself fails.
    """
    values = {**context, **_given(template, context, fields)}
    drill = "DRILL: " if context.get("drill") else ""
    title, status, text = (_fill(template, template.parts[name], values) for name in ("title", "status", "text"))
    return Rendered(drill + safe(title), safe(status), safe(text, keep_newlines=True))


def default(template: Template, blank: Field, context: Mapping[str, str]) -> str:
    """What the record itself would put into `blank`; empty where it knows nothing of it.

    Raises:
        TemplateError: the default fails.
    """
    if blank.default is None:
        return ""
    return safe(_fill(template, blank.default, context), keep_newlines=True).strip()


def _given(template: Template, context: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Every field of the template with its value, empty when it is optional and was not given."""
    asked = [blank.name for blank in template.fields]
    for name in fields:
        if name not in asked:
            raise TemplateError(
                f"'{safe(name)[:60]}' is no field of {template.name}; it has {', '.join(asked) or 'none'}"
            )
    given = {}
    for blank in template.fields:
        said = fields.get(blank.name)
        given[blank.name] = default(template, blank, context) if said is None else _said(said)
        if blank.required and not given[blank.name]:
            raise TemplateError(f"{template.name} needs '{blank.name}': {blank.hint or 'fill it in'}")
    return given


def _said(text: str) -> str:
    return safe(text, keep_newlines=True).strip()


def _fill(template: Template, part: Part, values: Mapping[str, str]) -> str:
    """Render one part, in the sandbox."""
    from jinja2 import TemplateError as JinjaError

    from cockpit.message.sandbox import TooLongError

    try:
        return part.program.fill(values).strip()
    except (JinjaError, ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
        # What an expression in a user's own file can raise.
        mend = ", or mend the template" if isinstance(error, TooLongError) else "; mend the template"
        line = part.before + _line(error)
        raise TemplateError(f"{template.path}:{line}: {safe(str(error))}{mend}") from None


def _line(error: BaseException) -> int:
    """The template's line in which rendering failed, as jinja writes it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)
