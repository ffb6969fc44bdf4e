"""Commands on several machines with one shared record, and what they say when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.postgres import Server, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A database server for this file."""
    with running() as found:
        yield found


def machine(folder: Path, dsn: str, handle: str) -> Shell:
    """A shell on a machine of its own."""
    folder.mkdir()
    return Shell(folder, {"COCKPIT_RECORD": dsn, "COCKPIT_AS": handle})


def test_what_one_command_writes_the_next_machine_reads(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    ada, bob = machine(tmp_path / "a", dsn, "@ada"), machine(tmp_path / "b", dsn, "@bob")
    assert "INC-" in ada("incident", "start", "checkout", "p1").ok().out
    (listed,) = bob("incident", "list", "--json").ok().json
    assert (listed["label"][-4:], listed["name"]) == ("-001", "checkout")
    bob("incident", "note", "bob is here").ok()
    assert "bob is here" in ada("incident", "timeline").ok().out
    assert bob("incident", "verify").ok().out.count("writer ") == 2


def test_away_it_is_said_how_much_waits_and_nothing_is_lost(tmp_path: Path, server: Server) -> None:
    dsn = server.database()
    ada = machine(tmp_path / "a", dsn, "@ada")
    ada.environ["COCKPIT_RECORD"] = "postgresql://nobody@127.0.0.1:1/x"
    said = ada("incident", "start", "checkout", "p1")
    assert said.code == 0
    assert "INC-" in said.out
    assert "-L01" in said.out
    assert "local only; 2 entries wait: it cannot be reached" in said.err
    ada.environ["COCKPIT_RECORD"] = dsn
    assert ada("incident", "show").ok().out.count("checkout") == 1
    ada("incident", "note", "it is back").ok()
    bob = machine(tmp_path / "b", dsn, "@bob")
    assert "it is back" in bob("incident", "timeline").ok().out
    assert "-001" in ada("incident", "list").ok().out
    assert "checkout" in ada("--incident", said.out.split()[0].strip(":"), "incident", "show").ok().out


def test_the_connection_string_is_told_nowhere(tmp_path: Path) -> None:
    ada = machine(tmp_path / "a", "postgresql://me:hunter2@127.0.0.1:1/x", "@ada")
    said = ada("incident", "note", "x")
    assert "hunter2" not in said.out + said.err
    assert b"hunter2" not in ada.journal.read_bytes()
