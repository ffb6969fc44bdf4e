"""YAML that is written: it reads back as the same runbook, and it reads well."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config import Bound, Earlier
from cockpit.runbook.actions import Command, Get, Sql, Wait
from cockpit.runbook.library import Library
from cockpit.runbook.model import Cited, Procedure, Runbook, Source, Step, Template, Threshold
from cockpit.runbook.parameters import FromStep, Parameter
from cockpit.runbook.reader import parse_runbook
from cockpit.runbook.writer import duration, to_yaml

AT = Source(file="a.md", line=3)
TEXT = st.text(min_size=1, max_size=120).filter(lambda text: text.strip() != "")
LONG = st.lists(TEXT, min_size=1, max_size=5).map("\n".join)


@st.composite
def steps(draw: st.DrawFn, number: int) -> Step:
    action = draw(
        st.sampled_from((None, Get(kind="kubernetes", verb="get", resource="pods"), Wait(kind="wait", duration=90.5)))
        | st.builds(lambda words: Command(kind="command", argv=tuple(words)), st.lists(TEXT, min_size=1, max_size=4))
        | st.builds(lambda script: Command(kind="command", shell=script), LONG)
        | st.builds(lambda statement: Sql(kind="sql", statement=statement, timeout=3.0), LONG)
    )
    return Step(
        id=f"s{number}",
        title=draw(TEXT),
        action=action,
        manual="" if action else draw(LONG),
        command="" if action else draw(TEXT | st.just("")),
        condition=draw(TEXT | st.just("")),
        expected=draw(LONG),
        note=draw(TEXT | st.just("")),
        timeout=draw(st.sampled_from((None, 1.0, 90.0, 3661.5, 86400.0))),
        parameters=(
            Parameter.model_validate({"name": "a", "default": draw(st.text("ab1 .:-", min_size=1)), "from": "pod"}),
            Parameter.model_validate(
                {"name": "b", "from": {"step": "s0"}, "choices": draw(st.lists(TEXT, max_size=3))}
            ),
        ),
        source=draw(st.sampled_from((AT, Source(file="b.md", line=7)))),
    )


@st.composite
def runbooks(draw: st.DrawFn) -> Runbook:
    found = tuple(draw(steps(number)) for number in range(draw(st.integers(1, 3))))
    bound = Bound(comparison=">", value=draw(st.sampled_from((0.0, 5.0, 0.25, -3.0, 1e12))))
    return Runbook(
        title=draw(TEXT),
        document=draw(st.sampled_from(("", "a.md"))),
        version=draw(TEXT | st.sampled_from(("2.1", "yes", "null", "0x10", "1e3", "12:30:00", "2025-01-01", "~"))),
        thresholds=(
            Threshold(id="t", title=draw(TEXT), unit="percent", breach=bound, window=600.0, source=AT),
            Threshold(
                id="n",
                title=draw(TEXT),
                unit="count",
                breach="> 80 % of normal",
                clear="< 70 % of normal",
                source=AT,
                keep_firing_for=draw(st.sampled_from((0.0, 90.0))),
                pods=draw(st.sampled_from((None, "crashing"))),
                baseline=draw(st.sampled_from((None, 12.5, Earlier(offset=86400.0), Earlier(offset=600.0, over=60.0)))),
            ),
        ),
        procedures=(Procedure(id="p", title=draw(TEXT), steps=found, source=AT),),
        communications=(Cited(text=draw(LONG), source=AT),),
        templates=(Template(id="m", title="m", text=draw(LONG), source=AT),),
        source=AT,
    )


@given(runbooks())
@settings(max_examples=120, deadline=None)
def test_it_reads_back_as_the_same_runbook(runbook: Runbook) -> None:
    assert parse_runbook(to_yaml(runbook).encode(), "x.yaml") == runbook


@pytest.mark.parametrize("name", Library().names())
def test_the_shipped_runbooks_read_back_as_they_are(name: str) -> None:
    runbook = Library().runbook(name)
    assert parse_runbook(to_yaml(runbook).encode(), "x.yaml") == runbook


def test_what_is_not_said_stands_nowhere_and_long_texts_stand_as_they_are() -> None:
    step = Step(id="a", title="Look", action=Sql(kind="sql", statement="SELECT 1\nFROM t;"), timeout=300.0, source=AT)
    runbook = Runbook(
        title="Orders",
        document="a.md",
        procedures=(Procedure(id="p", title="Looking", steps=(step,), source=AT),),
        source=AT,
    )
    assert to_yaml(runbook) == (
        "title: Orders\nsource: 3\ndocument: a.md\n"
        "\n# What belongs to no one scenario.\n"
        "procedures:\n  - id: p\n    title: Looking\n    source: 3\n    steps:\n"
        "      - id: a\n        title: Look\n        source: 3\n"
        "        action:\n          kind: sql\n          statement: |-\n            SELECT 1\n            FROM t;\n"
        "        timeout: 5m\n"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.5, "0.5s"),
        (1.0, "1s"),
        (60.0, "1m"),
        (90.0, "1m30s"),
        (5400.0, "1h30m"),
        (172800.0, "2d"),
        (3600.25, "1h0.25s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_parameter_from_a_step_is_written_under_its_key() -> None:
    given = Parameter.model_validate({"name": "pod", "from": FromStep(step="a")})
    step = Step(id="a", title="x", manual="y", parameters=(given,), source=AT)
    runbook = Runbook(
        title="t", document="a.md", procedures=(Procedure(id="p", title="p", steps=(step,), source=AT),), source=AT
    )
    assert "from: {step: a}" in to_yaml(runbook)
