"""A kubeconfig in which every program finds the pinned context and namespace, whatever the own one's current are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

try:  # a tenth of the time: the kubeconfig of thirty clusters takes the other one 65 ms before the pods are asked for
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml does the same
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

DEFAULT = Path("~/.kube/config")


def pinned_kubeconfig(
    kubeconfig: Path | None, context: str, namespace: str, folder: Path, environ: Mapping[str, str]
) -> Path | None:
    """The value of $KUBECONFIG for programs that run for an incident; reads and writes files: call it in a thread.

    kubectl merges the files of the list, and what the first says of a context holds: a small file of ours goes first,
    with the context and its namespace, and without any credential.

    Args:
        kubeconfig: the configured one; None for $KUBECONFIG, else the user's own.
        folder: where ours is written.
        environ: the environment.

    Returns None when no file has the context, or ours cannot be written: programs must then name it themselves.
    """
    given = str(kubeconfig) if kubeconfig else environ.get("KUBECONFIG", "")
    files = [Path(each) for each in given.split(os.pathsep) if each] or [DEFAULT.expanduser()]
    found = next((each for each in _contexts(files) if each.get("name") == context), None)
    if found is None or not isinstance(found.get("context"), dict):
        return None
    place = {"name": context, "context": {**found["context"], "namespace": namespace}}
    ours = {"apiVersion": "v1", "kind": "Config", "current-context": context, "contexts": [place]}
    name = sha256(f"{context}\0{namespace}\0{given}".encode()).hexdigest()[:12]
    path = folder / f"kubeconfig-{name}.yaml"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(ours, sort_keys=False), encoding="utf-8")
    except OSError:
        return None
    return Path(os.pathsep.join([str(path), *map(str, files)]))


def _contexts(files: Iterable[Path]) -> Iterable[dict[str, Any]]:
    """The contexts of all files in kubectl's order; what cannot be read has none."""
    for file in files:
        try:
            whole = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # a safe one
        except (OSError, ValueError, yaml.YAMLError):
            continue
        contexts = whole.get("contexts") if isinstance(whole, dict) else None
        yield from (each for each in contexts or () if isinstance(each, dict))
