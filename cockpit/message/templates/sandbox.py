"""The sandbox of templates: what one may use, and a budget that ends every rendering soon and keeps it small.

Templates are a team's own files, and the one who wrote a loop over a loop is not there at night. So a template has no
calls, no macros, no includes and no lookups into values; what is left is counted: each turn of a loop by what stands in
it, each filter, each comparison and each `~` by the length of its text. Nothing that is let in can take longer than the
budget, so rendering may be done on the loop of the screens.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from jinja2 import StrictUndefined, Template, TemplateRuntimeError, TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from msgspec import Struct

LONGEST = 64 * 1024
"""Characters that a rendered text, or any text on the way to it, may have."""
WORK = 20_000
"""What one rendering may cost: about 50 ms at most."""
MOST_NODES = 8_000
"""Parts of the grammar in one template."""

_BUDGET = "_budget"
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.Test, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.For,
    nodes.Assign, nodes.Tuple, nodes.List, nodes.Getattr,
)  # fmt: skip
_OF_LOOP = ("index", "index0", "first", "last", "length")


@dataclass(slots=True)
class _Budget:
    left: int = field(default=WORK)

    def spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise TemplateRuntimeError("it would not end soon: too many turns of a loop, or too much text in one")


class TooLongError(TemplateRuntimeError):
    """A text became longer than LONGEST: what was said is too long, or the template makes too much of it."""

    def __init__(self) -> None:
        super().__init__(f"it becomes longer than {LONGEST:,} characters; shorten what is said")


def _bounded(text: str) -> str:
    if len(text) > LONGEST:
        raise TooLongError
    return text


def _spend(context: Context, value: object) -> None:
    context[_BUDGET].spend(1 + (len(value) // 64 if isinstance(value, str | list) else 0))


def sentence(text: str) -> str:
    """`text` with a full stop where it has no end of its own."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


