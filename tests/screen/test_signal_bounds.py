"""How the signals pane writes a bound in the few cells that it has."""

from __future__ import annotations

import pytest
from screen.staged import signal
from scribe.story import at

from cockpit.room.live.courses import Course, Sample
from cockpit.screen.chart.drawing import Limit
from cockpit.screen.chart.facts import reading
from cockpit.screen.panes.signal_rows import bound_words


@pytest.mark.parametrize(
    ("unit", "bound", "words"),
    [
        ("percent", "> 5", ">5"),
        ("seconds", "> 2", ">2"),
        ("seconds", "> 1800", ">30min"),
        ("bytes", "> 536870912", ">512MiB"),
        ("bytes", "> 512", ">512B"),
        ("count", "> 1000000", ">1000000"),
    ],
)
def test_a_bound_is_as_short_as_it_can_be_read(unit: str, bound: str, words: str) -> None:
    assert bound_words(signal("s", "S", unit, 1.0, "ok", bound)) == words


@pytest.mark.parametrize(
    ("unit", "level", "words"),
    [("per-minute", 700.0, "<700"), ("count", 60_000.0, "<60000"), ("bytes", 3 << 30, "<3GiB")],
)
def test_a_part_of_what_is_normal_is_the_number_that_it_is_now(unit: str, level: float, words: str) -> None:
    normal = signal("s", "S", unit, 1.0, "warning", "< 70 % of normal", warning_level=level, baseline=level / 0.7)
    assert bound_words(normal) == words


def test_a_chart_writes_a_large_bound_as_people_do() -> None:
    read, size = at("10:20"), float(600 << 20)
    memory = signal("m", "Memory", "bytes", size, "breach", "> 536870912")
    course = Course((Sample(read, size),), 60.0)
    limit = Limit("breach", ">", float(512 << 20), True, "bad")
    said = "".join(span.text for span in reading(memory, [course], [limit], read, loading=False))
    assert "over 512 MiB" in said
