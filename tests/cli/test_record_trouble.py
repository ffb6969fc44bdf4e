"""A record that cannot be written or read is said so in one line; what was acknowledged before stays."""

from __future__ import annotations

import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.record.drafts import Drafts, DraftText
from tests.cli.shell import Shell
from tests.record.redacting import on_disk

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
"""See prctl(2) and capabilities(7)."""


def held_to_permissions() -> None:
    """Let permissions count for the process about to begin, also when it is root's."""
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.fixture
def plain(shell: Shell) -> Shell:
    """A shell for whose commands a folder without the right to write cannot be written."""
    (shell.folder / "locked").mkdir(mode=0o555)
    argv = [sys.executable, "-c", "open('locked/x', 'w')"]
    tried = subprocess.run(argv, cwd=shell.folder, preexec_fn=held_to_permissions, capture_output=True)
    if tried.returncode == 0:
        pytest.skip("permissions do not bind this user")
    return shell


def test_a_folder_that_cannot_be_written_is_named(plain: Shell) -> None:
    plain.journal.parent.mkdir(parents=True)
    plain.journal.parent.chmod(0o555)
    plain("incident", "start", "x", before=held_to_permissions).failed("record.db", "cannot be written")
    assert "no incident" in plain("incident", "list", before=held_to_permissions).ok().out


def test_a_record_that_may_only_be_read_is_read(plain: Shell) -> None:
    plain.declared()
    plain.journal.chmod(0o444)
    plain.journal.parent.chmod(0o555)
    plain("incident", "note", "x", before=held_to_permissions).failed("cannot be written")
    assert "payment-failure" in plain("incident", "show", before=held_to_permissions).ok().out


READS = (
    "incident list", "incident show", "incident timeline", "incident brief", "incident proposals", "incident verify",
    "incident checklist", "incident mitigations", "incident catch-up", "drill list", "measures", "export", "review",
    "message list", "contacts", "doctor",
)  # fmt: skip


@pytest.mark.parametrize("broken", ["a file", "a dangling link", "a record that leads nowhere"])
def test_a_state_folder_that_is_none_is_named_and_no_empty_record(shell: Shell, broken: str) -> None:
    state = shell.folder / "state"
    if broken == "a file":
        state.write_text("no folder")
    elif broken == "a dangling link":
        state.symlink_to(shell.folder / "unmounted")
    else:
        shell.journal.parent.mkdir(parents=True)
        shell.journal.symlink_to(shell.folder / "unmounted" / "record.db")
    said = {"a file": f"{state} is no folder", "a dangling link": f"{state} is a link that leads nowhere"}
    for words in ("incident start x", *READS):
        failed = shell(*words.split()).failed("no journal can be there", said.get(broken, "a link that leads nowhere"))
        assert "XDG_STATE_HOME" in failed.err
        assert len(failed.err.splitlines()) == 1, words


def fill(disk: Path) -> None:
    """Write until the disk takes no more."""
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1024))


def test_a_full_disk_refuses_the_note_and_keeps_the_record(shell: Shell) -> None:
    disk = shell.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        shell.environ["XDG_STATE_HOME"] = str(disk)
        shell.declared()
        fill(disk)
        shell("incident", "note", "lost " * 1000).failed("not recorded", "disk is full", "free some space")
        assert "lost" not in shell("incident", "timeline").ok().out
        (disk / "ballast").unlink()
        shell("incident", "note", "kept").ok()
        assert shell("incident", "verify", "--json").ok().json["entries"] == 3
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_file_that_may_not_grow_refuses_the_note(shell: Shell) -> None:
    shell.declared()
    size = max(file.stat().st_size for file in shell.journal.parent.iterdir())

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    shell("incident", "note", "lost " * 13_000, before=limit).failed("record.db", "not recorded")
    assert shell("incident", "verify", "--json").ok().json["entries"] == 2


@pytest.mark.parametrize("command", [("incident", "note", "x"), ("incident", "list"), ("incident", "verify")])
def test_what_is_no_record_is_left_alone(shell: Shell, command: tuple[str, ...]) -> None:
    shell.journal.parent.mkdir(parents=True)
    shell.journal.write_bytes(b"this is a shopping list\n" * 300)
    shell(*command).failed("record.db", "damaged", "aside")
    assert shell.journal.read_bytes().startswith(b"this is a shopping list")