def _title(text: str) -> str:
    """Each word with a capital, as a heading has it."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _lines(text: str) -> list[str]:
    """The lines of a text that are not empty, without dashes before them."""
    return [line.strip().removeprefix("- ").strip() for line in text.splitlines() if line.strip(" -")]


def _join(values: Iterable[object], between: str = "") -> str:
    parts = [str(value) for value in values]
    if sum(map(len, parts)) + len(between) * len(parts) > LONGEST:
        raise TooLongError
    return between.join(parts)


def _text(work: Callable[[str], object]) -> Callable[..., object]:
    """A filter on a text, without arguments."""

    @pass_context  # it also keeps the compiler from calling it
    def filtered(context: Context, value: object) -> object:
        text = str(value)
        _spend(context, text)
        done = work(text)
        return _bounded(done) if isinstance(done, str) else done

    return filtered


@pass_context
def _default(context: Context, value: object, otherwise: object = "") -> object:
    """`value`, or `otherwise` where it is empty: what the record does not know is an empty text."""
    _spend(context, "")
    return value or otherwise


@pass_context
def _joined(context: Context, value: Iterable[object], between: object = "") -> str:
    values = list(value)
    text = _join(values, str(between))
    _spend(context, text)
    return text


@pass_context
def _beside(context: Context, *values: object) -> str:
    """What `a ~ b` gives."""
    return str(_joined(context, values))


@pass_context
def _weighed(context: Context, value: object) -> object:
    """A value that is compared, or searched."""
    _spend(context, value)
    return value


@pass_context
def _turns(context: Context, values: Iterable[object], weight: int) -> Iterator[object]:
    """The values of a loop, each of them paid for."""
    budget: _Budget = context[_BUDGET]
    for value in values:
        budget.spend(weight)
        yield value


@pass_context
def _ends(context: Context, values: Iterable[object], at: int) -> object:
    found = list(values)
    _spend(context, found)
    return found[at] if found else ""


@pass_context
def _first(context: Context, values: Iterable[object]) -> object:
    return _ends(context, values, 0)


@pass_context
def _last(context: Context, values: Iterable[object]) -> object:
    return _ends(context, values, -1)


@pass_context
def _length(context: Context, value: str | list[object]) -> int:
    _spend(context, "")
    return len(value)


_FILTERS: Mapping[str, Callable[..., object]] = {
    "sentence": _text(sentence), "lines": _text(_lines), "upper": _text(str.upper), "lower": _text(str.lower),
    "capitalize": _text(lambda text: text[:1].upper() + text[1:]), "title": _text(_title), "trim": _text(str.strip),
    "default": _default, "join": _joined, "first": _first, "last": _last, "length": _length,
}  # fmt: skip
_INNER: Mapping[str, Callable[..., object]] = {"_turns": _turns, "_beside": _beside, "_weighed": _weighed}
"""What only the compiler puts in."""
FILTERS = tuple(sorted(_FILTERS))
"""What a template may do with a value."""


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False, optimized=False
    )
    made.globals.clear()
    made.filters.clear()
    made.filters.update({**_FILTERS, **_INNER})
    kept = {name: made.tests[name] for name in ("defined", "undefined")}
    made.tests.clear()
    made.tests.update(kept)
    return made


_ENVIRONMENT = _environment()


class Program(Struct, frozen=True):
    """A part of a template, compiled. `names` are those that it uses and does not set itself, each with its line."""

    compiled: Template
    names: tuple[tuple[str, int], ...]

    def fill(self, values: Mapping[str, object]) -> str:
        """The text; raises what an expression can raise, of jinja's and of Python's own (see templates.py)."""
        parts: list[str] = []
        size = 0
        saying = cast(Generator[str, None, None], self.compiled.generate({**values, _BUDGET: _Budget()}))
        for part in saying:
            size += len(part)
            if size > LONGEST:  # raised where the template stands, so that the error has its line
                saying.throw(TooLongError())
            parts.append(part)
        return "".join(parts)


def compiled(source: str) -> Program:
    """Compile a template's text.

    Raises:
        TemplateSyntaxError: with the line in the text: it is no template, or uses what a message may not.
    """
    try:
        tree = _ENVIRONMENT.parse(source)
        _check(tree)
        names = _names(tree)
        return Program(_ENVIRONMENT.from_string(_Counting().visit(tree)), names)
    except (RecursionError, MemoryError, SyntaxError):  # how deep Python's own compiler goes
        raise TemplateSyntaxError("it is nested too deep", 1) from None


def _check(tree: nodes.Template) -> None:
    every = list(tree.find_all(nodes.Node))
    if len(every) > MOST_NODES:
        raise TemplateSyntaxError("it has too many parts for a message", 1)
    for node in every:
        if trouble := _forbidden(node):
            raise TemplateSyntaxError(trouble, node.lineno)


def _forbidden(node: nodes.Node) -> str:
    """Why a template may not have this; empty when it may."""
    if not isinstance(node, _ALLOWED):
        return f"'{type(node).__name__.lower()}' is nothing that a message may use"
    if isinstance(node, nodes.Name) and node.name.startswith("_"):
        return f"'{node.name}' begins with _, which no name here does"
    if isinstance(node, nodes.Getattr) and not _is_of_loop(node):
        return f"'.{node.attr}' looks into a value, which a message may not"
    if isinstance(node, nodes.For) and (node.recursive or not isinstance(node.target, nodes.Name)):
        return "a loop has one name and does not call itself"
    if isinstance(node, nodes.Assign) and not isinstance(node.target, nodes.Name):
        return "a `set` has one name"
    if isinstance(node, nodes.Tuple | nodes.List) and not all(isinstance(each, nodes.Const) for each in node.items):
        return "a list holds texts only"
    if isinstance(node, nodes.Filter) and (node.node is None or node.name not in _FILTERS):
        return f"there is no filter '{node.name}'; there are {', '.join(FILTERS)}"
    if isinstance(node, nodes.Filter | nodes.Test) and (node.kwargs or node.dyn_args or node.dyn_kwargs):
        return f"'{node.name}' takes its arguments in their order"
    return ""


def _is_of_loop(node: nodes.Getattr) -> bool:
    return isinstance(node.node, nodes.Name) and node.node.name == "loop" and node.attr in _OF_LOOP


def _names(tree: nodes.Template) -> tuple[tuple[str, int], ...]:
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}
    if next(iter(tree.find_all(nodes.For)), None) is not None:
        own.add("loop")
    return tuple((name.name, name.lineno) for name in tree.find_all(nodes.Name) if name.name not in own)


class _Counting(NodeTransformer):
    """Has every turn of a loop, every comparison and every `~` paid for."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - jinja's way to name a visitor
        weight = 1 + sum(1 for _ in node.find_all(nodes.Node))
        self.generic_visit(node)
        node.iter = _filter("_turns", node.iter, [nodes.Const(weight)])
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Compare:  # noqa: N802 - jinja's way to name a visitor
        self.generic_visit(node)
        node.expr = _filter("_weighed", node.expr, [])
        for operand in node.ops:
            operand.expr = _filter("_weighed", operand.expr, [])
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802 - jinja's way to name a visitor
        self.generic_visit(node)
        return _filter("_beside", node.nodes[0], list(node.nodes[1:]))


def _filter(name: str, on: nodes.Node, args: list[nodes.Expr]) -> nodes.Filter:
    made = nodes.Filter(cast(nodes.Expr, on), name, args, [], None, None)
    made.set_lineno(on.lineno)
    made.set_environment(_ENVIRONMENT)
    return made
