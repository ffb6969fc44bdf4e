"""The whole of an output that is larger than a record takes, redacted like it, in a file beside the record."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import IO

from cockpit.action.live import Live
from cockpit.action.output import CAP
from cockpit.text import safe


class Spool:
    """Writes what a run's output takes into `FOLDER/RUN.log`, once that is more than the record keeps.

    The file holds the redacted lines joined by newlines, so that the hash in the record is the file's. That it cannot
    be written is said in the output, and stops nothing else.

    Args:
        folder: made when it is needed, for its owner alone; None keeps no copy.
    """

    def __init__(self, folder: Path | None, run: str, live: Live) -> None:
        self.path = folder / f"{run}.log" if folder else None
        self._live = live
        self._waiting: list[str] = []
        self._file: IO[bytes] | None = None
        self._begun = False
        if self.path:
            live.output.beside = self._waiting.extend

    async def flush(self) -> None:
        """Write what came since the last time, if the whole is large enough to be worth a file."""
        if self.path is None or self._live.output.bytes <= CAP:
            return
        lines, self._waiting[:] = list(self._waiting), []
        try:
            if self._file is None:
                self._file = await asyncio.to_thread(_opened, self.path)
            text = "\n".join(lines).encode()
            await asyncio.to_thread(self._file.write, text if not self._begun or not lines else b"\n" + text)
            self._begun = True
        except OSError as error:
            self.path, self._live.output.beside = None, None
            await self._live.write([safe(f"… no copy of the whole output: {error.strerror or error}")])

    async def close(self) -> None:
        """Say where the whole is, and write the rest."""
        if self.path and self._live.output.bytes > CAP:
            await self._live.write([f"… the whole output is in {self.path}"])
        await self.flush()
        self._live.output.beside = None
        if self._file:
            await asyncio.to_thread(self._file.close)


def _opened(path: Path) -> IO[bytes]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path.open("wb")
