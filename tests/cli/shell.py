"""A shell for tests: the command `cockpit` in a process of its own, with a home and a record of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.forking import COLD, ROOT, TIMEOUT, forks


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit code."""

    args: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as one JSON document."""
        return json.loads(self.out)

    def ok(self) -> Done:
        """Demand that it was done, without a word on stderr."""
        assert (self.code, self.err) == (0, ""), self
        return self

    def failed(self, *words: str) -> Done:
        """Demand exit code 1 and one line on stderr that has these words."""
        return self._ended(1, words)

    def wrong(self, *words: str) -> Done:
        """Demand exit code 2 and one line on stderr that has these words."""
        return self._ended(2, words)

    def _ended(self, code: int, words: tuple[str, ...]) -> Done:
        assert self.code == code, self
        assert self.err.endswith("\n"), self
        assert self.err.count("\n") == 1, self
        assert self.err.startswith("cockpit: "), self
        assert not [word for word in words if word not in self.err], self
        return self


@dataclass
class Shell:
    """Runs commands in `folder`, with `folder/state` for the record and nothing of the caller's cockpit settings."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def journal(self) -> Path:
        """The record's file."""
        return self.folder / "state" / "cockpit" / "record.db"

    def env(self, **more: str) -> dict[str, str]:
        """The environment that commands get."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        own = {
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "COCKPIT_AS": "@alice",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error",
        }
        return kept | own | self.environ | more

    def argv(self, *args: object) -> list[str]:
        """How `cockpit ARGS` is started."""
        return [sys.executable, "-m", "cockpit", *map(str, args)]

    def __call__(
        self, *args: object, stdin: str | None = None, env: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Done:  # fmt: skip
        """Run `cockpit ARGS` to its end; `before` runs in the new process, which then starts from nothing."""
        words, environ = [str(arg) for arg in args], self.env(**(env or {}))
        if COLD or before:
            done = self._cold(words, environ, stdin, before)
        else:
            done = forks(environ).run(words, self.folder, environ, stdin)
        assert "Traceback" not in done.stderr, done.stderr
        return Done(tuple(words), done.returncode, done.stdout, done.stderr)

    def cold(self, *args: object) -> Done:
        """Run `cockpit ARGS` from nothing, as a user does."""
        done = self._cold([str(arg) for arg in args], self.env(), None, None)
        return Done(tuple(map(str, args)), done.returncode, done.stdout, done.stderr)

    def _cold(
        self, words: Sequence[str], env: Mapping[str, str], stdin: str | None, before: Callable[[], None] | None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*words),
            cwd=self.folder,
            env=env,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            preexec_fn=before,
        )

    def declared(self, *more: object) -> Shell:
        """With an incident declared."""
        self("incident", "start", "payment-failure", "p1", *more).ok()
        return self
