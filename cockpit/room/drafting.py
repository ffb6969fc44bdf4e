"""What is being typed, in memory at once and on the disk a moment later: no key ever waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from cockpit.record.drafts import Drafts, DraftText


class Drafting:
    """The drafts of one cockpit. What was begun before there was an incident belongs to the first that is taken up.

    Args:
        drafts: where they are kept; read once, at once.
        read_only: keep them in memory alone.
    """

    def __init__(self, drafts: Drafts, *, read_only: bool) -> None:
        self._drafts = drafts
        self._read_only = read_only
        self._texts = drafts.every()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drafts")

    def kept(self, incident: str, form: str) -> DraftText | None:
        """What was typed into `form` and not finished."""
        return self._texts.get((incident, form)) or self._texts.get(("", form))

    def keep(self, incident: str, form: str, draft: DraftText) -> None:
        """Keep `draft`; a disk that refuses leaves it in memory."""
        if incident:
            self.drop("", form)
        self._texts[incident, form] = draft
        self._later(lambda: self._drafts.keep(incident, form, draft))

    def drop(self, incident: str, form: str) -> None:
        """Forget it: it was sent, or emptied."""
        for key in {(incident, form), ("", form)}:
            if self._texts.pop(key, None) is not None:
                self._later(lambda key=key: self._drafts.drop(*key))  # type: ignore[misc]

    def forget_erased(self) -> None:
        """Let go of what a redaction has dropped from the disk, because it had the words that were erased."""
        held = dict(self._texts)
        self._later(lambda: self._let_go(held))

    def _let_go(self, held: dict[tuple[str, str], DraftText]) -> None:
        """In the thread, where all that is `held` has been written by now."""
        there = self._drafts.every()
        for key in held.keys() - there.keys():
            if self._texts.get(key) is held[key]:
                self._texts.pop(key, None)

    async def close(self) -> None:
        """Wait until the disk has what was typed last."""
        await asyncio.to_thread(self._thread.shutdown)

    def _later(self, write: Callable[[], None]) -> None:
        if not self._read_only:
            self._thread.submit(_quietly, write)


def _quietly(write: Callable[[], None]) -> None:
    with suppress(OSError):
        write()
