"""`cockpit message` and `cockpit export`: what is told to others, once, and the record as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell

CONFIGURATION = """\
version: 1
channels:
  paper: {type: file, path: messages.txt}
  broken: {type: file, path: file/below.txt}
audiences:
  customers: [paper]
"""


@pytest.fixture
def told(shell: Shell) -> Shell:
    """A shell whose customers read a file, with an incident."""
    (shell.folder / "cockpit.yaml").write_text(CONFIGURATION.replace("path: ", f"path: {shell.folder}/"))
    return shell.declared()


def written(shell: Shell) -> str:
    path = shell.folder / "messages.txt"
    return path.read_text() if path.exists() else ""


def ids(shell: Shell) -> list[str]:
    return [each["message"] for each in shell("message", "list", "--json").ok().json]


def test_a_message_is_previewed_sent_once_and_listed(told: Shell) -> None:
    assert "nothing was sent yet" in told("message", "list").ok().out
    preview = told("message", "preview").ok().out
    assert "to customers by paper" in preview
    assert "(status-page-initial)" in preview
    assert told("message", "preview", "--json").ok().json["template"] == "status-page-initial"
    assert written(told) == ""
    assert ids(told) == []

    asked = told("message", "send", stdin="n\n")
    assert asked.code == 130
    assert written(told) == ""
    sent = told("message", "send", "--yes", "--to", "identified", "it is the pool", "--json").ok().json
    assert sent["sent"] is True
    assert written(told).count(f"=== message {sent['message']}") == 1
    kinds = [entry["kind"] for entry in told("incident", "timeline", "--json").json]
    assert kinds[-3:] == ["status", "message", "delivery"]
    assert told("incident", "show", "--json").json["status"] == "identified"
    (listed,) = told("message", "list", "--json").ok().json
    assert (listed["message"], listed["state"]) == (sent["message"], "sent")
    assert "sent" in told("message", "list").ok().out
    told("message", "retry").wrong("every message was delivered")
    told("message", "retry", sent["message"]).wrong("no undelivered message")


def test_what_no_channel_took_is_recorded_and_tried_again(told: Shell) -> None:
    (told.folder / "messages.txt").mkdir()
    told("message", "send", "--yes").failed("recorded, and not delivered", "paper", "message retry")
    (waiting,) = ids(told)
    told("message", "retry", waiting).failed("not delivered", waiting)
    (told.folder / "messages.txt").rmdir()
    assert [each["sent"] for each in told("message", "retry", "--json").ok().json] == [True]
    assert written(told).count(f"=== message {waiting}") == 1


def test_a_message_that_reaches_nobody_is_refused(shell: Shell) -> None:
    shell.declared()
    shell("message", "send", "--yes").wrong("no channel reaches 'customers'", "audiences")
    assert ids(shell) == []


def test_nothing_is_sent_without_an_incident_or_read_only(told: Shell) -> None:
    told("--read-only", "message", "send", "--yes").wrong("--read-only")
    told("incident", "close", "--false-alarm", "a test").ok()
    told("message", "send", "--yes").wrong("no open incident")
    assert written(told) == ""


def test_the_record_is_exported_as_markdown_and_json(told: Shell, tmp_path: Path) -> None:
    told("incident", "note", "<script>alert(1)</script> | *not bold* ‹é›").ok()
    markdown = told("export").ok().out
    assert markdown.startswith("# ")
    assert "\\<script>" in markdown
    assert markdown.count("<script>") == markdown.count("\\<script>"), "no raw HTML"
    document = told("export", "--format", "json").ok().json
    assert document == told("export", "--json").ok().json
    assert [entry["kind"] for entry in document["entries"]] == ["declared", "severity", "note"]
    assert "written: out.md" in told("export", "--output", "out.md").ok().out
    assert (tmp_path / "out.md").read_text().splitlines()[0] == markdown.splitlines()[0]
    told("export", "--format", "json", "--output", "out.json").ok()
    assert json.loads((tmp_path / "out.json").read_text()) == document
    told("export", "--output", "no/such/folder.md").failed("no/such/folder.md", "--output")
    assert told("export", "--output", "-").ok().out.startswith("# INC-")
    assert told("review", "--output", "-").ok().out.startswith("# Review of INC-")
    assert not (told.folder / "-").exists()


def test_a_closed_incident_is_exported_and_opened_again_by_its_label(told: Shell) -> None:
    label = told("incident", "show", "--json").json["label"]
    told("incident", "resolve").ok()
    told("incident", "close").ok()
    assert told("--incident", label, "export").ok().out.startswith("# ")
    told("incident", "reopen", "not over").wrong("incident list", "--incident")
    told("incident", "reopen", "not over", "--incident", label).ok()
    assert told("incident", "show", "--json").json["status"] == "investigating"
