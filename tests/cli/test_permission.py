"""Permission on the command line: the preview says who may, and --break-glass does it once, with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell

CONFIGURATION = """\
version: 1
runbooks: [runbooks]
services:
  shop: {runbook: shop}
roles:
  ops: {may: [read, change, destroy]}
  ic: {may: [read, severity, resolve, close]}
  scribe: {may: [read]}
  observer: {may: [read]}
channels:
  paper: {type: file, path: messages.txt}
audiences:
  customers: [paper]
"""
RUNBOOK = """\
title: Shop
service: shop
procedures:
  - id: one
    title: One
    steps:
      - {id: one.look, title: Look, risk: read-only, action: {kind: command, argv: [echo, seen]}}
      - {id: one.touch, title: Touch it, risk: changing, action: {kind: command, argv: [touch, touched]}, verify: []}
"""


@pytest.fixture
def scribe(tmp_path: Path) -> Shell:
    """The shell of @ada, the scribe of an incident that has an ops lead."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "shop.yaml").write_text(RUNBOOK)
    (tmp_path / "cockpit.yaml").write_text(CONFIGURATION)
    shell = Shell(tmp_path)
    shell("incident", "start", "checkout", "p1").ok()
    shell("incident", "role", "ops", "@bob").ok()
    shell("incident", "role", "scribe", "@ada").ok()
    return Shell(tmp_path, {"COCKPIT_AS": "@ada"})


def kinds(shell: Shell) -> list[str]:
    return [entry["kind"] for entry in shell("incident", "timeline", "--json").ok().json]


def test_a_step_that_the_role_may_not_run(scribe: Shell) -> None:
    why = "as scribe you may not change things (roles in cockpit.yaml:8); @bob (ops) may"
    planned = scribe("runbook", "run", "one.touch", "--dry-run")
    assert planned.code == 1
    assert planned.out.startswith(f"not permitted: {why}\n$ touch touched\n")
    refused = scribe("runbook", "run", "one.touch", "--yes")
    assert (refused.code, refused.err) == (
        1,
        f"cockpit: {why}; `--break-glass WHY` does it all the same, and the record says so\n",
    )
    assert not (scribe.folder / "touched").exists()
    assert "run-intent" not in kinds(scribe)
    assert scribe("runbook", "run", "one.look").code == 0
    done = scribe("runbook", "run", "one.touch", "--yes", "--break-glass", "bob does not answer")
    assert done.code == 0, done
    assert (scribe.folder / "touched").exists()
    told = [entry for entry in scribe("incident", "timeline", "--json").ok().json if entry["actor"] == "@ada"]
    own = ["run-intent", "run-result", "break-glass", "run-intent", "run-result"]
    assert [entry["kind"] for entry in told][:5] == own
    broken, intent = told[2:4]
    assert broken["payload"]["run"] == intent["payload"]["run"]
    assert broken["text"] == "broke the glass to change things: Touch it – bob does not answer"
    assert scribe("runbook", "run", "one.touch", "--yes").code == 1


def test_the_incidents_own_deeds(scribe: Shell) -> None:
    scribe("incident", "severity", "p2", "--why", "less").wrong(
        "as scribe you may not set the severity", "--break-glass WHY"
    )
    scribe("incident", "resolve", "over").wrong("may not resolve the incident")
    update = ("message", "send", "--to", "resolved", "--yes", "--set", "explanation=it was the release")
    scribe(*update, "over").wrong("may not resolve the incident", "--break-glass WHY")
    scribe("incident", "close", "--false-alarm", "none").wrong("may not close the incident")
    done = scribe("incident", "severity", "p2", "--why", "less", "--break-glass", "no ic").ok()
    assert "broke the glass to set the severity: p2 – no ic" in done.out
    scribe("incident", "role", "ic", "@ada").ok()
    scribe("incident", "resolve", "over").ok()
    scribe("--role", "observer", "--as", "@eve", "incident", "note", "x").wrong("as an observer you look")
