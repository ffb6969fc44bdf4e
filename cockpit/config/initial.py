"""A first configuration: what a kubeconfig offers, and the file that `cockpit init` writes from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from cockpit.config.errors import ConfigError
from cockpit.config.lines import YamlError, parse, read
from cockpit.text import clean

_PLAIN = re.compile(r"[A-Za-z0-9~./][A-Za-z0-9_./=-]*")


class KubeContext(Struct, frozen=True):
    """A context of a kubeconfig. `current` is whether the file would use it by itself; `file` is where it stands."""

    name: str
    cluster: str
    namespace: str
    current: bool
    file: Path


def kubeconfig_files(environ: Mapping[str, str]) -> list[Path]:
    """The files that kubectl would read: those of `KUBECONFIG` that exist, else `~/.kube/config`."""
    if named := environ.get("KUBECONFIG"):
        return [path for path in map(Path, named.split(":")) if str(path) != "." and path.exists()]
    path = Path(environ.get("HOME") or "~").expanduser() / ".kube" / "config"
    return [path] if path.exists() else []


def contexts(files: list[Path]) -> list[KubeContext]:
    """The contexts of these kubeconfigs in their order; of one name, the first counts, as for kubectl.

    Raises:
        ConfigError: a file cannot be read or is no kubeconfig.
    """
    found: dict[str, KubeContext] = {}
    current = ""
    for file in files:
        try:
            value = read(file).value
        except YamlError as error:
            raise ConfigError(f"{clean(str(file))}:{error.line}: {error.what}") from None
        if not isinstance(value, dict):
            raise ConfigError(f"{clean(str(file))}:1: this is no kubeconfig; name the file that kubectl uses")
        current = current or _text(value.get("current-context"))
        for each in _of_file(value, file):
            found.setdefault(each.name, each)
    return [KubeContext(c.name, c.cluster, c.namespace, c.name == current, c.file) for c in found.values()]


def _of_file(value: dict[str, Any], file: Path) -> list[KubeContext]:
    listed = value.get("contexts")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    made = []
    for entry in entries:
        inner = entry.get("context")
        fields = inner if isinstance(inner, dict) else {}
        name = _text(entry.get("name"))
        if name:
            made.append(KubeContext(name, _text(fields.get("cluster")), _text(fields.get("namespace")), False, file))
    return made


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def initial_yaml(
    kubeconfig: Path | None,
    context: str,
    namespace: str,
    selector: str,
    deployment: str | None,
    prometheus: str | None,
    runbook: str | None,
    *,
    production: bool = True,
) -> str:
    """The text of a first configuration, which `load` takes as it stands.

    Args:
        kubeconfig: None leaves it to kubectl's own rule.
        prometheus: its URL, if there is one.
        runbook: the name of a runbook that the library has.
        production: whether the context is marked so; it is safer to take the mark off than to forget it.
    """
    service = deployment or runbook or "service"
    where = {"cluster": "main", "namespace": namespace, "selector": selector, "deployment": deployment}
    cluster = {"kubeconfig": str(kubeconfig) if kubeconfig else None, "context": context, "production": production}
    text = [
        "# Written by `cockpit init`. Unknown keys are errors; secrets are never written here.",
        "version: 1",
        "kubernetes:                  # never the kubeconfig's current context",
        f"  main: {_flow(cluster)}",
    ]
    if prometheus:
        text += ["prometheus:", f"  main: {_flow({'url': prometheus, 'interval': '15s'})}"]
    text += ["services:", f"  {_scalar(service)}:"]
    text += [f"    runbook: {_scalar(runbook)}"] if runbook else []
    text += ["    policy: payment-service", f"    kubernetes: {_flow(where)}"]
    if prometheus:
        text += ["    prometheus: main", *_SIGNALS]
    return "\n".join([*text, *_CHANNELS]) + "\n"


_SIGNALS = (
    "    # Bind the runbook's thresholds, by their ids, to queries:",
    "    # signals:",
    "    #   error-rate: {unit: percent, query: 'PromQL that gives one number'}",
)
_CHANNELS = (
    "channels:",
    "  paper: {type: file, path: ./incident-messages.txt}",
    "audiences:                   # channels, tried in order",
    "  internal: [paper]",
    "  customers: [paper]",
    "  # There are templates for these too: customer-email, stakeholders, executives, product, support, merchants,",
    "  # partners, regulators, security. `cockpit message destinations` says who of them is to be told, and why.",
)


def _flow(fields: Mapping[str, str | bool | None]) -> str:
    """A mapping on one line, without what is None."""
    inside = (f"{key}: {_scalar(value)}" for key, value in fields.items() if value is not None)
    return "{" + ", ".join(inside) + "}"


def _scalar(value: str | bool | None) -> str:
    """A value as YAML: plain where it reads back as the same text, else in double quotes."""
    if isinstance(value, bool) or value is None:
        return "true" if value else "false"
    if _PLAIN.fullmatch(value) and parse(value.encode(), "").value == value:
        return value
    return yaml.safe_dump(value, default_style='"', width=2**20, allow_unicode=True).strip()
