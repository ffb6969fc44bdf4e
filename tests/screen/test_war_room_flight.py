"""An incident flown by three real cockpits on machines of their own: the database is lost in the middle of it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from screen.tmux import PROMPT, Tmux, session

from cockpit.clock import SystemClock
from cockpit.record.journal import Journal
from cockpit.record.verify import verify
from tests.postgres import Server, running
from tests.simulated import simulated

pytestmark = [
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

_COCKPIT = f"{sys.executable} -m cockpit"


@contextmanager
def cockpits(folder: Path, dsn: str, *handles: str) -> Iterator[list[Tmux]]:
    """A cockpit each, with a journal of its own, on one simulated outage and one shared record."""
    with ExitStack() as stack:
        sim = folder / "sim"
        sim.mkdir()
        stack.enter_context(simulated(sim, speed=8.0))  # three cockpits ask it
        found = []
        for handle in handles:
            home = folder / handle
            home.mkdir()
            tmux = stack.enter_context(session(home, (120, 36)))
            tmux.shell(f"export COCKPIT_RECORD='{dsn}' COCKPIT_AS=@{handle}; clear")
            found.append(tmux)
        for tmux in found:
            tmux.cockpit("--config", str(sim / "cockpit.yaml"))
        yield found


def notes(tmux: Tmux, *texts: str) -> None:
    """Write notes, each seen before the next."""
    for text in texts:
        tmux.keys("n")
        tmux.sees("enter records it")
        tmux.type(text)
        tmux.keys("Enter")
        tmux.loses("enter records it")


def previews(tmux: Tmux) -> None:
    """Ask for the preview; again, as a person would, when a busy machine's cluster did not answer in time."""

    def answered() -> str:
        picture = tmux.picture
        return next((words for words in ("no (default)", "in time") if words in picture), "")

    for _ in range(3):
        tmux.keys("Enter")
        if tmux.waits(answered, lambda: f"never saw a preview:\n{tmux.picture}") == "no (default)":
            return
        tmux.keys("Escape")
        tmux.loses("in time")


def leaves(tmux: Tmux) -> None:
    """Leave the cockpit in order."""
    tmux.keys("q")
    tmux.sees("it ended with 0", PROMPT)


def copy(folder: Path) -> tuple[list[tuple[str, bytes]], bool]:
    """A journal's entries in the record's order, and whether its chains are sound."""
    journal = Journal.open(folder / "cockpit" / "record.db", SystemClock(), read_only=True)
    found = [entry for each in journal.incidents() for entry in journal.read(each)]
    sound = verify(journal.read_all()).sound
    journal.close()
    return [(entry.id, entry.hash) for entry in sorted(found, key=lambda entry: entry.order)], sound


def stored(server: Server, dsn: str) -> set[str]:
    """The ids that the database has."""
    name = dsn.rpartition("/record_")[2].partition("?")[0]
    return {str(id) for (id,) in server.sql("SELECT id FROM cockpit.entries", database=f"record_{name}")}


def test_three_cockpits_lose_the_database_and_tell_one_story(tmp_path: Path) -> None:
    with running() as server:
        dsn = server.database()
        with cockpits(tmp_path, dsn, "ada", "bob", "cem") as (ada, bob, cem):
            for tmux in (ada, bob, cem):
                tmux.sees("CrashLoop", timeout=60)
            ada.keys("D")
            ada.sees("Declare an incident")
            ada.keys("Enter")
            ada.sees("does only")  # nobody is told here: this is about the record
            ada.keys("o")
            for tmux in (ada, bob, cem):
                tmux.sees("INVESTIGATING")
            ada.keys("r")
            ada.sees("Incident commander", "Here now", "@bob", "@cem")
            ada.keys("Enter")
            for tmux in (ada, bob, cem):
                tmux.sees("IC @ada", "-001")
            server.kill()
            notes(ada, "ada alone")
            notes(cem, "cem alone")
            for tmux in (ada, cem):
                tmux.sees("local only", "waiting")
            bob.keys("a")
            bob.sees("Roll back")
            previews(bob)
            bob.sees("--to-revision=42", "no (default)")
            bob.keys("y")
            bob.sees("verified", timeout=60)
            bob.keys("Escape")
            bob.sees("local only")
            server.start()
            for tmux in (ada, bob, cem):
                tmux.loses("local only", timeout=60)
            ada.sees("Roll back verified", timeout=60)  # what bob did meanwhile comes once both are back
            ada.keys("/")
            ada.type("resolve payments are normal")
            ada.keys("Enter")
            ada.sees("Still in place")
            ada.keys("y")
            ada.sees("What others are told")
            ada.keys("Enter")
            ada.sees("does only")
            ada.keys("o")
            for tmux in (ada, bob, cem):
                tmux.sees("RESOLVED")
            for tmux in (ada, bob, cem):
                leaves(tmux)
            for tmux in (ada, bob, cem):  # bring what each wrote as it left
                tmux.shell(f"{_COCKPIT} incident timeline >brought; echo brought with $?")
                tmux.sees("brought with 0", PROMPT)
            for tmux in (ada, bob, cem):  # and take what the others brought
                tmux.shell(f"{_COCKPIT} incident timeline >told; echo told with $?")
                tmux.sees("told with 0", PROMPT)
                told = (tmux.folder / "told").read_text(encoding="utf-8")
                assert [
                    words for words in ("ada alone", "cem alone", "Roll back", "resolved") if words not in told
                ] == []
        copies = [copy(tmp_path / handle) for handle in ("ada", "bob", "cem")]
        assert all(sound for _, sound in copies)
        assert copies[0] == copies[1] == copies[2]
        assert {id for id, _ in copies[0][0]} == stored(server, dsn)
