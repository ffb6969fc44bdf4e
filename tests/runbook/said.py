"""Commands of the source documents and actions of the shipped runbooks in one form, in which they can be compared."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from cockpit.config import ServiceKubernetes
from cockpit.runbook.actions import (
    Action,
    Command,
    DeletePods,
    Describe,
    EditConfigMap,
    Events,
    Exec,
    Get,
    Http,
    Logs,
    PortForward,
    RolloutHistory,
    RolloutRestart,
    RolloutStatus,
    RolloutUndo,
    Scale,
    SetEnv,
    Sql,
    Top,
    Wait,
)
from cockpit.runbook.fill import fill, values
from cockpit.runbook.model import Runbook, Step

POD = "a-pod"
_PODS = ("<pod-name>", "order-service-xxx")
_RESOURCES = ("deployment", "svc")


class Said(NamedTuple):
    """What is done, by which tool, in words whose order does not matter for kubectl and does for everything else."""

    tool: str
    words: tuple[str, ...]


def of_document(lines: Sequence[str], number: int, begins: str) -> Said:
    """The command that begins with `begins` on a document's line."""
    text = _text(lines, number, begins)
    if begins.startswith(("SELECT", "#!")):
        return Said("sql", (_statement(text),)) if begins.startswith("SELECT") else Said("shell", (_squeezed(text),))
    words = shlex.split(text.replace("\\\n", " "), comments=True)
    match words:
        case ["kubectl", *_]:
            return _kubectl(words)
        case ["psql", _, "-c", statement]:
            return Said("sql", (_statement(statement),))
        case ["curl", *options]:
            return _curl(options)
        case ["sleep", seconds]:
            return Said("wait", (seconds,))
    return Said("shell", (_squeezed(text),)) if "|" in words else Said("argv", tuple(words))


def of_step(runbook: Runbook, step: Step) -> Said:
    """The action of a step, each of its parameters as the document writes it."""
    assert step.action
    declared = runbook.parameters_of(step)
    service = runbook.service or ""
    place = ServiceKubernetes(cluster="c", namespace="production", selector=f"app={service}", deployment=service)
    known = values(place, pod=POD, name=service, database="main")
    written = {each.name: each.default or each.placeholder for each in declared if not each.from_}
    action = fill(step.action, known | written, declared)
    match action:
        case Sql():
            return Said("sql", (_statement(action.statement),))
        case Wait():
            return Said("wait", (f"{float(action.duration):g}",))
        case Http():
            return _request(action.method, action.url, action.headers, action.body)
        case Command(shell=""):
            return _kubectl(list(action.argv)) if action.argv[0] == "kubectl" else Said("argv", action.argv)
        case Command():
            return Said("shell", (_squeezed(_with_values(action.shell, written)),))
    return _kubectl(["kubectl", *_line(action)])


def _text(lines: Sequence[str], number: int, begins: str) -> str:
    """All lines of the command: to the closing quote, the semicolon, or the end of the fence."""
    first = lines[number - 1]
    first = first[first.index(begins) :]
    if first != lines[number - 1].strip() and "`" in first:
        return first[: first.index("`")]
    found = [first]
    for line in lines[number:]:
        if not _goes_on("\n".join(found), begins) or line.strip().startswith("```"):
            break
        found.append(line)
    return "\n".join(found)


def _goes_on(text: str, begins: str) -> bool:
    if begins.startswith("#!"):
        return True
    if begins.startswith("SELECT"):
        return ";" not in text
    quotes = [mark for mark in re.findall(r"'[^']*'|\"[^\"]*\"|['\"]", text) if len(mark) == 1]
    return bool(quotes) or text.rstrip().endswith(("\\", "|"))


def _kubectl(words: list[str]) -> Said:
    """Without namespace and flags for a terminal; `deployment/x` as two words, `pod` as `pods`."""
    found: list[str] = []
    skip = False
    for word in words:
        if skip or word in ("-n", "-it"):
            skip = word == "-n"
            continue
        word = POD if word in _PODS else "pods" if word == "pod" else word
        kind, slash, name = word.partition("/")
        found += [kind, name] if slash and kind in _RESOURCES else [word.replace(r"\|", "|")]
    return Said("kubectl", tuple(sorted(found)))


def _line(action: Action) -> list[str]:
    """The words of kubectl that an action is."""
    match action:
        case Get():
            found = ["get", action.resource, action.name, *_chosen(action.selector)]
        case Logs():
            grep = ["|", "grep", *(["-i"] if action.ignore_case else []), action.matching] if action.matching else []
            found = ["logs", *_chosen(action.selector), f"--tail={action.tail}", *grep]
        case Describe():
            found = ["describe", action.resource, action.name]
        case Events():
            found = ["get", "events", "--sort-by=.lastTimestamp"]
        case Top():
            found = ["top", action.resource, *_chosen(action.selector)]
        case RolloutHistory() | RolloutStatus() | RolloutUndo() | RolloutRestart():
            found = ["rollout", action.verb.removeprefix("rollout-"), f"deployment/{action.deployment}"]
        case Scale():
            found = ["scale", f"deployment/{action.deployment}", f"--replicas={action.replicas}"]
        case SetEnv():
            env = [f"{name}={value}" for name, value in action.env.items()]
            found = ["set", "env", f"deployment/{action.deployment}", *env]
        case DeletePods():
            found = ["delete", "pods", *_chosen(action.selector)]
        case EditConfigMap():
            found = ["edit", "configmap", action.name]
        case Exec():
            where = f"deployment/{action.deployment}" if action.deployment else action.pod
            found = ["exec", where, "--", *action.command]
        case PortForward():
            found = ["port-forward", action.resource, f"{action.local}:{action.port}"]
        case _:
            found = [getattr(action, "verb", action.kind)]
    return [word for word in found if word]


def _chosen(selector: str) -> list[str]:
    return ["-l", selector] if selector else []


def _curl(options: list[str]) -> Said:
    method, url, headers, body = "", "", {}, ""
    rest = iter(options[: options.index("|")] if "|" in options else options)
    for word in rest:
        match word:
            case "-I":
                method = "HEAD"
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                body = next(rest)
            case _:
                url = url if word.startswith("-") else word
    return _request(method or "GET", url, headers, body)


def _request(method: str, url: str, headers: dict[str, str], body: str) -> Said:
    said = [f"{name}: {value}" for name, value in sorted(headers.items())]
    return Said("http", (method, url, *said, json.dumps(json.loads(body)) if body else ""))


def _statement(text: str) -> str:
    without = re.sub(r"--[^\n]*", "", text)
    return _squeezed(without).removesuffix(";").casefold()


def _squeezed(text: str) -> str:
    return " ".join(text.replace("\\\n", " ").split())


def _with_values(script: str, written: dict[str, str]) -> str:
    """The script as the document has it: what it finds in its environment stands in its place."""
    for name, value in written.items():
        variable = name.upper().replace("-", "_")
        if not value.startswith("$"):
            script = re.sub(rf'"\$\{{{variable}\}}"', lambda _, put=value: put, script)  # type: ignore[misc]
    return re.sub(r"\$\{(\w+)\}", r"$\1", script)
