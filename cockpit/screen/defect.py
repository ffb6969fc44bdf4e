"""A defect of the program's own: what ended the cockpit, in words, and where all of it is written down."""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

from cockpit.text import safe


def told(error: BaseException, folder: Path, now: datetime) -> str:
    """Write `error` down in `folder`, and give the line that says what happened and what to do.

    Only the places in the program are kept, never the values of variables, which may be secrets or somebody's words.
    Where the file cannot be written, its text follows the line.
    """
    where = traceback.extract_tb(error.__traceback__)
    last = f" ({Path(where[-1].filename).name}:{where[-1].lineno})" if where else ""
    what = f"cockpit: a defect of its own ended it: {type(error).__name__}: {safe(str(error))[:200]}{last}"
    text = safe("".join(traceback.format_exception(error)), keep_newlines=True)
    path = folder / f"defect-{now:%Y%m%dT%H%M%SZ}.txt"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as trouble:
        return f"{what}. The record has all that was acknowledged. {path}: {trouble.strerror}; it was:\n{text}"
    return f"{what}. The record has all that was acknowledged; start it again, and report {path}"
