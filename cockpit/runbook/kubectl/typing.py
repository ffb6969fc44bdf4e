"""A line of kubectl as the typed action that means the same; where a flag is not understood there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cockpit.runbook.actions import KubernetesAction
from cockpit.runbook.kubectl.line import Line, NotExactError, count, whole
from cockpit.runbook.kubectl.resources import plural
from cockpit.runbook.risk import judge_argv

_ADAPTER: TypeAdapter[KubernetesAction] = TypeAdapter(KubernetesAction)
_ALL_LINES, _LINES_OF_EACH = 100_000, 10
"""What kubectl prints without `--tail`: all of a pod, ten lines of each pod of a selector (`kubectl logs --help`)."""
_NEWEST_LAST = ("", ".lastTimestamp", "{.lastTimestamp}", ".metadata.creationTimestamp")
_PORTS = re.compile(r"(?:(\d{0,5}):)?(\d{1,5})")
_VARIABLE = re.compile(r"([A-Za-z_][\w.-]*)(?:=(.*)|(-))", re.S)
_INVOLVED = re.compile(r"involvedObject\.name=([^,=!]+)")

Fields = dict[str, Any]


def typed(argv: Sequence[str], elsewhere: Collection[str] = ()) -> KubernetesAction | None:
    """The action that means exactly what the line says; None where there is none, and kubectl itself must run it.

    The line's context is left out, as the incident's is the only one. Its namespace yields to the service's.

    Args:
        argv: words, the first of them kubectl, in which `$name` and `${name}` stand for parameters.
        elsewhere: namespaces that the document uses for something other than the service; they stay as written.
    """
    try:
        line = Line(argv, elsewhere)
        fields = _VERBS[line.verb](line)
        return _ADAPTER.validate_python({"kind": "kubernetes", "namespace": line.namespace, **fields})
    except (NotExactError, KeyError, IndexError, ValidationError):
        return None


def _get(line: Line) -> Fields:
    line.only("-l --selector --sort-by -o --output --field-selector", operands=(1, 2))
    resource, name = line.object()
    if line.value("-o", "--output") not in ("", "wide"):
        raise NotExactError
    selector, sort_by = line.value("-l", "--selector"), line.value("--sort-by")
    fields = line.value("--field-selector")
    if plural(resource) == "events" and not name and not selector and sort_by.strip("'") in _NEWEST_LAST:
        return {"verb": "events", "name": _involved(fields) if fields else ""}
    if fields or (name and (selector or sort_by)):
        raise NotExactError
    return {"verb": "get", "resource": resource, "name": name, "selector": selector, "sort_by": sort_by}


def _involved(fields: str) -> str:
    found = _INVOLVED.fullmatch(fields)
    if found is None:
        raise NotExactError
    return found[1]


def _events(line: Line) -> Fields:
    line.only("")
    return {"verb": "events"}


def _logs(line: Line) -> Fields:
    line.only("-l --selector --tail --since -c --container --max-log-requests", "-p --previous --prefix", (0, 1, 2))
    selector, container = line.value("-l", "--selector"), line.value("-c", "--container")
    pod = _pod(line.operands[0]) if line.operands else ""
    if len(line.operands) == 2 and not container:
        container = line.operands[1]
    elif len(line.operands) == 2:
        raise NotExactError
    prefixed = line.on("--prefix")
    if bool(pod) == bool(selector) or (prefixed and pod):
        raise NotExactError
    tail = line.value("--tail")
    return {
        "verb": "logs",
        "pod": pod,
        "selector": selector,
        "container": container,
        "tail": count(tail) if tail else (_ALL_LINES if pod else _LINES_OF_EACH),
        "previous": line.on("-p", "--previous"),
        "since": line.value("--since") or None,
    }


def _pod(operand: str) -> str:
    """The pod that an operand names: `NAME` or `pod/NAME`; a deployment's would be one that kubectl picks."""
    resource, slash, name = operand.partition("/")
    if not slash:
        return operand
    if plural(resource) != "pods" or not name:
        raise NotExactError
    return whole(name)


