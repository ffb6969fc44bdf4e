"""One command of a document as an action with its parameters; or why it stays for a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cockpit.runbook.actions import Action, Command, Sql
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import fill, needs
from cockpit.runbook.kubectl import typed_pipeline, yielding
from cockpit.runbook.markdown.commands.curl import http_of
from cockpit.runbook.markdown.commands.sqltext import bound
from cockpit.runbook.markdown.commands.statements import is_whole
from cockpit.runbook.markdown.commands.terminal import one_shot
from cockpit.runbook.markdown.placeholders.marks import Marked, as_script, marked
from cockpit.runbook.markdown.placeholders.placeholders import Found, as_parameter
from cockpit.runbook.parameters import STANDING, Parameter, Values
from cockpit.runbook.risk import interactive_as

_PSQL_QUIET = re.compile(r"-[XqAtxw]+|--(?:no-psqlrc|quiet|tuples-only|no-align|expanded|no-password)")
_ELLIPSIS = re.compile(r"(?:^|[\s=\"'/]|(?<=[A-Za-z0-9]))(?<!\./)(?:\.\.\.|…)(?=[\s\"']|$)")
_CUT = re.compile(r"://[^\s\"']*(?:\.\.\.|…)|\b(?:Bearer|Basic)\s+(?:\.\.\.|…)")
_ARGUMENT = re.compile(r"\$[1-9@*]|\$\{[1-9]\}")
_NESTED = re.compile(
    r"\b(?:(?:ba|z|da|a)?sh\s+-[a-z]*c|ssh|eval|psql|mysql|mariadb|mongosh?|sqlite3|redis-cli|python3?\s+-c|node\s+-e"
    r"|perl|ruby\s+-e|awk|sed|xargs|clickhouse-client|cqlsh|bq|su\s)\b"
)
_LONGEST = 20_000
_TOO_LONG = "it is longer than a statement of a step may be (4,000 characters)"
SAFE = r"[A-Za-z0-9_.:/@%+=,~-]+"
"""Values that no program reads as anything but a word: for places where another interpreter reads them again."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a command became.

    Attributes:
        action: None where a person must do it; then `why` says why.
        parameters: what it must be told, by name.
    """

    action: Action | None
    parameters: tuple[Parameter, ...] = ()
    why: str = ""


def made(text: str, prelude: Sequence[str] = (), elsewhere: Collection[str] = ()) -> Made:
    """The action that a shell's command is: a statement, a request, a typed Kubernetes action, a program, or a script.

    Whatever has a placeholder that cannot be filled stays for a person.

    Args:
        prelude: commands that it stands on; with them it is one script.
        elsewhere: namespaces that the document uses for something other than the service.
    """
    if len(text) > _LONGEST:
        return Made(None, (), f"it is longer than a command may be ({_LONGEST:,} characters)")
    command = marked("\n".join([*prelude, one_shot(text)]))
    if why := _cannot(command):
        return Made(None, (), why)
    parameters = _declared(command.placeholders, nested=bool(_NESTED.search(text)))
    why = "no values can be put where its placeholders stand"
    for action, declared in _candidates(command, bool(prelude), parameters, elsewhere):
        missing = [name for name in needs(action, declared) if name not in STANDING]
        if set(missing) <= {each.name for each in declared} and not (refused := _refused(action, declared)):
            return Made(action, _used(action, declared))
        why = refused or why
    return Made(None, (), why)


def made_sql(text: str) -> Made:
    """The action that a statement is, its placeholders bound."""
    if len(text) > 4000:
        return Made(None, (), _TOO_LONG)
    statement = bound(text)
    if statement.why:
        return Made(None, (), statement.why)
    if _ELLIPSIS.search(text):
        return Made(None, (), "`...` stands for something that the document does not say")
    declared = _declared(statement.placeholders, nested=False)
    return _sql(statement.statement, declared)


def _sql(statement: str, declared: tuple[Parameter, ...]) -> Made:
    action = Sql(kind="sql", statement=statement) if len(statement) <= 4000 else None
    if action is None:
        return Made(None, (), _TOO_LONG)
    names = {each.name for each in declared}
    unsaid = [name for name in needs(action, declared) if name not in names and name not in STANDING]
    return Made(action, (*declared, *(Parameter(name=name, placeholder=f":{name}") for name in unsaid)))


def _cannot(command: Marked) -> str:
    if not command.text.strip():
        return "there is no command"
    if not command.scan.whole:
        return "a quote, a bracket or a here-document is never closed"
    if not is_whole(command.text):
        return "it is a part of an `if`, a loop or a block that is not closed here"
    if command.text.rstrip().endswith("\\"):
        return "it goes on with another line that does not follow"
    if _ELLIPSIS.search(command.scan.plain(command.text)) or _CUT.search(command.text):
        return "`...` stands for something that the document does not say"
    outside = "".join(
        char
        for char, context in zip(command.text, command.scan.contexts, strict=True)
        if context in ("plain", "double")
    )
    if _ARGUMENT.search(outside) and "()" not in outside and "function " not in outside and "set --" not in outside:
        return "it wants arguments (`$1`) that the document does not say"
    return ""


def _declared(found: Sequence[Found], *, nested: bool) -> tuple[Parameter, ...]:
    """The parameters of some placeholders, each name once; `nested` where a second interpreter reads the values."""
    declared: dict[str, Parameter] = {}
    for each in found:
        parameter = as_parameter(each)
        if nested and parameter.type == "text" and not parameter.choices and not _is_address(parameter):
            default = parameter.default if parameter.default and re.fullmatch(SAFE, parameter.default) else None
            parameter = parameter.model_copy(update={"pattern": SAFE, "default": default})
        declared.setdefault(parameter.name, parameter)
    return tuple(declared.values())


def _is_address(parameter: Parameter) -> bool:
    """Whether it is a connection string, which stands alone and has `?` and `&`."""
    return bool(re.search(r"(?:^|_)(?:ur[li]|dsn)$|connection_string", parameter.name))


def _candidates(
    command: Marked, scripted: bool, declared: tuple[Parameter, ...], elsewhere: Collection[str]
) -> Iterator[tuple[Action, tuple[Parameter, ...]]]:
    """The actions that it could be, the most telling first."""
    words = None if scripted else command.words()
    piped = None if scripted else command.pipeline()
    if piped and (typed := typed_pipeline([[command.referring(word) for word in each] for each in piped], elsewhere)):
        yield typed, declared
    if words is not None:
        if (statement := _statement(words, command)) and (read := made_sql(statement)).action:
            yield read.action, read.parameters
        argv = tuple(command.referring(word) for word in words)
        if request := http_of(argv):
            yield request, declared
        if argv[0] == "kubectl":
            argv = yielding(argv, elsewhere)
        yield Command(kind="command", argv=argv, tty=interactive_as(argv) == "terminal"), declared
    if script := as_script(command):
        asks = bool(re.search(r"\bread\s+-p\b", command.text))
        yield Command(kind="command", shell=script, tty=asks or interactive_as(script) == "terminal"), declared


def _statement(words: Sequence[str], command: Marked) -> str:
    """The statement of `psql "$URL" -c "…"`, whose server is the service's own; empty for any other command."""
    if words[0] != "psql":
        return ""
    statement, where, rest = "", "", list(words[1:])
    while rest:
        word = rest.pop(0)
        if word in ("-c", "--command") and rest and not statement:
            statement = rest.pop(0)
        elif word.startswith("--command=") and not statement:
            statement = word.removeprefix("--command=")
        elif not word.startswith("-") and not where:
            where = word
        elif not _PSQL_QUIET.fullmatch(word):
            return ""
    address = not where or where in command.found or re.match(r"postgres(?:ql)?://", where)
    statement = command.restored(statement).strip()
    return statement if address and not statement.startswith("\\") else ""


def _used(action: Action, declared: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The parameters that the action mentions."""
    wanted = needs(action, declared)
    return tuple(each for each in declared if each.name in wanted)


def _refused(action: Action, declared: tuple[Parameter, ...]) -> str:
    """Why it could not run even with all values; empty where it can."""
    secret = frozenset(each.name for each in declared if each.secret)
    samples = dict.fromkeys(STANDING, "sample") | {each.name: _sample(each) for each in declared}
    try:
        fill(action, Values(samples, secret), declared)
    except RunbookError as error:
        return str(error)
    return ""


def _sample(parameter: Parameter) -> str:
    if parameter.choices:
        return parameter.choices[0]
    return {"integer": "1", "number": "1", "duration": "5m", "boolean": "true"}.get(parameter.type, "sample")
