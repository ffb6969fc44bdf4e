"""Message templates: Markdown-like files with a head of YAML, found by name, rendered from the record."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cockpit.message.context import NAMES
from cockpit.message.head import TemplateError, split
from cockpit.text import safe


@dataclass(frozen=True, slots=True)
class Field:
    """What a form must ask before the template can be rendered."""

    name: str
    required: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as its readers will have it; `title` and `status` are one line each."""

    title: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """What is filled in: the source, and how many lines of the file stand before it."""

    source: str
    before: int


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `source` names the document and lines that its wording comes from."""

    name: str
    audience: str
    source: str
    fields: tuple[Field, ...]
    path: Path
    parts: Mapping[str, Part]
    """title, status and text."""


class Templates:
    """The templates that there are.

    Args:
        found: by name.
    """

    def __init__(self, found: Mapping[str, Template]) -> None:
        self._found = dict(found)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._found)

    def get(self, name: str) -> Template:
        """The template of that name; raises TemplateError naming those that there are."""
        if name not in self._found:
            raise TemplateError(
                f"there is no template '{safe(name)[:60]}'; there are {', '.join(self.names()) or 'none'}"
            )
        return self._found[name]


def load(folders: Sequence[Path]) -> Templates:
    """Read every `*.md` of `folders`; of two with the same name the earlier folder's stands.

    Blocking file reading: call it before the loop runs, or in a thread.

    Raises:
        TemplateError: a folder or a file cannot be read or is no template; the message begins with `FILE:LINE:`.
    """
    found: dict[str, Template] = {}
    for folder in folders:
        for template in _folder(folder):
            found.setdefault(template.name, template)
    return Templates(found)


def _folder(folder: Path) -> Iterator[Template]:
    """The templates of one folder; two of the same name in it are an error."""
    if not folder.is_dir():
        raise TemplateError(f"{folder}: there is no such folder of templates; create it or take it out of `templates:`")
    seen: dict[str, Path] = {}
    for path in sorted(folder.glob("*.md")):
        template = read(path)
        if template.name in seen:
            other = seen[template.name]
            raise TemplateError(f"{path}:1: the name '{template.name}' is taken by {other}; rename one")
        seen[template.name] = path
        yield template


def read(path: Path) -> Template:
    """Read one template and check all of it: its head, its syntax, and that it uses only what it will be given.

    Raises:
        TemplateError: `FILE:LINE: …`.
    """
    head, body, before = split(path)
    keys = head.keys
    texts = {"title": keys.title, "status": keys.status}
    parts = {name: Part(source, head.lines.get(name, 1) - 1) for name, source in texts.items()}
    parts["text"] = Part(body, before)
    fields = tuple(Field(name, field.required, field.hint) for name, field in keys.fields.items())
    _check(path, parts, {field.name for field in fields})
    return Template(keys.name, keys.audience, keys.source, fields, path, parts)


def _check(path: Path, parts: Mapping[str, Part], fields: set[str]) -> None:
    """Parse each part; what it names must be a field or come from the record."""
    for taken in fields & NAMES:
        raise TemplateError(f"{path}:1: the field '{taken}' has a name that the record fills; rename it")
    for part in parts.values():
        try:
            tree = _ENVIRONMENT.parse(part.source)
        except TemplateSyntaxError as error:
            raise TemplateError(f"{path}:{part.before + error.lineno}: {error.message}; see jinja's syntax") from None
        known = fields | NAMES | _assigned(tree)
        for name in tree.find_all(nodes.Name):
            if name.name not in known:
                raise TemplateError(
                    f"{path}:{part.before + name.lineno}: '{name.name}' is neither a field of this template nor "
                    f"one of an incident's; declare it under `fields:` or use one of {', '.join(sorted(NAMES))}"
                )


def _assigned(tree: nodes.Template) -> set[str]:
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}


def render(template: Template, context: Mapping[str, str], fields: Mapping[str, str]) -> Rendered:
    """Fill the template in.

    Args:
        context: what the record knows, from `context()`.
        fields: what a person gave, by field name; cleaned and redacted here, since it goes out and into the record.

    Raises:
        TemplateError: a required field is empty, a field is none of the template's, or the template itself fails.
    """
    values = {**context, **_given(template, fields)}
    drill = "DRILL: " if context.get("drill") else ""
    title, status, text = (_fill(template, name, values) for name in ("title", "status", "text"))
    return Rendered(drill + safe(title), safe(status), safe(text, keep_newlines=True))


def _given(template: Template, fields: Mapping[str, str]) -> dict[str, str]:
    """Every field of the template with its value, empty when it is optional and was not given."""
    asked = {field.name: field for field in template.fields}
    for name in fields:
        if name not in asked:
            raise TemplateError(
                f"'{safe(name)[:60]}' is no field of {template.name}; it has {', '.join(asked) or 'none'}"
            )
    given = {name: safe(fields.get(name, ""), keep_newlines=True).strip() for name in asked}
    for field in template.fields:
        if field.required and not given[field.name]:
            raise TemplateError(f"{template.name} needs '{field.name}': {field.hint or 'fill it in'}")
    return given


def _fill(template: Template, name: str, values: Mapping[str, str]) -> str:
    """Render one part, in the sandbox."""
    part = template.parts[name]
    try:
        return _ENVIRONMENT.from_string(part.source).render(values).strip()
    except (JinjaError, ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
        # What an expression in a user's own file can raise.
        line = part.before + _line(error)
        raise TemplateError(f"{template.path}:{line}: {safe(str(error))}; mend the template") from None


def _line(error: BaseException) -> int:
    """The template's line in which rendering failed, as jinja writes it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)


def _sentence(text: str) -> str:
    """`text` with a full stop where it has no end of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
_ENVIRONMENT.globals.clear()  # a message needs none of them, and `range` in a loop could keep the program busy
_ENVIRONMENT.filters["sentence"] = _sentence
