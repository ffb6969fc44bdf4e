"""Names that a cluster makes up."""

from __future__ import annotations

from random import Random

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes makes random names of: no vowels, so no words."""


def random_suffix(random: Random, length: int = 5) -> str:
    """A random end of a name, as a real cluster makes it."""
    return "".join(random.choices(ALPHABET, k=length))
