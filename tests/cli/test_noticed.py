"""`cockpit incident start` where the record's own signals know who noticed it first: asked, said, or taken by name."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.requests import Facts
from tests.cli.answering import at_terminal
from tests.cli.shell import Shell


@pytest.fixture
def noticed(shell: Shell) -> Shell:
    """A shell in whose record a cockpit has written of a breach, ten minutes after it began."""
    crossed = kinds.ThresholdCrossed(
        id="error-rate", title="Error rate", before="ok", state="breach", value=12.4, unit="percent", bound="> 5",
    )  # fmt: skip

    async def watch() -> None:
        options = Options({}, shell.folder, actor="@alice", journal=shell.journal)
        house = await open_house(options, SystemClock())
        began = datetime.now(UTC) - timedelta(minutes=10)
        await house.room.perform(Facts(lambda _: [(crossed, began)], actor="cockpit"))
        await house.close()

    asyncio.run(watch())
    return shell


def detected(shell: Shell) -> list[dict[str, str]]:
    """The detections of the record."""
    timeline = shell("incident", "timeline", "--json").ok().json
    return [entry["payload"] for entry in timeline if entry["kind"] == "detected"]


def test_by_name_it_is_taken_with_its_evidence(noticed: Shell) -> None:
    noticed("incident", "start", "--from", "signals").wrong("Missing argument 'NAME'")
    noticed("incident", "start", "x", "--from", "signals", "--source", "customer").wrong("leave --source out")
    said = noticed("incident", "start", "errors", "--from", "signals").ok().out
    assert "detected by monitoring: Error rate 12.4 % over 5 %" in said
    (found,) = detected(noticed)
    assert (found["source"], found["what"]) == ("monitoring", "Error rate 12.4 % over 5 %")
    entries = noticed("incident", "timeline", "--json").ok().json
    assert found["seen"] in [entry["id"] for entry in entries if entry["kind"] == "threshold"]
    measured = noticed("measures", "--json").ok()
    assert re.search(r'"detect"', measured.out)
    noticed("incident", "start", "again", "--another", "--from", "signals").wrong("tell of nothing that is amiss now")


def test_where_nobody_can_be_asked_it_is_said_and_not_set(noticed: Shell) -> None:
    said = noticed("incident", "start", "errors").ok().out
    assert "no detection was recorded; a cockpit saw it first at " in said
    assert detected(noticed) == []
    command = re.search(r"cockpit (incident detected monitoring --at \S+) records that", said)
    assert command is not None
    noticed(*command[1].split()).ok()
    assert [each["source"] for each in detected(noticed)] == ["monitoring"]


@pytest.mark.parametrize("answer", ["y", "n"])
def test_at_a_terminal_it_is_asked(noticed: Shell, answer: str) -> None:
    shown, code = at_terminal(noticed, [answer], "incident", "start", "errors")
    assert code == 0, shown
    assert "Error rate 12.4 % over 5 %. Detected so? [y/N]" in shown
    assert len(detected(noticed)) == (answer == "y")


def test_who_says_it_is_not_asked(noticed: Shell) -> None:
    said = noticed("incident", "start", "errors", "--source", "customer").ok().out
    assert "a cockpit saw" not in said
    assert [each["source"] for each in detected(noticed)] == ["customer"]


def test_it_is_among_the_proposals_until_somebody_declares(noticed: Shell) -> None:
    """As the dialog has it: what the cockpits saw by themselves proposes an incident as an alert does."""
    said = noticed("incident", "proposals").ok().out
    assert re.fullmatch(
        r"\(no service\)  a cockpit saw it first at \d\d:\d\d:\d\dZ: Error rate 12\.4 % over 5 %; "
        r"`incident start NAME --from signals` declares it\n", said,
    )  # fmt: skip
    (found,) = noticed("incident", "proposals", "--json").ok().json
    (seen,) = found["seen"]
    assert (found["alerts"], found["severity"], found["service"]) == ([], None, "")
    assert seen["what"] == "Error rate 12.4 % over 5 %"
    assert datetime.fromisoformat(seen["began"]) < datetime.fromisoformat(seen["at"])
    entries = noticed("incident", "timeline", "--json").ok().json
    assert seen["entry"] in [entry["id"] for entry in entries if entry["kind"] == "threshold"]
    assert noticed("incident", "proposals", "--service", "other").ok().out == said, "it may be about any"
    noticed("incident", "start", "errors", "--from", "signals").ok()
    assert noticed("incident", "proposals").ok().out == (
        "no alert proposes an incident, and no cockpit saw anything amiss\n"
    )
    assert noticed("incident", "proposals", "--json").ok().json == []
