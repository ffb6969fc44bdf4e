"""What the sessions of a PostgreSQL do at one moment: how many of how many, who blocks whom, what takes long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

IN_TRANSACTION = "idle in transaction"
LEFT = 60.0
"""Seconds after which a prepared transaction counts as left: the second half of a two-phase commit comes at once."""
HIDDEN = "hidden"
"""The state of a session that this user may not look into."""


class Session(Struct, frozen=True):
    """One backend, as pg_stat_activity has it; all texts are cleaned and redacted.

    Attributes:
        started: when it began, as the server writes it: with the pid it names this session and never another.
        kind: `client backend`, `walsender`, `autovacuum worker`, …; empty when that is hidden.
        state: active, idle, idle in transaction, …; `hidden`, or empty for a server's own process.
        query: what it runs, or ran last, cut.
        connected, transaction, statement, standing: seconds since it connected, its transaction began, its statement
            began, its state changed; None where there is none, or it is hidden.
    """

    pid: int
    started: str
    user: str = ""
    application: str = ""
    database: str = ""
    client: str = ""
    kind: str = ""
    state: str = ""
    query: str = ""
    connected: float | None = None
    transaction: float | None = None
    statement: float | None = None
    standing: float | None = None

    @property
    def who(self) -> str:
        """The user, and what it calls itself."""
        return " ".join(part for part in (self.user, self.application) if part) or self.kind


class Wait(Struct, frozen=True):
    """A session that waits for a lock.

    Attributes:
        blockers: the pids that it waits for; 0 is a prepared transaction.
        mode: the lock that it wants, as `ShareLock`.
        wanted: on what, as `relation orders`.
        seconds: for how long; None where the server does not say (before PostgreSQL 14).
    """

    pid: int
    blockers: tuple[int, ...]
    mode: str
    wanted: str
    seconds: float | None = None


class Prepared(Struct, frozen=True):
    """A transaction that PREPARE TRANSACTION has left: it holds its locks without any session, after a restart too,
    until somebody commits it or rolls it back by its name.

    Attributes:
        gid: its name, cleaned.
        owner, database: who prepared it, and where: the same user or a superuser ends it, connected there.
        since: when it was prepared, as the server writes it.
        seconds: for how long.
    """

    gid: str
    owner: str
    database: str
    since: str
    seconds: float

    @property
    def mend(self) -> str:
        """What somebody does who knows what became of the other half."""
        quoted = "'" + self.gid.replace("'", "''") + "'"
        return f"COMMIT PREPARED or ROLLBACK PREPARED {quoted}, in {self.database} as {self.owner} or a superuser"

    def left(self, since: float = 0.0) -> bool:
        """Whether it is so old, `since` seconds after it was read, that nobody seems to be behind it."""
        return self.seconds + since >= LEFT


class Limit(Struct, frozen=True):
    """How many sessions something may have: the server, a role, a database."""

    name: str
    used: int
    most: int

    @property
    def full(self) -> bool:
        """Whether nobody more is let in."""
        return self.used >= self.most


class Holder(Struct, frozen=True):
    """Sessions of one user under one application's name; `in_transaction` of them hold a transaction and do nothing."""

    user: str
    application: str
    count: int
    in_transaction: int = 0


class Sessions(Struct, frozen=True):
    """All that was read in one look.

    Attributes:
        user, version: as whom it was read, from what.
        counts: clients' sessions by state, the most first.
        limits: the server's own first, without what is reserved; then those of roles and databases, the fullest first.
        holders: who has the most sessions.
        waits: who waits for a lock, the longest first; `waiting` is how many there are in all.
        prepared: transactions that hold their locks without a session, the oldest first.
        rows: the sessions that wait, block, are in a transaction, or have been idle longest, by pid.
        ends: whether this user may end other users' sessions.
        standby: whether the server only follows another.
        superuser: whether this user has all rights.
    """

    user: str
    version: str
    counts: Mapping[str, int]
    limits: Sequence[Limit]
    holders: Sequence[Holder] = ()
    waits: Sequence[Wait] = ()
    waiting: int = 0
    rows: Mapping[int, Session] = field(default_factory=dict)
    ends: bool = False
    standby: bool = False
    superuser: bool = False
    prepared: Sequence[Prepared] = ()

    @property
    def hidden(self) -> int:
        """How many sessions this user may not look into."""
        return self.counts.get(HIDDEN, 0)

    def wait_of(self, pid: int) -> Wait | None:
        """What a session waits for; None when it waits for no lock."""
        return next((each for each in self.waits if each.pid == pid), None)

    def blocked_by(self, pid: int) -> list[int]:
        """Who waits for a session, directly or behind others that do."""
        found: dict[int, None] = {}
        near = [pid]
        while near:
            holding = near.pop(0)
            for wait in self.waits:
                if holding in wait.blockers and wait.pid not in found and wait.pid != pid:
                    found[wait.pid] = None
                    near.append(wait.pid)
        return list(found)

    def called(self, pid: int) -> str:
        """What a pid of `Wait.blockers` is called: the server says of no prepared transaction which one it is."""
        if pid:
            return str(pid)
        return f"prepared transaction {self.prepared[0].gid}" if len(self.prepared) == 1 else "a prepared transaction"

    def longest(self) -> list[Session]:
        """Those in a transaction, the one that has lasted longest first."""
        inside = [row for row in self.rows.values() if row.transaction is not None]
        return sorted(inside, key=lambda row: (-(row.transaction or 0.0), row.pid))

    def transactions(self) -> list[Session | Prepared]:
        """The same with those that no session holds."""
        return sorted((*self.prepared, *self.longest()), key=_lasted, reverse=True)

    def idle(self) -> list[Session]:
        """Those that hold a connection and do nothing, the one that has for longest first."""
        waiting = [row for row in self.rows.values() if row.state == "idle" and row.standing is not None]
        return sorted(waiting, key=lambda row: (-(row.standing or 0.0), row.pid))


def _lasted(row: Session | Prepared) -> float:
    return row.seconds if isinstance(row, Prepared) else row.transaction or 0.0


class Branch(Struct, frozen=True):
    """A place in the tree of who blocks whom: `depth` 0 waits for nobody, or only for each other."""

    pid: int
    depth: int
    wait: Wait | None = None
    others: int = 0
    """How many more it waits for besides the one above it."""


def tree(sessions: Sessions) -> list[Branch]:
    """Who blocks whom, the one that holds up most first; each waits once, under the first that it waits for."""
    waits = {wait.pid: wait for wait in sessions.waits}
    below: dict[int, list[Wait]] = {}
    for wait in sessions.waits:
        below.setdefault(wait.blockers[0] if wait.blockers else -1, []).append(wait)
    roots = [pid for pid in below if pid not in waits and pid >= 0]
    roots.sort(key=lambda pid: (-len(sessions.blocked_by(pid)), pid))
    found: list[Branch] = []
    seen: set[int] = set()
    for root in [*roots, *waits]:  # who only waits for each other, as in a deadlock, stands at the end
        if root not in seen:
            found += _branches(root, 0, waits, below, seen)
    return found


def _branches(
    pid: int, depth: int, waits: Mapping[int, Wait], below: Mapping[int, list[Wait]], seen: set[int]
) -> Iterator[Branch]:
    seen.add(pid)
    wait = waits.get(pid)
    yield Branch(pid, depth, wait, max(0, len(wait.blockers) - 1) if wait else 0)
    for each in below.get(pid, ()):
        if each.pid not in seen:
            yield from _branches(each.pid, depth + 1, waits, below, seen)
