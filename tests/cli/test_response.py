"""What responders type during an incident, from the shell: corrections, drills, announcements, duplicates."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.shell import Shell
from tests.room.rooms import CONFIGURATION
from tests.terminals import Terminal

TARGETS = "targets:\n  database-team: {{channels: [paper], handles: ['@dba']}}\n"


def configured(shell: Shell) -> Shell:
    """With a configuration in the shell's folder: a channel, an audience and a target."""
    text = f"{CONFIGURATION}{TARGETS}".format(folder=shell.folder, context="prod-eu")
    (shell.folder / "cockpit.yaml").write_text(text)
    return shell


def test_what_was_said_is_amended_and_what_slipped_in_is_erased(shell: Shell) -> None:
    def incident(*args: object) -> str:
        return shell("incident", *args).ok().out

    shell.declared("--detected", "-20m", "--source", "customer")
    assert "impact: all cards, merchants, getting worse" in incident(
        "impact", "all cards", "--who", "merchants", "--trend", "worse"
    )
    incident("hypothesis", "the pool is exhausted")
    assert "H1 confirmed: the pool is exhausted – 100 of 100" in incident("hypothesis", "H1", "--confirm", "100 of 100")
    incident("action-item", "raise the pool", "--owner", "bob", "--due", "5d")
    noted = incident("note", "--at", "-12m", "Lindqvist called")
    assert re.search(r"occurred \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(added \+12 m\)", noted)
    assert "(amended)" in incident("amend", "last", "--text", "Lindqvist rang")
    lines = incident("timeline").splitlines()
    (line,) = [line for line in lines if "Lindqvist" in line]
    assert "Lindqvist rang (amended)" in line
    ref = line.split()[2]
    assert re.fullmatch(r"[0-9a-f]{6}", ref)
    shell("incident", "redact", ref, "--why", "Lindqvist is a name").wrong("repeats words")
    asked = shell("incident", "redact", ref, "--why", "a name slipped in").wrong("--yes")
    assert f"erases for good, in every copy, {ref}" in asked.err
    assert "Lindqvist" in incident("timeline")
    erased = incident("redact", ref, "--why", "a name slipped in", "--yes")
    assert erased.count("redacted") == 2
    everything = [incident("timeline", "--all"), incident("timeline", "--json"), incident("show", "--json"),
                  shell("export").ok().out]  # fmt: skip
    assert not [out for out in everything if "Lindqvist" in out]
    assert "superseded by" in everything[0]
    assert "customer" not in incident("timeline", "--since", "-5m")
    shown = incident("show")
    for words in ("detected ", "impact     all cards, merchants, trend worse", "hypothesis H1 confirmed",
                  "to do      AI1 open: raise the pool (@bob"):  # fmt: skip
        assert words in shown
    assert "the record is as it was written" in incident("verify")


def test_several_effects_are_asked_once_and_a_drill_reaches_nothing(shell: Shell, tmp_path: Path) -> None:
    configured(shell)
    bot = ("start", "payment-failure", "p1", "--page", "database-team", "--announce")
    asked = shell("incident", *bot).wrong("declares P1 payment-failure", "no terminal", "--yes")
    assert "pages database-team by paper; tells customers by paper" in asked.err
    assert not shell.journal.exists() or shell("incident", "list", "--json").json == []
    with Terminal(shell.argv("incident", *bot), env=shell.env(TERM="xterm"), cwd=tmp_path) as terminal:
        terminal.expect(r"do all of this\?")
        terminal.send("n\r")
        terminal.expect("nothing was recorded and nothing was sent")
        assert terminal.process.wait(30) == 1
    assert shell("incident", "list", "--json").json == []
    drilled = shell("drill", *bot, "--yes", "--json").ok().json
    assert [entry["kind"] for entry in drilled["entries"]] == ["declared", "severity", "page", "message", "message"]
    assert all(message["sent"] for message in drilled["messages"])
    assert not (tmp_path / "messages.txt").exists()
    assert "DRILL: " in (tmp_path / "messages.txt.drill").read_text()
    assert "payment-failure · DRILL" in shell("drill", "list").ok().out
    assert "paged network-team – by hand" in shell("incident", "page", "network-team").ok().out
    shell("incident", "resolve", "--announce", "--yes").wrong("--set explanation=TEXT")
    shell("incident", "close", "--false-alarm", "over").ok()
    assert shell("incident", "list", "--open").ok().out == "no incident is open\n"


def test_the_id_of_a_duplicate_leads_to_the_incident_that_goes_on(shell: Shell, outage_config: str) -> None:
    shell.declared()
    shell("--config", outage_config, "incident", "start", "checkout-errors", "p2").ok()
    first, second = sorted(each["label"] for each in shell("incident", "list", "--json").ok().json)
    merged = shell("--incident", first, "incident", "merge", second, "the same pool").ok().out
    assert f"{second} merged into this one: the same pool" in merged
    shown = shell("--incident", second, "incident", "show")
    assert (shown.code, shown.err) == (
        0, f"cockpit: {second} was merged into {first}; --unmerged shows its own record\n",
    )  # fmt: skip
    assert shown.out.startswith(f"{first} payment-failure")
    own = shell("--incident", second, "incident", "show", "--unmerged").ok().out
    assert own.startswith(f"{second} checkout-errors · P2 · closed · merged into {first}")
    listed = shell("incident", "list").ok().out.splitlines()
    assert re.search(rf"^{first} +P1 +investigating +page in \d", listed[0])
    assert re.search(rf"^{second} +P2 +merged .*merged into {first}", listed[1])
    shell("incident", "note", "only one is open now").ok()
