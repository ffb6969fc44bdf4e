"""Finds what a document left open: `<pod-name>`, `$VAR`, `{{ x }}`, `[Service Name]`, `api-xxx`, `your-app`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cockpit.runbook.markdown.placeholders.names import Named, Standing, joined, named
from cockpit.runbook.markdown.placeholders.vocabulary import BLANKS, LEVELS, SHELL_KNOWS, TAGS, TAGS_OR_NOT, TYPES
from cockpit.runbook.parameters import Parameter, ParameterType

__all__ = ["Found", "as_parameter", "find", "joined", "rewritten"]


@dataclass(frozen=True, slots=True)
class Found:
    """One placeholder.

    Attributes:
        start: where it begins in the text; `end` is behind its last character.
        text: the placeholder as it is written.
        name: the parameter that it stands for, spellings joined.
        title: the parameter for people.
        from_: where its value is read; None where a person is asked.
        default: of `${NAME:-default}`.
        choices: of `<yes|no>`.
    """

    start: int
    end: int
    text: str
    name: str
    title: str
    type: ParameterType
    from_: Standing | None
    secret: bool
    default: str | None = None
    choices: tuple[str, ...] = ()


_UNIT = r"(?:ms|s|sec|m|min|h|d|kb|mb|gb|k|x)"

_ANGLE = re.compile(
    r"(?:<|&lt;)(?P<in>[^\W\d_](?:[^<>\n&;=\"`$\\]{0,58}[^<>\s&;=\"`$\\])?|\d+[-_][\w-]{1,40})(?:>|&gt;)"
)
_VARIABLE = re.compile(
    r"(?<![\\$\w])\$(?:(?P<bare>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?P<op>:?[-=?+][^{}\n]*)?\})"
)
_DOUBLE = re.compile(r"\$?\{\{-?\s*(?P<in>[A-Za-z][\w .-]{0,60}?)\s*(?:\|[^{}\n]{0,80})?-?\}\}")
_SINGLE = re.compile(
    r"(?<![$%{@\\#\w(])\{(?P<in>[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*)\}(?!\})|(?<=/)\{(?P<path>\w+)\}"
)
_SQUARE = re.compile(r"(?<![\w\]\[!\\$)}^.])\[(?P<in>(?:[^\W_]|#)[^\[\]\n|\\]{0,120})\](?![(\[\w+*?{:])")
_XS = re.compile(r"(?<![A-Za-z0-9])(?:[xX]{3,}|[yY]{4})(?:[-_.](?:[xX]{2,}|[yY]{2,}|[zZ]{2,}))*(?![A-Za-z0-9])")
_STEM = re.compile(r"(?<![A-Za-z0-9])(?P<stem>[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*)(?P<joint>[-_.])$")
_YOUR = re.compile(
    r"(?<![\w.-])(?:(?i:your[-_][a-z0-9][\w-]*)|your(?:domain|company|org|app|site|host|server|cluster)\w*)"
    r"(?:\.[A-Za-z0-9][\w-]*)*"
)
_EXAMPLE = re.compile(r"\bexample\.(?:com|org|net)\b(?![\w-])|(?<=\w)\.example(?![\w.-])")
_HOST = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*\.?$")
_DATE = re.compile(
    r"(?<![A-Za-z])(?:YYYY[-/]?MM(?:[-/]?DD)?|DD[-/]MM[-/]YYYY|MM[-/]DD[-/]YYYY|HH:MM(?::SS)?)(?![A-Za-z])"
)
_CAPITALS = re.compile(
    r"(?<=[\s/=\"'])(?<!export )(?<!unset )(?<!printenv )(?<!-e )(?<!--env )"
    r"(?P<in>(?:POD|NAMESPACE|DEPLOYMENT|SERVICE|CONTAINER|NODE|CLUSTER|INSTANCE|APP)_(?:NAME|ID))(?=$|[\s/:\"'])"
    r"|(?<=-n )(?P<ns>NAMESPACE)(?=$|\s)"
)
_GO = re.compile(r"(?:end|else|range|if|with|define|template|printf|block|print|len|index)\b")
_SET = re.compile(
    r"(?:^|[\s;&|(])(?:(?:export|local|readonly|declare(?:\s+-\w+)*|set)\s+)*(?P<a>[A-Za-z_]\w*)\+?="
    r"|\b(?:for|select)\s+(?P<b>[A-Za-z_]\w*)\s+in\b|\bread\s+(?:-\w+\s+)*(?P<c>(?:[A-Za-z_]\w*[ \t]*)+)",
    re.M,
)
_ID_STEMS = re.compile(
    r"(?i)(?:i|vol|sg|ami|subnet|vpc|eni|snap|inc|incident|ticket|jira|sk|pk|pi|re|ch|cus|txn|t|id|v)\d*"
)


def find(text: str) -> tuple[Found, ...]:
    """The placeholders of a command, a statement or prose, in their order; none overlaps another.

    What a script sets itself is none, nor are HTML tags, comparisons, generics, globs, regular expressions, Markdown
    links and boxes, templates of Go, and what a shell or awk knows.
    """
    if len(text) > 200_000:
        return tuple(each for part in _pieces(text) for each in part)
    candidates = sorted(
        (each for finder in _FINDERS for each in finder(text)), key=lambda each: (each.start, -each.end)
    )
    found: list[Found] = []
    for each in candidates:
        if not found or each.start >= found[-1].end:
            found.append(each)
    return tuple(found)


def rewritten(word: str) -> str:
    """A word of argv or a text with each placeholder as a reference: `$name` where it is the whole, else `${name}`."""
    found = find(word)
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(word)):
        return f"${found[0].name}"
    for each in reversed(found):
        word = f"{word[: each.start]}${{{each.name}}}{word[each.end :]}"
    return word


def as_parameter(found: Found) -> Parameter:
    """The parameter that a placeholder asks for. A secret keeps no default, nor does a value that it would refuse."""
    declared = Parameter.model_validate(
        {
            "name": found.name,
            "title": found.title if found.title != found.name.replace("_", " ") else "",
            "type": found.type,
            "choices": found.choices,
            "secret": found.secret,
            "from": found.from_,
            "placeholder": found.text,
        }
    )
    if found.default is None or found.secret or declared.wrong(found.default):
        return declared
    return declared.model_copy(update={"default": found.default})


def _pieces(text: str) -> Iterator[Iterator[Found]]:
    """A text that is too long to be searched at once, line by line."""
    at = 0
    for line in text.splitlines(keepends=True):
        yield (_moved(each, at) for each in find(line[:200_000]))
        at += len(line)


def _moved(found: Found, by: int) -> Found:
    return Found(
        found.start + by, found.end + by, found.text, found.name, found.title, found.type, found.from_, found.secret,
        found.default, found.choices,
    )  # fmt: skip


def _found(
    text: str,
    match: re.Match[str],
    what: Named,
    *,
    start: int | None = None,
    default: str | None = None,
    choices: tuple[str, ...] = (),
) -> Found:
    first = match.start() if start is None else start
    return Found(
        first, match.end(), text[first : match.end()], what.name, what.title, what.type, what.from_, what.secret,
        default, choices,
    )  # fmt: skip


def _before(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 60) : match.start()]


def _angles(text: str) -> Iterator[Found]:
    for match in _ANGLE.finditer(text):
        inside = match["in"]
        if _is_markup(text, match) or re.fullmatch(rf"\d+{_UNIT}", inside):
            continue
        choices = tuple(part.strip() for part in inside.split("|")) if "|" in inside else ()
        if any(not part for part in choices):
            choices = ()
        yield _found(text, match, named(inside, _before(text, match)), choices=choices)


def _is_markup(text: str, match: re.Match[str]) -> bool:
    """Whether `<…>` is a tag, an address, a generic type, or two comparisons."""
    inside = match["in"]
    word = inside.split()[0].rstrip("/").lower()
    before = text[match.start() - 1 : match.start()] if match.start() else ""
    if re.match(r"(?:https?|mailto|ftp|ssh):", inside) or re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", inside):
        return True
    if word in TAGS or (word in TAGS_OR_NOT and f"</{word}>" in text[match.end() : match.end() + 2000].lower()):
        return True
    if inside.endswith("/") or (text[match.end() : match.end() + 1] == "(" and before.isalnum()):
        return True
    if before.isalnum() or before == "_":
        short = len(re.split(r"[^A-Za-z0-9]", text[max(0, match.start() - 40) : match.start()])[-1]) <= 2
        generic = (inside[:1].isupper() and inside.isalnum() and not inside.isupper()) or "," in inside
        return generic or inside.lower() in TYPES or not (short or re.search(r"[-_ ]|name|id", inside))
    return bool(re.search(r"(?:^|\s)(?:and|or|but)\s", inside)) or before == "<"


def _variables(text: str) -> Iterator[Found]:
    own = {name for match in _SET.finditer(text) for name in " ".join(filter(None, match.groups())).split()}
    for match in _VARIABLE.finditer(text):
        name, op = match["bare"] or match["braced"], match["op"] or ""
        if name in SHELL_KNOWS or name in own or name.startswith("__") or name == "_":
            continue
        inner = text[max(0, match.start() - 80) : match.start()]
        if _in_program(text, match.start()) or op.lstrip(":").startswith("+") or inner.rfind("{{") > inner.rfind("}}"):
            continue
        default = op.lstrip(":")[1:] if op.lstrip(":")[:1] in ("-", "=") and op else None
        yield _found(text, match, named(name, _before(text, match)), default=default)


def _in_program(text: str, at: int) -> bool:
    """Whether the place lies in single quotes of a program for awk, sed, perl, jq or grep, where `$` is its own."""
    head = text[max(text.rfind("\n\n", 0, at) + 1, at - 4000) : at]
    if head.count("'") % 2 == 0:
        return False
    opened = head.rfind("'")
    return bool(re.search(r"\b(?:g?awk|sed|perl|jq|e?grep|ruby)\b[^|;]*$", head[:opened]))


def _doubles(text: str) -> Iterator[Found]:
    for match in _DOUBLE.finditer(text):
        if not _GO.match(match["in"]):
            yield _found(text, match, named(match["in"], _before(text, match)))


def _singles(text: str) -> Iterator[Found]:
    for match in _SINGLE.finditer(text):
        inside = match["in"] or match["path"]
        known = inside.lower() in ("print", "next", "exit", "done", "else", "end", "sum", "print_r")
        if len(inside) > 1 and not known and not inside.isdigit() and not _in_program(text, match.start()):
            yield _found(text, match, named(inside, _before(text, match)))


def _squares(text: str) -> Iterator[Found]:
    for match in _SQUARE.finditer(text):
        if _is_blank(match["in"]):
            yield _found(text, match, named(match["in"].removeprefix("#"), _before(text, match)))


def _is_blank(inside: str) -> bool:
    """Whether words in square brackets are a blank to fill in: not a box, a class of characters, a log level."""
    word = inside.rstrip(":").lower()
    if inside != inside.strip() or word in LEVELS or not re.search(r"[^\W\d_]{2}|X$", inside):
        return False
    if re.fullmatch(r"(?i)(?:sev|p|s|severity|priority)[- ]?\d", inside) or re.search(r"[\"$<>=^]", inside):
        return False
    if re.fullmatch(r"(?:[A-Za-z0-9]-[A-Za-z0-9])+[\w.]*", inside) or (inside[0].isdigit() and " " not in inside):
        return False
    if inside.islower() and inside.isalpha():
        return inside in BLANKS or named(inside).from_ is not None
    return True


def _xs(text: str) -> Iterator[Found]:
    for match in _XS.finditer(text):
        stem = _STEM.search(text, max(0, match.start() - 80), match.start())
        if stem is None:
            yield _found(text, match, named("value", _before(text, match)))
            continue
        pod = stem["joint"] == "-" and match[0].islower() and re.fullmatch(r"[a-z0-9-]+", stem["stem"])
        is_pod = bool(pod) and not _ID_STEMS.fullmatch(stem["stem"].split("-")[0])
        yield _found(text, match, named("pod" if is_pod else stem["stem"]), start=stem.start())


def _examples(text: str) -> Iterator[Found]:
    """Hosts that RFC 2606 keeps for examples."""
    for match in _EXAMPLE.finditer(text):
        host = _HOST.search(text, max(0, match.start() - 80), match.start())
        yield _found(text, match, named("host"), start=host.start() if host else None)


def _dates(text: str) -> Iterator[Found]:
    for match in _DATE.finditer(text):
        yield _found(text, match, named(match[0]))


def _capitals(text: str) -> Iterator[Found]:
    for match in _CAPITALS.finditer(text):
        yield _found(text, match, named(match[0], _before(text, match)))


def _yours(text: str) -> Iterator[Found]:
    for match in _YOUR.finditer(text):
        first, dot, _ = match[0].partition(".")
        bare = re.sub(r"(?i)^your[-_]?", "", first) or first
        yield _found(text, match, named("host" if dot and bare.lower() in ("domain", "company") else bare))


_FINDERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    _angles, _variables, _doubles, _singles, _squares, _xs, _yours, _examples, _dates, _capitals,
)  # fmt: skip
