"""What the benchmarks of many pods share: the cluster in its own process, kubectl, and a cockpit in a terminal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cockpit.simulator.documents import CONTEXT
from cockpit.simulator.payments.sight import NAMESPACE
from tests.terminals import Terminal, environment

SELECTOR = "pod-template-hash"
"""The pods of all deployments."""
SIZE = (120, 40)
NO_KUBECTL = "not measured, there is no kubectl (Debian: apt-get install kubernetes-client)"


class Fleet:
    """A cluster of `pods` running pods, served from a process of its own."""

    def __init__(self, folder: Path, pods: int, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.pods = pods
        self.process = process

    def ask(self, *command: object) -> dict[str, Any]:
        """Have one of the server's commands done."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(*command, file=self.process.stdin, flush=True)
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def cockpit(self, *runner: str) -> list[str]:
        """The command that opens a cockpit on it; `runner` is what is run instead of the cockpit's own module."""
        return [sys.executable, "-m", *(runner or ("cockpit",)), *self._chosen, "-l", SELECTOR, "--as", "@ada"]

    def kubectl(self, *command: str) -> list[str]:
        """The same look by kubectl; nothing where there is none."""
        found = shutil.which("kubectl")
        return [found, *self._chosen, *command, "-l", SELECTOR] if found else []

    @property
    def _chosen(self) -> list[str]:
        return ["--kubeconfig", str(self.folder / "kubeconfig"), "--context", CONTEXT, "-n", NAMESPACE]

    def terminal(self, argv: Sequence[str]) -> Terminal:
        """A cockpit in a terminal of its own, which begins without a record."""
        shutil.rmtree(self.folder / "cockpit", ignore_errors=True)
        return Terminal(argv, env=self.environment(), cwd=self.folder, size=SIZE)

    def environment(self) -> dict[str, str]:
        """What both are run with: kubectl keeps its cache there, and Python writes its bytecode."""
        env = environment(self.folder, HOME=str(self.folder), PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        return env

    @property
    def all_ready(self) -> str:
        """What the title says when every pod is on the screen."""
        return rf"{self.pods:,}/{self.pods:,} ready"


@contextmanager
def fleet(folder: Path, pods: int) -> Iterator[Fleet]:
    """A fleet that ends with the block; its files are in a folder of its own within `folder`."""
    here = folder / f"fleet-{pods}"
    here.mkdir(exist_ok=True)
    argv = [sys.executable, "-m", "tests.benchmarks.fleet_server", str(here), str(pods)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "READY", "the cluster ended before it was ready"
            yield Fleet(here, pods, process)
        finally:
            process.kill()
