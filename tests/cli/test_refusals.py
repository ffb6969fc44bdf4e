"""A request that is wrong gets one line that says what, why and what to do, and exit code 2; nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from tests.cli.shell import Shell


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One declared incident on which every wrong request is tried; at the end it has nothing but its beginning."""
    shell = Shell(tmp_path_factory.mktemp("declared")).declared()
    yield shell
    journal = Journal.open(shell.journal, SystemClock(), read_only=True)
    assert journal.position() == 2, "a refused request left something in the record"
    journal.close()


REQUESTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "unknown command": (("lunch",), ("lunch", "--help")),
    "unknown request": (("incident", "lunch"), ("lunch", "--help")),
    "unknown option": (("incident", "note", "--loud", "x"), ("--loud", "--help")),
    "unknown severity": (("incident", "severity", "p9", "--why", "x"), ("p9", "P0, P1, P2")),
    "severity without why": (("incident", "severity", "p2"), ("--why",)),
    "same severity": (("incident", "severity", "P1"), ("P1 already",)),
    "unknown role": (("incident", "role", "king", "@bob"), ("king", "ic")),
    "no handle": (("incident", "role", "ic", "bob smith;"), ("bob smith;", "@alice")),
    "unknown item": (("incident", "check", "ic.lunch"), ("ic.lunch", "incident checklist")),
    "unknown status": (("incident", "status", "--to", "panicking"), ("panicking", "identified")),
    "nothing new": (("incident", "status"), ("say what is new",)),
    "declared twice": (("incident", "start", "again"), ("already declared", "payment-failure")),
    "note without words": (("incident", "note"), ("TEXT",)),
    "note of controls": (("incident", "note", "\x1b[0m\u202e"), ("empty", "words")),
    "future": (("incident", "note", "--at", "2999-01-01T00:00Z", "x"), ("2999-01-01 00:00:00Z", "future")),
    "far past": (("incident", "note", "--at", "-99999999d", "x"), ("longer than ten years",)),
    "no time": (("incident", "note", "--at", "teatime", "x"), ("teatime", "-12m")),
    "future detection": (("incident", "start", "x", "--detected", "2999-01-01"), ("future",)),
    "unknown detection": (("incident", "start", "x", "--source", "rumour"), ("rumour", "customer")),
    "not resolved": (("incident", "close"), ("not resolved", "--false-alarm")),
    "open already": (("incident", "reopen", "why not"), ("open", "investigating")),
    "unknown incident": (("--incident", "INC-1999-007", "incident", "show"), ("INC-1999-007",)),
    "unknown service": (("--service", "shop", "incident", "note", "x"), ("shop",)),
    "read-only": (("--read-only", "incident", "note", "x"), ("--read-only",)),
    "handle of controls": (("--as", "a\x1b]0;x\x07 b", "incident", "note", "x"), ("no handle", "@alice")),
    "context alone": (("--context", "prod", "signals", "--once"), ("--namespace", "--selector")),
    "unknown runbook": (("runbook", "show", "tea"), ("tea",)),
    "unknown template": (("message", "preview", "--template", "poem"), ("poem", "status-page-initial")),
    "field without value": (("message", "preview", "--set", "lonely"), ("lonely", "NAME=TEXT")),
    "unknown message": (("message", "retry", "0195"), ("no undelivered message", "0195")),
    "no runbook": (("runbook", "run", "crashloop.rollback"), ("no runbook", "configuration")),
    "unknown scenario": (("simulate", "flood"), ("flood", "bad-release")),
    "speed": (("simulate", "--speed", "0"), ("--speed",)),
    "unknown format": (("export", "--format", "poem"), ("poem", "markdown")),
    "unknown service, no record": (("--service", "shop", "doctor"), ("shop",)),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_wrong_request_is_refused_in_one_line(declared: Shell, case: str) -> None:
    args, words = REQUESTS[case]
    done = declared(*args).wrong(*words)
    assert done.out == ""
    assert not any(ord(c) < 32 and c != "\n" for c in done.err), "control characters came back"


def test_a_handle_from_the_environment_is_held_to_the_same(declared: Shell) -> None:
    for hostile in ("eve\x1b[31m x", "\u202eevil name", "a\nb c", "x" * 65):
        declared("incident", "note", "x", env={"COCKPIT_AS": hostile}).wrong("no handle")


def test_a_screen_is_refused_without_a_terminal(declared: Shell, tmp_path: Path) -> None:
    label = f"INC-{datetime.now(UTC).year}-001"
    declared().failed("no terminal", "incident show")
    declared(label).failed("no terminal")
    declared("demo", "--directory", tmp_path / "demo").failed("no terminal")
    assert not (tmp_path / "demo").exists(), "it was refused before anything was begun"


def test_help_and_version_are_no_errors(declared: Shell) -> None:
    assert "Without a command it opens the cockpit" in declared("--help").ok().out
    assert "incident start payment-failure p1" in declared("incident", "start", "--help").ok().out
    assert declared("--version").ok().out.startswith("cockpit, version ")


def test_a_group_without_a_command_shows_what_there_is(declared: Shell) -> None:
    """As a table of commands, as `--help` has it; it was no request, so nothing is on stdout, and the code is 2."""
    for group in ("incident", "runbook", "message", "drill"):
        done = declared(group)
        assert done.code == 2, done
        assert done.out == ""
        assert done.err.startswith(f"Usage: cockpit {group} ")
        assert "\nCommands:\n" in done.err, "it is a table"
