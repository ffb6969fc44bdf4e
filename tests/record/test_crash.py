"""A process is killed while it appends: whatever it acknowledged is there, nothing is half there, and it goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.record.test_journal import INCIDENT, note

WRITER = """
import sys
from pathlib import Path
from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from tests.record.test_journal import note
journal = Journal.open(Path(sys.argv[1]), SystemClock())
n = 0
while True:
    journal.append([note(f"{sys.argv[2]}-{n}"), note(f"{sys.argv[2]}-{n}-with")])
    print(f"{sys.argv[2]}-{n}", flush=True)
    n += 1
"""


def killed_round(path: Path, name: str, after: float) -> set[str]:
    """Let a writer append until it is killed `after` its first word, and give what it had acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name], stdout=subprocess.PIPE, text=True, cwd=os.getcwd()
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    return {line for line in (first + rest).split("\n")[:-1] if line}


def test_every_acknowledged_entry_survives_sigkill(tmp_path: Path) -> None:
    path, chance = tmp_path / "record.db", random.Random(20260314)
    acknowledged: set[str] = set()
    for n in range(6):
        acknowledged |= killed_round(path, f"round{n}", chance.uniform(0, 0.08))
        journal = Journal.open(path, SystemClock())
        texts = [entry.payload["text"] for entry in journal.read(INCIDENT)]
        assert acknowledged <= set(texts)
        assert len(texts) == len(set(texts))
        assert {f"{text}-with" for text in texts if not text.endswith("-with")} <= set(texts), "no batch is halved"
        assert verify(journal.read_all()).sound
        journal.append([note(f"after{n}"), note(f"after{n}-with")])
        journal.close()
    assert len(acknowledged) > 6
