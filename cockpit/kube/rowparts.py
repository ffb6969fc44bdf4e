"""What rows of every kind are made of: the key, and the release that an image's name tells."""

from __future__ import annotations

import msgspec

from cockpit.kube.shapes import Meta
from cockpit.text import clean

HASH = "pod-template-hash"
"""The label that says from which revision's template a pod or replica set was made."""


def tag(image: str) -> str:
    """What tells one release of an image from another: its tag, else the start of its digest, else `latest`."""
    name, _, digest = image.partition("@")
    version = name.rpartition("/")[2].partition(":")[2]
    if version or not digest:
        return clean(version or "latest") if image else ""
    return clean(digest[:19])


def key_of(meta: Meta) -> str:
    """What an object is known by: its uid, else (a server that sends none) its name. Raises msgspec.DecodeError."""
    if not (meta.uid or meta.name):
        raise msgspec.ValidationError("an object without uid and name")
    return meta.uid or meta.name
