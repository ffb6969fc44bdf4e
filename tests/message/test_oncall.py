"""The copy of who is on call: private, replaced as a whole, and no more than a copy."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.message.oncall.copy import Fetched, OnCallCopy
from cockpit.message.oncall.person import OnCallPerson

AT = datetime(2026, 2, 3, 2, 6, tzinfo=UTC)
DANA = OnCallPerson("Dana Base", "@dba", "+1 5550100", "dba@example.com", "primary, level 1", AT.replace(hour=9))
TEXT = st.text(max_size=20)
PERSON = st.builds(OnCallPerson, TEXT, TEXT, TEXT, TEXT, TEXT, st.none() | st.datetimes(timezones=st.just(UTC)))


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Telephone numbers are nobody else's business; what another pager said before stays."""
    path = tmp_path / "state" / "oncall.json"
    copy = OnCallCopy(path)
    assert copy.read() == {}
    copy.keep("pager", Fetched((DANA,), AT))
    copy.keep("other", Fetched((), AT))
    copy.keep("pager", Fetched((DANA, DANA), AT))
    assert copy.read() == {"pager": Fetched((DANA, DANA), AT), "other": Fetched((), AT)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["oncall.json"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(people=st.lists(PERSON, max_size=4))
def test_what_is_kept_is_read(tmp_path: Path, people: list[OnCallPerson]) -> None:
    """Whatever a pager calls people."""
    copy = OnCallCopy(tmp_path / "oncall.json")
    copy.keep("pager", Fetched(tuple(people), AT))
    assert copy.read() == {"pager": Fetched(tuple(people), AT)}


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"pager": 1}', '{"pager": {"people": [{}], "at": "then"}}', "\x00"])
def test_a_broken_copy_is_none(tmp_path: Path, broken: str) -> None:
    """It is asked for anew, and replaced."""
    path = tmp_path / "oncall.json"
    path.write_text(broken)
    copy = OnCallCopy(path)
    assert copy.read() == {}
    copy.keep("pager", Fetched((DANA,), AT))
    assert list(json.loads(path.read_text())) == ["pager"]


def test_a_copy_that_cannot_be_kept_leaves_what_was(tmp_path: Path) -> None:
    """And nothing half written."""
    copy = OnCallCopy(tmp_path / "oncall.json")
    copy.keep("pager", Fetched((DANA,), AT))
    blocked = OnCallCopy(tmp_path / "oncall.json" / "below" / "oncall.json")
    with pytest.raises(OSError, match="Not a directory"):
        blocked.keep("pager", Fetched((), AT))
    assert copy.read() == {"pager": Fetched((DANA,), AT)}
