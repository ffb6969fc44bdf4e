"""Identities: UUIDv7, so that ids sort by when they were made."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A new UUIDv7 (RFC 9562) in its usual text form."""
    return str(uuid_utils.uuid7())
