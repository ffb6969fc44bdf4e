"""A shop whose runbook a test writes: its configuration, and the runbook's steps as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

Step = dict[str, Any]


def step(id: str, action: dict[str, Any] | None = None, **more: Any) -> Step:
    """A step of the runbook; its title is its id unless told otherwise."""
    title = id.replace("-", " ").capitalize()
    return {"id": id, "title": title, **({"action": action} if action else {}), **more}


def script(text: str, **more: Any) -> dict[str, Any]:
    """An action that gives `text` to a shell."""
    return {"kind": "command", "shell": text, **more}


def program(*argv: str, **more: Any) -> dict[str, Any]:
    """An action that runs a program."""
    return {"kind": "command", "argv": list(argv), **more}


def shop(folder: Path, *steps: Step, service: dict[str, Any] | None = None, **config: Any) -> Path:
    """Write the configuration and the runbook `shop` with `steps`, all in one scenario.

    Args:
        service: more of the service's configuration.
        config: more of the configuration.

    Returns:
        The configuration's path.
    """
    books = folder / "books"
    books.mkdir(parents=True, exist_ok=True)
    scenario = {"id": "trouble", "title": "Trouble", "steps": list(steps)}
    _dump(books / "shop.yaml", {"title": "Shop", "service": "shop", "scenarios": [scenario]})
    services = {"shop": {"runbook": "shop", **(service or {})}}
    path = folder / "cockpit.yaml"
    _dump(path, {"version": 1, "runbooks": [str(books)], "services": services, **config})
    return path


def cluster(folder: Path, **more: Any) -> dict[str, Any]:
    """The part of the configuration that names the simulated cluster of `tests.simcluster`, and `shop`'s place there.

    Gives the keywords for `shop`; `more` is the place's.
    """
    place = {"cluster": "eu", "namespace": "production", "selector": "app=payment-service", **more}
    place.setdefault("deployment", "payment-service")
    reached = {"eu": {"context": "prod-eu", "kubeconfig": str(folder / "kubeconfig")}}
    return {"service": {"kubernetes": place}, "kubernetes": reached}


def _dump(path: Path, data: object) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
