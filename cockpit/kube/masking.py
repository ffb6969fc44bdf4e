"""Whether a named value is a secret by its name alone."""

from __future__ import annotations

from cockpit.text import MASK, safe


def named_secret(name: str, value: str) -> bool:
    """Whether something of this name is called like a secret: no picture and no record may show its value."""
    return MASK in safe(f'{name}="x{value[:1]}"')
