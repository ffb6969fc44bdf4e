"""A template filled in: with what the record knows, and what a person gave for its fields."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from cockpit.message.templates.head import TemplateError
from cockpit.message.templates.template import Field, Part, Rendered, Template
from cockpit.text import safe


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

    from cockpit.message.templates.sandbox import TooLongError

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