def test_a_record_that_was_cut_off_or_is_a_folder_is_named(shell: Shell) -> None:
    shell.declared()
    whole = shell.journal.read_bytes()
    for length in (len(whole) // 2, 100):
        shell.journal.write_bytes(whole[:length])
        shell("incident", "note", "x").failed("record.db", "damaged", "aside")
        shell("incident", "verify").failed("record.db", "damaged")
        assert shell.journal.read_bytes() == whole[:length]
    shell.journal.unlink()
    shell.journal.mkdir()
    shell("incident", "note", "x").failed("record.db", "is a folder")


@pytest.mark.parametrize("command", [("incident", "note", "x"), ("incident", "show"), ("export",)])
def test_a_record_of_a_newer_version_is_left_alone(shell: Shell, command: tuple[str, ...]) -> None:
    shell.declared()
    with closing(sqlite3.connect(shell.journal)) as other:
        other.execute("PRAGMA user_version = 7")
    shell(*command).failed("newer cockpit", "layout 7")


def test_a_changed_record_is_found_out(shell: Shell) -> None:
    shell.declared()
    with closing(sqlite3.connect(shell.journal)) as other, other:
        other.execute("DROP TRIGGER entries_keep")
        other.execute("UPDATE entries SET actor = '@eve' WHERE seq = 1")
    done = shell("incident", "verify").failed("problems", "copy")
    assert "envelope was changed" in done.out
    found = shell("incident", "verify", "--json").failed()
    assert found.json["sound"] is False


def test_a_damaged_entry_is_named(shell: Shell) -> None:
    shell.declared()
    with closing(sqlite3.connect(shell.journal)) as other, other:
        other.execute("DROP TRIGGER entries_keep")
        other.execute("UPDATE entries SET occurred = 'teatime' WHERE seq = 2")
    shell("incident", "show").failed("seq 2", "damaged", "incident verify")
    shell("incident", "note", "x").failed("seq 2", "damaged")
    assert "seq 2" in shell("incident", "verify").failed("1 problem").out


def test_a_busy_record_is_waited_for_and_then_refused(shell: Shell) -> None:
    shell.declared()
    with closing(sqlite3.connect(shell.journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        shell("incident", "note", "x").failed("another program holds the journal", "try again")
        assert "payment-failure" in shell("incident", "show").ok().out


def test_what_is_redacted_is_in_no_byte_once_nobody_reads_it_any_more(shell: Shell) -> None:
    """Of every version, in what was being typed, and in both exports."""
    shell.declared()
    shell("incident", "note", "the codeword is plover-9412").ok()
    shell("incident", "amend", "last", "--text", "our codeword is plover-9412").ok()
    began = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
    Drafts.beside(shell.journal).keep("", "command", DraftText("note plover-9412", began))
    with closing(sqlite3.connect(shell.journal, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entries").fetchone()
        shell("incident", "redact", "last", "--why", "it slipped in", "--yes").ok()
        found = shell("incident", "verify", "--json").ok().json
    assert (found["sound"], found["redacted"], found["unscrubbed"]) == (True, 2, True)
    assert "plover" not in shell("export", "--format", "json").ok().out + shell("export").ok().out
    shell("incident", "note", "the codeword was changed").ok()
    assert on_disk(shell.folder, "plover") == []
    assert shell("incident", "verify", "--json").ok().json["unscrubbed"] is False


def test_read_only_changes_no_byte(shell: Shell) -> None:
    shell.declared()
    before = shell.journal.read_bytes()
    for command in (("note", "x"), ("ack",), ("severity", "p2", "--why", "x"), ("close",)):
        shell("--read-only", "incident", *command).wrong("--read-only")
    for command in (("incident", "show"), ("incident", "timeline"), ("export",)):
        shell("--read-only", *command).ok()
    assert shell.journal.read_bytes() == before
    log = shell.journal.with_name("record.db-wal")
    assert not log.exists() or log.read_bytes() == b""


def test_an_output_that_is_closed_early_is_no_crash(shell: Shell) -> None:
    shell.declared()
    for n in range(3):
        shell("incident", "note", f"{n} " + "word " * 12_000).ok()
    for command in (("incident", "timeline", "--json"), ("export",), ("runbook", "show", "payment-service")):
        reader = subprocess.Popen(["head", "-c", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        writer = subprocess.Popen(
            shell.argv(*command), cwd=shell.folder, env=shell.env(), stdout=reader.stdin, stderr=subprocess.PIPE
        )
        assert reader.stdin is not None
        reader.stdin.close()
        reader.wait(60)
        assert reader.stdout is not None
        reader.stdout.close()
        _, err = writer.communicate(timeout=60)
        assert err == b"", (command, err)
        assert writer.returncode in (0, 1)
    full = subprocess.run(
        f"{' '.join(shell.argv('incident', 'timeline'))} > /dev/full", shell=True, cwd=shell.folder, env=shell.env(),
        capture_output=True, text=True,
    )  # fmt: skip
    assert full.returncode == 1
    assert full.stderr.count("\n") == 1, full.stderr
    assert full.stderr.startswith("cockpit: "), full.stderr
