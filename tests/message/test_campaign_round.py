"""A short round of the campaign over the outbox; `make campaign ARGS="--only outbox"` plays long ones."""

from __future__ import annotations

from pathlib import Path

from tests.campaign.outbox.rounds import play


def test_each_message_arrives_once_or_is_known_not_to_have(tmp_path: Path) -> None:
    """Cockpits are killed while receivers fail; what was durable is settled in the end, and nothing came twice."""
    found = play(tmp_path, "continuous", kills=1, count=4, slow=False)
    assert found.problems == []
    assert found.states["sent"] > 3
    assert found.doubled == 0
