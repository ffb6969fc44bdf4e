"""What is wrong with a receiver now: the ways in which a provider's API fails, countable, for tests and the demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any, Literal, get_args

Kind = Literal["refuse", "reset", "silence", "answer", "garbage", "cut", "revoked"]
"""How it fails:

- `refuse`: no connection is taken; lasts until it is lifted, since nobody sees what does not connect.
- `reset`: the connection is closed without an answer.
- `silence`: no answer comes, however long the client waits.
- `answer`: `status` and `body` are answered, with `retry_after` where it is set.
- `garbage`: 200 with a page that is no JSON, as from a proxy's login.
- `cut`: the request is taken, and the answer breaks off in its middle.
- `revoked`: the token is not accepted any more.
"""


@dataclass(slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        takes: whether the request is taken before it fails, so that the sender cannot know.
        next: only for the next so many requests that it fits; None: for all.
        every: only for each so-manieth request that it fits.
        chance: only with this probability, seeded.
        path: only for requests whose path (for mail: whose step, as `DATA`) has this in it.
        status, body, retry_after: what `answer` says; `retry_after` in seconds, or as it stands (a date).
    """

    kind: Kind
    takes: bool = False
    next: int | None = None
    every: int = 1
    chance: float = 1.0
    path: str = ""
    status: int = 500
    body: Any = None
    retry_after: str | float | None = None
    seen: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"there is no trouble '{self.kind}'; there are {', '.join(get_args(Kind))}")
        if self.every < 1 or not 0 <= self.chance <= 1 or (self.next is not None and self.next < 0):
            raise ValueError("`every` is at least 1, `chance` between 0 and 1, `next` not negative")

    def hits(self, path: str, random: Random) -> bool:
        """Whether it befalls a request to `path`, which counts as seen."""
        if self.kind == "refuse" or self.path not in path or self.next == self.done:
            return False
        self.seen += 1
        if self.seen % self.every or (self.chance < 1 and random.random() >= self.chance):
            return False
        self.done += 1
        return True

    def described(self) -> dict[str, Any]:
        """As JSON has it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(slots=True)
class Asked:
    """One request that came in, whatever became of it; `status` None: no answer was given."""

    method: str
    path: str
    status: int | None = None
    fault: str = ""


@dataclass(slots=True)
class Trouble:
    """The faults of one receiver, and all that it was asked. The first fault that hits a request counts.

    Attributes:
        changed: called when faults come or go.
    """

    seed: int = 1
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    changed: Callable[[], None] = lambda: None
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def set(self, kind: Kind, **more: Any) -> Fault:
        """Begin a fault; `more` are a Fault's other fields. Raises ValueError, TypeError where one is wrong."""
        fault = Fault(kind, **more)
        self.faults.append(fault)
        self.changed()
        return fault

    def lift(self) -> None:
        """End all faults."""
        self.faults.clear()
        self.changed()

    @property
    def refusing(self) -> bool:
        """Whether no connection is taken."""
        return any(fault.kind == "refuse" for fault in self.faults)

    def befalls(self, path: str) -> Fault | None:
        """The fault that befalls a request to `path`, if any."""
        return next((fault for fault in self.faults if fault.hits(path, self._random)), None)

    # the ways that are used most, by name

    def limited(self, after: str | float | None = 1, **more: Any) -> Fault:
        """429 with Retry-After (seconds, or a date as it stands)."""
        return self.set("answer", status=429, retry_after=after, **more)

    def answers(self, status: int, body: Any = None, **more: Any) -> Fault:
        """Any status, with any body."""
        return self.set("answer", status=status, body=body, **more)

    def not_ok(self, error: str, **more: Any) -> Fault:
        """Slack's way: 200 with `ok: false`."""
        return self.set("answer", status=200, body={"ok": False, "error": error}, **more)
