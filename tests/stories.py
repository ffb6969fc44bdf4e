"""Entries for tests: a writer's chain made by hand, at times that the test chooses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cockpit.incident.entry import Draft, Entry, Tail, seal
from cockpit.incident.kinds import Payload

START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
INCIDENT = "01950000-0000-7000-8000-000000000001"


class Writer:
    """Seals payloads into a chain, as a journal does; ids count up, so that a story is the same in each run."""

    def __init__(self, name: str = "01950000-0000-7000-8000-00000000aaaa", start: datetime = START) -> None:
        self.tail = Tail(name)
        self.now = start

    def write(
        self, payload: Payload, *, after: float = 0.0, ago: float = 0.0, actor: str = "@alice",
        role: str | None = None, supersedes: str | None = None,
    ) -> Entry:  # fmt: skip
        """The next entry: recorded `after` seconds from the last one, occurred `ago` seconds before that."""
        self.now += timedelta(seconds=after)
        occurred = self.now - timedelta(seconds=ago)
        draft = Draft(INCIDENT, payload.kind, payload.fields(), occurred, actor, role, supersedes)
        number = self.tail.seq + 1
        id = f"{self.tail.writer[:-12]}{self.tail.writer[-4:]}{number:08}"
        entry, self.tail = seal(draft, self.tail, id=id, now=self.now)
        return entry
