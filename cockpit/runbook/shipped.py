"""Where the content that comes with the cockpit is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(kind: Literal["runbooks", "templates"]) -> Path:
    """The folder of shipped runbooks or templates: inside the package where it was installed from a wheel, at the
    top of the repository in a checkout."""
    installed = _PACKAGE / "shipped" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind
