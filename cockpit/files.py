"""Files of ours that nobody else reads, each replaced as a whole."""

from __future__ import annotations

import os
from pathlib import Path


def replace_privately(path: Path, text: str, *, durable: bool = False) -> None:
    """Put `text` in the place of what the file has, whole or not at all; its owner alone can read it. Blocking.

    The folder above it is made where it is not there, for its owner alone as well. What a crash leaves half written
    ends with `.new`.

    Args:
        text: half of a character pair in it is written as `?`.
        durable: wait until the disk has it.

    Raises:
        OSError: the disk refuses; what was there still is.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
