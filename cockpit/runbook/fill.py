"""Fills an action's parameters with values. What stays without one cannot run, and no value is read as code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from cockpit.config import ServiceKubernetes
from cockpit.runbook.actions import Action, Command, Http, Sql
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.parameters import Parameter, Values

_WHOLE = re.compile(r"\$([a-z][a-z0-9_-]*)")
_INSIDE = re.compile(r"\$\{([a-z][a-z0-9_-]*)\}")
_BOUND = re.compile(r"(?<![:\w]):([a-z][a-z0-9_]*)")
_AS_IT_STANDS = {Command: ("shell",), Sql: ("statement",)}
"""Fields into which nothing is put: a script gets values by its environment, a statement has them bound."""

_MENDS = {
    "pod": "select a pod first, or give --pod",
    "deployment": "name the deployment in the service's configuration",
    "database": "name a `postgresql` in the service's configuration",
    "selector": "give the service a selector in the configuration",
    "namespace": "give the service a namespace in the configuration",
}


def values(
    service: ServiceKubernetes | None, pod: str | None = None, *, name: str = "", database: str | None = None
) -> dict[str, str]:
    """What the parameters that every step knows stand for; those that nothing is known for are absent."""
    known = {"pod": pod, "service": name, "database": database}
    if service is not None:
        place = {"namespace": service.namespace, "selector": service.selector, "deployment": service.deployment}
        known |= place
    return {name: value for name, value in known.items() if value}


def needs(action: Action, declared: Iterable[Parameter] = ()) -> list[str]:
    """The parameters without which `action` cannot run, by name, in the order of their first mention."""
    found = [name for text in _texts(action) for name in _names(text)]
    if isinstance(action, Sql):
        found += _BOUND.findall(_without_literals(action.statement))
    if isinstance(action, Command) and action.shell:
        found += [each.name for each in declared if re.search(rf"\$\{{?{variable(each.name)}\b", action.shell)]
    return list(dict.fromkeys(found))


def variable(name: str) -> str:
    """The environment variable in which a script finds a parameter."""
    return name.upper().replace("-", "_")


def fill(action: Action, known: Values | Mapping[str, str], declared: Iterable[Parameter] = ()) -> Action:
    """The action with its parameters filled.

    A whole `$name` becomes the value; `${name}` within a text is replaced where a value cannot be read as anything but
    itself: a word of argv, a percent-encoded part of a URL, a string of a JSON body.

    Raises:
        RunbookError: a parameter has no value or a value does not fit; the message names it and says what to do.
    """
    known = known if isinstance(known, Values) else Values(known)
    declared = tuple(declared)
    _must_be_known(action, known, declared)
    types = {each.name: each.type for each in declared}
    data = {name: getattr(action, name) for name in type(action).model_fields}
    skipped = _AS_IT_STANDS.get(type(action), ())
    filled = {name: value if name in skipped else _filled(value, known, types) for name, value in data.items()}
    if isinstance(action, Http):
        filled |= {"url": _url(action.url, known), "body": _body(action.body, known)}
    try:
        return type(action).model_validate(filled)
    except ValidationError as error:
        raise RunbookError(f"with these values the step is wrong: {error.errors()[0]['msg']}") from None


def _must_be_known(action: Action, known: Values, declared: tuple[Parameter, ...]) -> None:
    placeholders = {each.name: each.placeholder for each in declared}
    for name in needs(action, declared):
        if known.get(name) is None:
            written = f" ({placeholders[name]} in the document)" if placeholders.get(name) else ""
            unknown = "no parameter of that name is declared; correct the runbook"
            mend = _MENDS.get(name, f"give it one: --set {name}=VALUE" if name in placeholders else unknown)
            raise RunbookError(f"`${name}`{written} has no value, so this step cannot run; {mend}")
    _must_be_no_option(action, known, {each.name for each in declared if each.pattern or each.choices})
    for name in known.secret & set(_in_words(action)):
        raise RunbookError(
            f"`${name}` is secret, and a word of a command can be read by everybody on the machine; "
            "use a shell step, which finds it in its environment"
        )


def _must_be_no_option(action: Action, known: Values, bounded: set[str]) -> None:
    """A value that is a whole word of a command and begins with a dash would be read as an option of the program."""
    for word in getattr(action, "argv", None) or getattr(action, "command", None) or ():
        whole = _WHOLE.fullmatch(word)
        if whole and whole[1] not in bounded and (known.get(whole[1]) or "").startswith("-"):
            raise RunbookError(
                f"`${whole[1]}` begins with a dash, and the program would read it as an option; give another value, "
                "or a `pattern` in the runbook that allows it"
            )


def _in_words(action: Action) -> Iterator[str]:
    """The parameters that stand in what other programs of a machine can see."""
    words = getattr(action, "argv", None) or getattr(action, "command", None) or ()
    for word in words:
        yield from _names(word)


def _texts(action: Action) -> Iterator[str]:
    skipped = _AS_IT_STANDS.get(type(action), ())
    if isinstance(action, Http) and action.via == "direct":
        skipped = (*skipped, "namespace")  # it is sent from here: no cluster is asked
    for name in type(action).model_fields:
        if name not in skipped:
            yield from _strings(getattr(action, name))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))


def _names(text: str) -> list[str]:
    whole = _WHOLE.fullmatch(text)
    return [whole[1]] if whole else _INSIDE.findall(text)


def _filled(value: Any, known: Values, types: Mapping[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_filled(each, known, types) for each in value)
    if isinstance(value, dict):
        return {name: _filled(each, known, types) for name, each in value.items()}
    if not isinstance(value, str):
        return value
    if whole := _WHOLE.fullmatch(value):
        text = known.known.get(whole[1], value)
        return int(text) if types.get(whole[1]) == "integer" else text
    return _INSIDE.sub(lambda found: known.known.get(found[1], found[0]), value)


def _url(url: str, known: Values) -> str:
    """Only what stands first may be more than a part of the address: it is where the address comes from."""

    def put(found: re.Match[str]) -> str:
        text = known.known.get(found[1], found[0])
        return text if found.start() == 0 else quote(text, safe="")

    whole = _WHOLE.fullmatch(url)
    filled = known.known.get(whole[1], url) if whole else _INSIDE.sub(put, url)
    if not filled.lower().startswith(("http://", "https://")):
        raise RunbookError(f"`{filled[:80]}` is no address of http or https")
    return filled


def _body(body: str, known: Values) -> str:
    if not _INSIDE.search(body) and not _WHOLE.fullmatch(body):
        return body
    try:
        shape = json.loads(body)
    except ValueError:
        raise RunbookError("a body that is no JSON cannot take parameters: a value could become part of it") from None
    return json.dumps(_in_json(shape, known))


def _in_json(shape: Any, known: Values) -> Any:
    if isinstance(shape, dict):
        return {name: _in_json(each, known) for name, each in shape.items()}
    if isinstance(shape, list):
        return [_in_json(each, known) for each in shape]
    return _filled(shape, known, {}) if isinstance(shape, str) else shape


def _without_literals(statement: str) -> str:
    """The statement without what stands in quotes or behind `--`: a colon there is only a colon."""
    return re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", " ", statement, flags=re.S)
