"""`cockpit incident`: an incident's whole life from the shell, in words and as JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cli.shell import Shell


def kinds(document: Any) -> list[str]:
    return [entry["kind"] for entry in document]


def test_an_incident_is_lived_through_from_declaration_to_its_end(shell: Shell) -> None:
    def incident(*args: object) -> str:
        return shell("incident", *args).ok().out

    assert "no incident was declared yet" in incident("list")
    assert re.match(r"INC-\d{4}-001: .*payment-failure.*occurred \d{4}-\d\d-\d\d", incident("start", "payment-failure"))
    assert "P1" in incident("severity", "p1")
    assert "@alice" in incident("ack")
    assert "@bob" in incident("role", "ic", "bob")
    assert "the pool is exhausted" in incident("note", "the", "pool", "is", "exhausted")
    assert "scale out" in incident("decide", "scale", "out")
    assert "Declare the incident" in incident("check", "ic.initial.declare")
    assert "identified" in incident("status", "--to", "identified", "it is the pool")
    assert "pool doubled" in incident("mitigate", "pool doubled")
    assert "P2" in incident("severity", "p2", "--why", "half the traffic is back")
    assert "resolved" in incident("resolve", "all is well").lower()
    assert "broken again" in incident("reopen", "broken again")
    incident("resolve")
    assert "closed" in incident("close").lower()
    assert "payment-failure" in incident("list")

    lines = incident("--incident", f"INC-{datetime.now(UTC).year}-001", "timeline").splitlines()
    assert len(lines) == 14, "\n".join(lines)
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ", line) for line in lines)
    assert "the record is as it was written" in incident("verify")


def test_json_is_one_document_that_holds_what_was_written(shell: Shell) -> None:
    started = shell("--json", "incident", "start", "payment-failure", "p1", "--title", "Payments ‹fail›").ok().json
    assert kinds(started["entries"]) == ["declared", "severity"]
    assert started["entries"][0]["payload"]["title"] == "Payments ‹fail›"
    assert shell("incident", "note", "later flag", "--json").ok().json["entries"][0]["payload"]["text"] == "later flag"
    (listed,) = shell("incident", "list", "--json").ok().json
    shown = shell("incident", "show", "--json").ok().json
    assert shown == {**listed, "disagreements": []}, "no pager and no page has another opinion"
    assert (shown["label"], shown["severity"], shown["status"]) == (started["incident"], "P1", "investigating")
    assert kinds(shell("incident", "timeline", "--json").ok().json) == ["declared", "severity", "note"]
    verdict = shell("incident", "verify", "--json").ok().json
    assert (verdict["sound"], verdict["entries"], verdict["problems"]) == (True, 3, [])


def test_nothing_yet_is_said_as_such(shell: Shell) -> None:
    assert shell("incident", "list", "--json").ok().json == []
    assert shell("incident", "timeline", "--json").ok().json == []
    shell("incident", "show").wrong("there is no incident")
    shell("export").wrong("there is no incident to export")
    assert shell("incident", "verify").ok().out.startswith("0 entries")
    assert not shell.journal.exists(), "reading makes no file"


def test_a_back_dated_note_stands_where_it_happened_and_what_was_understood_is_echoed(shell: Shell) -> None:
    shell.declared()
    noted = shell("incident", "note", "--at", "-12m", "the first alarm", "--json").ok().json["entries"][0]
    occurred, recorded = (datetime.fromisoformat(noted[name].split("+")[0]) for name in ("occurred", "recorded"))
    assert recorded - occurred >= timedelta(minutes=12)
    assert kinds(shell("incident", "timeline", "--json").json)[0] == "note"
    iso = shell("incident", "note", "--at", "2026-01-31T03:41+02:00", "long ago").ok()
    assert "occurred 2026-01-31 01:41:00Z" in iso.out
    at = datetime.now(UTC) - timedelta(minutes=5)
    clock = shell("incident", "decide", "--at", f"{at:%H:%M}", "by the clock").ok()
    assert f"occurred {at:%Y-%m-%d %H:%M}:00Z" in clock.out
    printed = shell("incident", "timeline").ok().out
    assert re.search(r"long ago \(.*\d+ d\)", printed), "a late entry says how late it is"


def test_detection_has_its_own_time_and_source(shell: Shell) -> None:
    done = shell("incident", "start", "x", "--detected", "-20m", "--source", "customer", "--json").ok().json
    detected, declared = done["entries"]
    assert (detected["kind"], detected["payload"]["source"]) == ("detected", "customer")
    assert detected["occurred"] < declared["occurred"]


def test_a_false_alarm_and_a_drill_are_marked_as_such(shell: Shell) -> None:
    shell("incident", "start", "ghost", "--drill").ok()
    assert "DRILL" in shell("incident", "show").ok().out
    assert "DRILL" in shell("incident", "list").ok().out
    assert "a test alert" in shell("incident", "close", "--false-alarm", "a test alert").ok().out
    assert shell("incident", "list", "--json").json[0]["status"] == "closed"


def test_a_checklist_is_listed_ticked_opened_again_and_set_aside(shell: Shell) -> None:
    shell.declared()
    assert "[ ] ic.initial.page" in shell("incident", "checklist").ok().out
    shell("incident", "check", "ic.initial.page").ok()
    shell("incident", "check", "ic.initial.roles", "--not-applicable", "alone tonight").ok()
    listed = shell("incident", "checklist").ok().out
    assert "[x] ic.initial.page" in listed
    assert "[-] ic.initial.roles" in listed
    items = {item["id"]: item for each in shell("incident", "checklist", "--json").json for item in each["items"]}
    assert (items["ic.initial.page"]["state"], items["ic.initial.page"]["by"]) == ("done", "@alice")
    assert (items["ic.initial.roles"]["state"], items["ic.initial.roles"]["why"]) == ("not-applicable", "alone tonight")
    assert items["ic.initial.channel"]["state"] == "open"
    shell("incident", "check", "ic.initial.page", "--undo").ok()
    assert "[ ] ic.initial.page" in shell("incident", "checklist").ok().out


def test_who_speaks_and_in_which_role_is_in_the_entry(shell: Shell) -> None:
    shell.declared()
    entry = shell("--as", "carol", "--role", "scribe", "incident", "note", "hello", "--json").ok().json["entries"][0]
    assert (entry["actor"], entry["role"]) == ("@carol", "scribe")
    shell("incident", "role", "ops", "@alice").ok()
    entry = shell("incident", "note", "hello", "--json").ok().json["entries"][0]
    assert (entry["actor"], entry["role"]) == ("@alice", "ops")


def test_hostile_text_reaches_no_terminal_and_secrets_reach_no_record(shell: Shell) -> None:
    shell.declared()
    noted = shell("incident", "note", "\x1b]0;owned\x07 \x1b[31mred\x1b[0m \u202eevil password=hunter2").ok()
    assert "\x1b" not in noted.out
    assert "\u202e" not in noted.out
    assert "red" in noted.out
    assert "hunter2" not in noted.out
    for file in shell.journal.parent.iterdir():
        assert b"hunter2" not in file.read_bytes()


def test_of_several_incidents_the_one_that_is_meant_must_be_named(shell: Shell, outage_config: str) -> None:
    shell.declared()
    shell("--config", outage_config, "incident", "start", "other-failure", "p2").ok()
    shell("incident", "note", "which?").wrong("several incidents are open", "--incident", "payment-failure")
    shell("incident", "note", "this", "--incident", "other-failure").ok()
    year = datetime.now(UTC).year
    shell("incident", "note", "this", env={"COCKPIT_INCIDENT": f"INC-{year}-001"}).ok()
    assert kinds(shell("incident", "timeline", "--incident", f"inc-{year}-002", "--json").json)[-1] == "note"
    shell("incident", "note", "none", "--incident", "INC-1999-001").wrong("there is no incident", f"INC-{year}-002")
