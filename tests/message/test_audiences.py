"""Audiences: who is reached by which channels."""

from __future__ import annotations

import pytest

from cockpit.message.audiences import AudienceError, Audiences


def test_audiences_know_their_channels() -> None:
    """In the configured order; one that nobody reaches is refused with what to do."""
    audiences = Audiences({"internal": ["paper"], "customers": ["status", "paper"], "board": []})
    assert audiences.names() == ["internal", "customers", "board"]
    assert audiences.channels("customers") == ("status", "paper")
    for name in ("board", "press"):
        with pytest.raises(AudienceError, match=rf"no channel reaches '{name}' \(reached: internal, customers\)"):
            audiences.channels(name)
    with pytest.raises(AudienceError, match="reached: none"):
        Audiences({}).channels("customers")
