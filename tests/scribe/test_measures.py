"""Measures in writing: durations that can be read, a chart that is to scale, and a table that fits 80 columns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cockpit.incident import kinds
from cockpit.incident.cases import Case, group, grouped
from cockpit.incident.goals import Goal
from cockpit.incident.measures import Judged, Measure
from cockpit.incident.terms import Status
from cockpit.incident.timeline import Timeline
from cockpit.scribe.chart import durations
from cockpit.scribe.markdown import export
from cockpit.scribe.measures import chart, exact, short, table, value
from tests.incident.test_cases import at
from tests.stories import START, Writer


def case(service: str = "shop", seconds: float | None = 90.0, severity: str = "P1", *, month: int = 1) -> Case:
    """An incident that is over, all of whose measures last as long."""
    why = "" if seconds is not None else "not computable: no detection time"
    names = ("detect", "acknowledge", "mitigate", "resolve", "first-update")
    yes = ("first-severity", "last-severity", "response-target", "resolution-target")
    judged = {name: Judged(name, True) for name in yes} | {"false-positive": Judged("false-positive", False)}
    measures = {name: Measure(name, seconds, why=why) for name in names}
    return Case("id", "INC-1", service, severity, "", at(month), False, measures, judged)


@pytest.mark.parametrize(
    ("seconds", "compact", "words"),
    [
        (0, "0s", "0 s"), (59.4, "59s", "59 s"), (59.6, "1m", "1 min"), (231, "3m 51s", "3 min 51 s"),
        (3605, "1h", "1 h"), (3900, "1h 5m", "1 h 5 min"), (93600, "1d 2h", "1 d 2 h"),
    ],
)  # fmt: skip
def test_durations_are_read_in_their_two_largest_units(seconds: float, compact: str, words: str) -> None:
    assert (short(seconds), exact(seconds)) == (compact, words)


def test_a_value_says_what_it_is_or_why_it_is_none() -> None:
    assert value(Measure("resolve", 90.0)) == "1 min 30 s"
    counts = Measure("resolve", 90.0, counts="reopened: the last resolution counts")
    assert value(counts) == "1 min 30 s (reopened: the last resolution counts)"
    assert value(Measure("resolve", None, why="not computable: no detection time")) == (
        "not computable: no detection time"
    )
    assert [value(Judged("false-positive", each, why="not known")) for each in (True, False, None)] == [
        "yes", "no", "not known"
    ]  # fmt: skip


def test_bars_are_to_scale_and_the_axis_says_how_much() -> None:
    lines = durations("MTTR", [("one", 3600.0), ("half", 1800.0), ("none", None)], width=34)
    assert lines == [
        "MTTR, hours",
        "one      1.0  ████████████████████",
        "half     0.5  ██████████",
        "none       -  not computable",
        "              └─────────┴────────┘",
        "              0         0.5    1.0",
    ]


def test_without_block_characters_a_chart_is_ascii() -> None:
    lines = durations("MTTD", [("a", 30.0), ("b", 20.0)], width=31, unicode=False)
    assert all(line.isascii() for line in lines)
    assert [line.count("#") for line in lines] == [0, 20, 13, 0, 0]
    assert lines[0] == "MTTD, seconds"


@given(st.lists(st.tuples(st.text(max_size=40), st.none() | st.floats(0, 1e8)), max_size=8), st.booleans())
def test_no_line_of_a_chart_is_wider_than_asked(bars: list[tuple[str, float | None]], unicode: bool) -> None:
    lines = durations("MTTR", bars, width=78, unicode=unicode)
    assert len(lines) == len(bars) + 3
    assert max(map(cell_len, lines)) <= 78


SERVICES = st.sampled_from(["shop", "a-service-with-a-very-long-name-indeed", "サービス-支払い-とても長い名前"])
CASES = st.builds(
    case, SERVICES, st.none() | st.floats(0, 1e8), st.sampled_from(["P0", "P1", "SEV-1", "SEV-2", "SEV-3", "none"]),
    month=st.integers(1, 12),
)  # fmt: skip
LONG = Goal("mttr", "MTTR, by quarter", None, -0.1, False, "not computable: " + "very long words of why " * 6, 605)


@given(st.lists(CASES, min_size=1, max_size=12), st.sampled_from([(), ("month",), ("service",), ("month", "service")]))
def test_no_line_of_the_table_is_wider_than_80_columns(cases: list[Case], by: tuple[str, ...]) -> None:
    groups, whole = grouped(cases, by), group((), cases)
    lines = [*table(groups, whole, [LONG], by), *chart(groups)]
    assert max(map(cell_len, lines)) <= 80
    assert sum(" median " in line for line in lines) >= (len(groups) if by else 0) + 1


def test_the_table_says_of_how_many_and_why_not_of_the_others() -> None:
    cases = [case(seconds=60.0), case(seconds=180.0), case(seconds=None, severity="P0")]
    lines = table(grouped(cases, ["month"]), group((), cases), [], ["month"])
    assert lines[:4] == [
        "month                MTTD       MTTA       MTTM       MTTR",
        "2026-01 mean           2m         2m         2m         2m",
        "        median         2m         2m         2m         2m",
        "        n             2/3        2/3        2/3        2/3",
    ]
    assert "2026-01    3    0    0 %    100 %    100 %  P0 1 P1 2" in lines
    assert "Time to resolve: not computable for 1 of 3: no detection time (1)" in lines


def test_a_goal_says_first_whether_it_is_reached() -> None:
    good = Goal("mttr", "MTTR, by quarter", -0.25, -0.1, False, "2026-Q1 (n 2) to 2026-Q2 (n 1)", 605)
    bad = Goal("response", "Response targets met", 0.5, 1.0, True, "P1 1 of 2", 604)
    lines = table([], group((), [case()]), [good, bad], [])
    assert "MTTR, by quarter: reached, -25 % (goal -10 %): 2026-Q1 (n 2) to 2026-Q2 (n 1)" in lines
    assert any(line.startswith("Response targets met: not reached, 50 % at the severity") for line in lines)
    assert table([], group((), []), [], []) == [
        "no incident counts: none was declared, or all were drills or merged into others"
    ]


def test_a_detection_that_is_dated_after_the_end_gives_the_document_no_duration() -> None:
    late = (kinds.Detected(source="customer"), 600.0)
    over = (kinds.StatusChange(status=Status.RESOLVED), 300.0)
    writer = Writer()
    entries = [writer.write(payload, after=after) for payload, after in ((kinds.Declared(name="x"), 0.0), over, late)]
    text = export(Timeline(entries), label="INC-1", now=START + timedelta(hours=1))
    assert "not computable (it is later) from detection and 5 min from declaration to resolution" in text
