"""What is typed after `/` to have something run: the shell's words, read by the same commands; else nothing of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.action.started import echoed, started
from cockpit.cli.live.database import end
from cockpit.room import grammar
from cockpit.room.grammar.errands import begun, errand, usages
from cockpit.room.grammar.params import KNOWN
from cockpit.room.grammar.sessions import EndSession
from cockpit.room.requests import Refusal

PIECES = st.sampled_from(
    ["database", "silence", "help", "end", "17", "0", "-1", "--cancel", "--started", "2026-11-21T01:00:00Z",
     "0001-01-01T00:00+14:00", "noon", "--yes", "-h", "--help", "'", "a=b", "1h", "\x1b[0m", "\n", "\ud800", "note"]
)  # fmt: skip
LINES = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=6).map(" ".join))


class Asked:
    """Takes the place of the jobs, and keeps what it is asked for."""

    def end_session(self, pid: int, started: str = "", *, cancel: bool = False) -> tuple[int, str, bool]:
        return pid, started, cancel


def asked(line: str) -> object:
    make = errand(line)
    assert make is not None
    return make(Asked())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("database end 17", (17, "", False)),
        ("database end 17 --cancel", (17, "", True)),
        ("database end --started 2026-11-21T01:00:00.25Z 17", (17, "2026-11-21 01:00:00.25+00", False)),
        ('database end 17 --started "2026-11-21 02:00:00+01"', (17, "2026-11-21 01:00:00+00", False)),
    ],
)
def test_the_end_of_a_session_is_written_as_in_the_shell(line: str, meant: object) -> None:
    assert asked(line) == meant
    with end.make_context("end", grammar.split(line)[2:]) as context:
        callback = grammar.database.commands["end"].callback
        assert callback is not None
        given = {name: context.params[name] for name in ("pid", "started", "cancel")}
        assert callback(**given) == EndSession(*meant)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("database end", "Missing argument 'PID'. · write: database end PID [--cancel] [--started TIME]"),
        ("database end web", "'web' is not a valid pid. · write: database end PID"),
        ("database end 17 --started noon", "'noon' is no time; write it like 2026-11-21T01:00:00.123456Z"),
        ("database end 17 --yes", "No such option"),
        ("database drop", "No such command 'drop'"),
        ("help database", "write: database end PID [--cancel] [--started TIME] · End the session with this PID"),
        ("help silence", "write: silence MATCHER"),
    ],
)
def test_what_is_written_otherwise_is_told_how(line: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        errand(line)
    assert words in str(refused.value)


@given(LINES)
def test_any_line_is_an_errand_or_none_or_refused_in_one_line(line: str) -> None:
    try:
        errand(line)
        said = "an errand, or none"
    except Refusal as refusal:
        said = str(refusal)
    assert said.strip()
    assert "\n" not in said
    assert all(isinstance(word, str) for word in begun(line, ["A"]))


def test_it_is_completed_with_what_is_known() -> None:
    token = KNOWN.set(grammar.Known(sessions=["4711", "4720", "5000"]))
    try:
        offered = {
            line: begun(line, ["HighLatency"]) for line in ("d", "database ", "database end 47", "silence H", "x")
        }
        assert "--cancel" in begun("database end 4711 --", [])
    finally:
        KNOWN.reset(token)
    assert offered == {
        "d": ["database"], "database ": ["end"], "database end 47": ["4711", "4720"],
        "silence H": ["alertname=HighLatency"], "x": [],
    }  # fmt: skip


def test_each_stands_in_the_help() -> None:
    assert [use.split()[0] for use, _ in usages()] == ["silence", "database"]
    assert all(help for _, help in usages())


def test_a_start_is_read_as_it_was_shown() -> None:
    for text in ("2026-11-21 01:00:00+00", "2026-11-21 01:00:00.25+00", "2026-11-21 01:00:00.123456+00"):
        assert started(text) == started(echoed(text)) == text
        assert " " not in echoed(text)
