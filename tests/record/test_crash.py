"""Processes are killed while they append: what was acknowledged is there, nothing is half there, and it goes on."""

from __future__ import annotations

import random
from pathlib import Path

from tests.record.crashing import Acknowledged, check, killed_round


def test_what_was_acknowledged_survives_sigkill_and_what_was_erased_does_not(tmp_path: Path) -> None:
    path, chance, acknowledged = tmp_path / "record.db", random.Random(20260314), Acknowledged()
    for n in range(4):
        delays = [chance.uniform(0, 0.2) for _ in range(2)]
        acknowledged += killed_round(path, [f"{n}.0", f"{n}.1"], delays)
        counts = check(path, acknowledged)
    assert acknowledged.batches > 8
    assert counts["redactions"] > 0
