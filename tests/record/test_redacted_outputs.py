"""The whole output of a redacted run: gone from every disk that had it, and not made again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.record.bundle.write import write_bundle
from cockpit.record.journal import Journal
from tests.record.bundles import RUN, beside, drafted, moved, opened, spooled, taken, verified
from tests.record.redacting import SECRET, on_disk, redact
from tests.stories import INCIDENT, START

OTHER_RUN = "01950000-0000-7000-8000-0000000000aa"
WHOLE = b"\n".join(b"line %d, and the password is " % n + SECRET.encode() for n in range(3000))
INTENT = kinds.RunIntent(run=RUN, title="look", command="cat config")


@pytest.fixture
def ran(there: Journal) -> Journal:
    """A journal with two runs, the whole output of each beside it; that of the first has a secret."""
    there.append([drafted(kinds.Declared(name="x")), drafted(INTENT)])
    spooled(there, RUN, WHOLE)
    there.append([drafted(kinds.RunVerified(run=RUN, verdict="verified", checks=("it answers",)))])
    spooled(there, OTHER_RUN, b"nothing secret " * 3000)
    return there


def entry_of(journal: Journal, kind: str, run: str = RUN) -> Entry:
    """The run's entry of a kind."""
    return next(each for each in journal.read(INCIDENT) if each.kind == kind and each.payload.get("run") == run)


def gone(journal: Journal) -> bool:
    """Whether the first run's output is off the disk, and the other's is there."""
    left = on_disk(journal.path.parent, SECRET)
    return (left, beside(journal).exists(), beside(journal, OTHER_RUN).exists()) == ([], False, True)


@pytest.mark.parametrize("kind", ["run-result", "run-intent"])
def test_it_goes_with_the_words_of_its_entry(ran: Journal, kind: str) -> None:
    assert on_disk(ran.path.parent, SECRET)
    redact(ran, entry_of(ran, kind))
    assert gone(ran)
    assert not ran.unscrubbed
    assert verified(ran).sound


def test_it_stays_when_only_a_check_of_the_run_is_erased(ran: Journal) -> None:
    redact(ran, entry_of(ran, "run-verified"))
    assert beside(ran).read_bytes() == WHOLE


def test_the_redaction_is_on_the_disk_first_and_the_next_who_opens_finishes(
    ran: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(journal: Journal, **_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "tidy", killed)
        with pytest.raises(SystemExit):
            redact(ran, entry_of(ran, "run-result"))
    assert beside(ran).exists()
    again = opened(ran.path)
    assert [entry.kind for entry in again.read(INCIDENT)][-1] == "redaction"
    assert gone(again)
    again.close()


def test_a_disk_that_refuses_is_asked_again(ran: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "no", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        redact(ran, entry_of(ran, "run-result"))
    assert beside(ran).exists()
    assert ran.unscrubbed
    ran.append([drafted(kinds.Note(text="the record goes on"))])
    assert gone(ran)
    assert not ran.unscrubbed


def test_the_redaction_of_another_machine_erases_it_here(ran: Journal, here: Journal, file: Path) -> None:
    moved(ran, file, here)
    assert beside(here).read_bytes() == WHOLE
    erasing = redact(ran, entry_of(ran, "run-result"))
    here.adopt(erasing)
    assert gone(here)
    assert verified(here).sound


def test_a_bundle_that_brings_the_redaction_erases_it_here(ran: Journal, here: Journal, file: Path) -> None:
    moved(ran, file, here)
    redact(ran, entry_of(ran, "run-intent"))
    moved(ran, file, here)
    assert gone(here)


@pytest.mark.parametrize("kind", ["run-result", "run-intent"])
def test_an_older_bundle_does_not_bring_it_back(ran: Journal, here: Journal, file: Path, kind: str) -> None:
    write_bundle(ran, INCIDENT, file)
    here.adopt(redact(ran, entry_of(ran, kind)))
    linked: list[str] = []
    real = os.link

    def link(source: Path, target: Path) -> None:
        linked.append(Path(target).stem)
        real(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", link)
        taken(file, here)
    assert linked == [OTHER_RUN]  # not even for a moment
    assert gone(here)


def test_a_run_that_goes_on_after_its_intent_was_erased_leaves_none(there: Journal) -> None:
    (intent,) = there.append([drafted(INTENT)]).entries
    redact(there, intent)
    beside(there).parent.mkdir()
    beside(there).write_bytes(WHOLE)
    known = {"sha256": hashlib.sha256(WHOLE).hexdigest(), "bytes": len(WHOLE)}
    there.append([drafted(kinds.RunResult(run=RUN, outcome="succeeded", exit=0, output="line 0", **known))])
    assert not beside(there).exists()


@pytest.fixture
def reader(ran: Journal) -> Iterator[Journal]:
    found = Journal.observe(ran.path, ManualClock(START))
    yield found
    found.close()


def test_who_only_observes_removes_nothing(ran: Journal, reader: Journal, here: Journal, file: Path) -> None:
    moved(ran, file, here)
    reader.adopt(redact(here, entry_of(here, "run-result")))
    assert next(each for each in reader.read(INCIDENT) if each.redacted).kind == "run-result"
    assert beside(ran).exists()


def test_a_redaction_that_names_a_path_reaches_no_other_file(there: Journal, tmp_path: Path) -> None:
    (tmp_path / "precious.log").write_text("precious")
    beside(there).parent.mkdir()
    for run in ("../../precious", "*", "..", ""):
        (intent,) = there.append([drafted(kinds.RunIntent(run=run, title="x", command="x"))]).entries
        redact(there, intent)
    beside(there).with_name("x.log").write_text("of nobody")
    there.tidy(outputs=True)
    assert (tmp_path / "precious.log").exists()
    assert beside(there).with_name("x.log").exists()
