"""What the doctor says of one thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `state` is ok, warn (it works without) or bad; `mend` what to do."""

    what: str
    state: str
    said: str
    mend: str = ""
