"""A cockpit is killed while somebody types notes: every note that its timeline showed is there when it reopens."""

from __future__ import annotations

import random
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.terminals import Terminal, environment

KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: far, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: me, user: {}}]
contexts: [{name: far, context: {cluster: far, user: me}}]
"""


def cockpit(folder: Path) -> Sequence[str]:
    """The command that opens a cockpit on a cluster that nobody can reach; its record is under `folder`."""
    path = folder / "kubeconfig"
    path.write_text(KUBECONFIG)
    flags = ["--kubeconfig", str(path), "--context", "far", "--namespace", "shop", "--selector", "app=shop"]
    return [sys.executable, "-m", "cockpit", *flags]


def in_timeline(text: str) -> str:
    """How the timeline shows a note: after its time, which the prompt does not have."""
    return rf"\d\d:\d\d:\d\d\s+{text}\b"


def type_note(terminal: Terminal, text: str) -> None:
    """Write a note by keys and wait until the timeline shows it, which is its acknowledgement."""
    terminal.hides("enter records it")
    terminal.send("n")
    terminal.shows("enter records it")
    terminal.send(f"{text}\r")
    terminal.shows(in_timeline(text))


def killed_round(folder: Path, name: str, after: float, known: str) -> list[str]:
    """Type notes until the cockpit is killed, `after` seconds from its first note's acknowledgement.

    Args:
        folder: what it keeps its record under.
        name: what the notes of this round begin with.
        known: the last note that an earlier round saw acknowledged; the reopened cockpit must show it.

    Returns:
        The notes that it acknowledged, in their order.
    """
    acknowledged: list[str] = []
    shutil.rmtree(folder / "cockpit" / "drafts", ignore_errors=True)  # else it goes on with what was being typed
    with Terminal(cockpit(folder), env=environment(folder), cwd=folder) as terminal:
        terminal.shows(in_timeline(known) if known else "Timeline")
        killed = threading.Event()

        def kill() -> None:
            killed.set()
            terminal.process.kill()

        timer = threading.Timer(after, kill)
        try:
            while not killed.is_set():
                type_note(terminal, f"{name}-{len(acknowledged)}")
                acknowledged.append(f"{name}-{len(acknowledged)}")
                if len(acknowledged) == 1:
                    timer.start()
        except (AssertionError, OSError):
            if not killed.is_set():
                raise
        finally:
            timer.cancel()
    return acknowledged


def notes(folder: Path) -> list[str]:
    """Every note of the record under `folder`, whose chains must verify."""
    journal = Journal.open(folder / "cockpit" / "record.db", SystemClock())
    try:
        assert verify(journal.read_all()).sound
        entries = [entry for incident in journal.incidents() for entry in journal.read(incident)]
        return [entry.payload["text"] for entry in entries if entry.kind == "note"]
    finally:
        journal.close()


def test_every_note_that_the_screen_showed_survives_sigkill(tmp_path: Path) -> None:
    chance, acknowledged = random.Random(20260315), list[str]()
    for n in range(3):
        known = notes(tmp_path)[-1] if n else ""
        acknowledged += killed_round(tmp_path, f"round{n}", chance.uniform(0, 0.5), known)
        found = notes(tmp_path)
        assert set(acknowledged) <= set(found)
    assert len(acknowledged) >= 3
