"""One act on the command line: what comes along is offered and shown; without a terminal what was named is done."""

from __future__ import annotations

from pathlib import Path

import icalendar
import pytest

from tests.cli.answering import at_terminal
from tests.cli.shell import Shell

CONFIGURATION = """\
version: 1
services:
  payment-service: {{runbook: payment-service}}
channels:
  paper: {{type: file, path: {folder}/paper.txt}}
  hook: {{type: slack, webhook: {{command: [printf, "http://127.0.0.1:9/hook"]}}}}
audiences:
  internal: [paper]
  customers: [paper]
targets:
  on-call: {{channels: [paper], handles: ["@oncall"]}}
"""


@pytest.fixture
def told(shell: Shell) -> Shell:
    """A shell whose configuration has more than files, so that more is offered; it tells by a file all the same."""
    (shell.folder / "cockpit.yaml").write_text(CONFIGURATION.format(folder=shell.folder))
    return shell


def paper(shell: Shell) -> str:
    path = shell.folder / "paper.txt"
    return path.read_text() if path.exists() else ""


def test_without_a_terminal_the_declaration_is_made_and_the_rest_is_named(told: Shell) -> None:
    done = told("incident", "start", "payment-failure", "p1").ok()
    assert "not done, since nobody could be asked (--yes does it):\n  it pages on-call by paper" in done.out
    assert "cockpit export --incident INC-" in done.out
    assert paper(told) == ""
    data = told("incident", "start", "another", "--another", "--json").ok().json
    assert "pages on-call by paper" in data["not_done"]
    alone = told("incident", "start", "third", "--another", "--alone", "--json").ok().json
    assert "not_done" not in alone


def test_yes_does_all_but_what_the_public_reads(told: Shell) -> None:
    told("incident", "start", "payment-failure", "p1", "--yes").ok()
    assert "on-call is paged" in paper(told)
    assert "INCIDENT DECLARED" in paper(told)
    assert "investigating reports" not in paper(told), "nobody was shown what customers would read"


@pytest.mark.parametrize(("answer", "kept"), [("y", True), ("o", False), ("n", None)])
def test_at_a_terminal_it_is_shown_and_asked_once(told: Shell, answer: str, kept: bool | None) -> None:
    shown, code = at_terminal(told, [answer], "incident", "start", "payment-failure", "p1")
    assert "tells customers by paper: payment-service - Service Disruption" in shown
    assert "opens no incident channel: none is configured" in shown
    assert shown.count("do all of this?") == 1
    assert code == (1 if kept is None else 0)
    assert ("investigating reports" in paper(told)) is bool(kept)
    assert ("INC-2026" in told("incident", "list").out or "INC-20" in told("incident", "list").out) is (
        kept is not None
    )


def test_blanks_are_asked_and_what_is_not_for_the_public_is_asked_twice(told: Shell) -> None:
    told("incident", "start", "payment-failure", "p1", "--alone").ok()
    answers = ["db7.internal was full", "y", "n"]
    shown, code = at_terminal(told, answers, "incident", "resolve", "--tell", "customers")
    assert "a brief explanation of what happened" in shown
    assert "! what customers would read names the internal host db7.internal" in shown
    assert (code, paper(told)) == (1, "")
    shown, code = at_terminal(told, ["A disk was full", "y"], "incident", "resolve", "--tell", "customers")
    assert code == 0, shown
    assert "A disk was full." in paper(told)


def test_a_script_says_that_it_means_it(told: Shell) -> None:
    told("incident", "start", "payment-failure", "p1", "--alone").ok()
    line = ("message", "send", "--yes", "--to", "resolved", "--tell", "customers", "--set", "explanation=@alice did it")
    told(*line).wrong("what customers would read names a person: @alice", "--despite-warnings")
    shown = told("message", "preview", *line[3:]).ok().out
    assert shown.endswith("! what customers would read names a person: @alice\n")
    assert paper(told) == ""
    told(*line, "--despite-warnings").ok()
    assert "@alice did it" in paper(told)


def test_several_audiences_are_told_in_one_act(told: Shell) -> None:
    told("incident", "start", "payment-failure", "p1", "--alone").ok()
    sent = told("message", "send", "--yes", "--tell", "customers", "--tell", "internal", "--json").ok().json
    assert [each["state"] for each in sent] == ["sent", "sent"]
    told("message", "send", "--yes", "--tell", "nobody").wrong("there is no audience 'nobody'", "internal, customers")
    shown = told("message", "preview", "--tell", "customers", "--tell", "internal").ok().out
    assert (shown.count("to customers by"), shown.count("to internal by")) == (1, 1)


def test_a_resolution_says_how_it_went_and_when_it_is_looked_back_on(told: Shell, tmp_path: Path) -> None:
    told("incident", "start", "payment-failure", "p1", "--alone", "--detected", "-5m").ok()
    told("export", "--format", "ics").wrong("the post-mortem has a time when the incident is resolved")
    said = told("incident", "resolve", "all is well", "--alone").ok().out
    assert "measures: time to " in said
    assert "post-mortem: 20" in said
    told("export", "--format", "ics", "--output", tmp_path / "it.ics").ok()
    (event,) = icalendar.Calendar.from_ical((tmp_path / "it.ics").read_bytes()).walk("VEVENT")
    assert str(event["summary"]).startswith("Post-mortem: INC-")


def test_show_says_where_page_and_record_disagree(told: Shell) -> None:
    told("incident", "start", "payment-failure", "p1", "--announce", "--yes").ok()
    assert told("incident", "show", "--json").ok().json["disagreements"] == []
    told("incident", "resolve", "all is well", "--alone").ok()
    assert "disagrees  the record is resolved, the public page says investigating" in told("incident", "show").ok().out
    (found,) = told("incident", "show", "--json").ok().json["disagreements"]
    assert (found["where"], "message send" in found["mend"]) == ("page", True)