def _describe(line: Line) -> Fields:
    line.only("-l --selector", operands=(1, 2))
    resource, name = line.object()
    selector = line.value("-l", "--selector")
    if bool(name) == bool(selector):
        raise NotExactError
    return {"verb": "describe", "resource": resource, "name": name, "selector": selector}


def _top(line: Line) -> Fields:
    line.only("-l --selector", operands=(1, 2))
    resource, name = line.object()
    of, selector = plural(resource), line.value("-l", "--selector")
    if of not in ("pods", "nodes") or (name and selector):
        raise NotExactError
    return {"verb": "top", "resource": of, "name": name, "selector": selector}


def _rollout(line: Line) -> Fields:
    deed = line.operands[0]
    line.only("--to-revision" if deed == "undo" else "", operands=(2, 3))
    fields: Fields = {"verb": f"rollout-{deed}", "deployment": line.target("deployments", at=1)}
    if revision := line.value("--to-revision"):
        fields["revision"] = count(revision)
    return fields


def _scale(line: Line) -> Fields:
    line.only("--replicas", operands=(1, 2))
    return {"verb": "scale", "deployment": line.target("deployments"), "replicas": count(line.value("--replicas"))}


def _set(line: Line) -> Fields:
    what, at = line.operands[0], 2 if "/" in line.operands[1] else 3
    pairs = [_VARIABLE.fullmatch(each) if what == "env" else _image(each) for each in line.operands[at:]]
    line.only("-c --containers" if what == "env" else "", operands=(len(line.operands),))
    if not pairs or any(each is None for each in pairs):
        raise NotExactError
    given = {each[1]: (None if each[2] is None else each[2]) for each in pairs if each}
    line.operands = line.operands[:at]
    fields: Fields = {"verb": f"set-{what}", "deployment": line.target("deployments", at=1)}
    if len(given) < len(pairs) or what not in ("env", "image"):
        raise NotExactError
    if what == "image":
        return fields | {"images": given}
    return fields | {"env": given, "container": line.value("-c", "--containers")}


def _image(operand: str) -> re.Match[str] | None:
    return re.fullmatch(r"([a-z0-9][a-z0-9-]*)=(\S+)", operand)


def _delete(line: Line) -> Fields:
    line.only("-l --selector", operands=(1, 2))
    resource, name = line.object()
    if plural(resource) != "pods":
        raise NotExactError
    return {"verb": "delete-pods", "pod": name, "selector": line.value("-l", "--selector")}


def _edit(line: Line) -> Fields:
    line.only("", operands=(1, 2))
    return {"verb": "edit-config-map", "name": line.target("configmaps")}


def _exec(line: Line) -> Fields:
    line.only("-c --container", "-i --stdin -t --tty", operands=(1,))
    command = [each.text for each in line.options.rest or ()]
    if not command or judge_argv(command).interactive:
        raise NotExactError
    target: Fields = {"container": line.value("-c", "--container"), "command": command}
    resource, slash, name = line.operands[0].partition("/")
    if slash and plural(resource) == "deployments":
        target["deployment"] = whole(name)
    else:
        target["pod"] = _pod(line.operands[0])
    return {"verb": "exec", **target}


def _forward(line: Line) -> Fields:
    line.only("--address", operands=(2,))
    if line.value("--address") not in ("", "localhost", "127.0.0.1"):
        raise NotExactError
    found = _PORTS.fullmatch(line.operands[1])
    resource, slash, name = line.operands[0].partition("/")
    if found is None or (slash and (not name or plural(resource) not in ("pods", "services", "deployments"))):
        raise NotExactError
    local = int(found[1] or 0) if found[1] is not None else int(found[2])
    target = line.operands[0] if slash else f"pod/{line.operands[0]}"
    return {"verb": "port-forward", "resource": target, "local": local, "port": int(found[2])}


_VERBS: dict[str, Callable[[Line], Fields]] = {
    "get": _get,
    "events": _events,
    "logs": _logs,
    "describe": _describe,
    "top": _top,
    "rollout": _rollout,
    "scale": _scale,
    "set": _set,
    "delete": _delete,
    "edit": _edit,
    "exec": _exec,
    "port-forward": _forward,
}
