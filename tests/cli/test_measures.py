"""`cockpit measures` as people and programs call it: over many incidents, of one, refused, and in a poor terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell

TWO = """\
version: 1
services:
  shop: {policy: incident-response-plan}
  till: {policy: payment-service}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A house of two services."""
    (tmp_path / "cockpit.yaml").write_text(TWO)
    return Shell(tmp_path)


def test_a_story_of_an_incident_and_a_drill_and_what_is_measured_of_it(shell: Shell) -> None:
    start = ("--service", "shop", "--source", "monitoring")
    shell("incident", "start", "payment-failure", "p1", "--detected", "-30m", *start).ok()
    label = shell("measures", "--json").ok().json["incidents"][0]["label"]
    first = ("--incident", label)
    shell("incident", "ack", "--at", "-20m", *first).ok()
    shell("incident", "mitigate", "rolled back", "--at", "-10m", *first).ok()
    shell("incident", "resolve", *first).ok()
    shell("incident", "close", *first).ok()
    shell("incident", "start", "fire", "p0", "--drill", "--service", "till").ok()

    data = shell("measures", "--json").ok().json
    (case,) = data["incidents"]
    assert (case["label"], case["service"], case["severity"], case["open"]) == (label, "shop", "P1", False)
    took = case["measures"]
    assert took["acknowledge"]["seconds"] == pytest.approx(600, abs=120)
    assert took["detect"] == {
        "seconds": None, "entries": [], "why": "not computable: nothing says when it began", "counts": None
    }  # fmt: skip
    known = {entry["id"]: entry for entry in shell("export", "--format", "json", *first).ok().json["entries"]}
    for measure in took.values():
        assert all(id in known for id in measure["entries"])
    assert [known[id]["kind"] for id in took["mitigate"]["entries"]] == ["detected", "mitigation"]
    assert data["all"]["seconds"]["resolve"]["of"] == [label]
    assert [goal["line"] for goal in data["goals"]] == [604, 605, 606]

    text = shell("measures", "--by", "month,service").ok().out
    assert "shop" in text
    assert "till" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "not computable for 1 of 1: nothing says when it began (1)" in " ".join(text.split())

    chart = shell("measures", "--chart", env={"TERM": "dumb", "PYTHONIOENCODING": "ascii"}).ok().out
    assert chart.isascii()
    assert "MTTR: mean time to resolve, minutes" in chart
    assert "####" in chart

    one = shell("measures", label).ok().out
    assert "Time to detect                   not computable: nothing says when it began" in one
    assert f"[{took['resolve']['entries'][0][-6:]} {took['resolve']['entries'][1][-6:]}]" in one
    drill = shell("measures", f"{label[:-1]}2", "--json").ok().json
    assert (drill["counts"], drill["why-not"]) == (False, "a drill: it counts in no measure")


def test_what_cannot_be_asked_is_refused_in_one_line(shell: Shell) -> None:
    shell("measures", "--by", "week").wrong("--by week", "month or service", "month,service")
    shell("measures", "--since", "soon").wrong("--since soon", "2026-01-31", "90d")
    shell("measures", "INC-9").wrong("there is no incident 'INC-9'")
    shell("measures", "--service", "fleet").wrong("'fleet'", "there are none")
