"""What an export says of its record's integrity: enough for a stranger to check it, also when words were erased."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import ManualClock
from cockpit.incident.entry import Draft
from cockpit.incident.ids import new_id
from cockpit.incident.timeline import Timeline
from cockpit.record.journal import Journal
from cockpit.record.verify import Verdict, verify
from cockpit.scribe.data import export_json
from cockpit.scribe.markdown import export
from tests.record.redacting import SECRET, redact
from tests.record.test_journal import INCIDENT, note
from tests.stories import START

STRANGER = """
import hashlib, json, sys
record = json.load(open(sys.argv[1]))
inside = ("payload", "salt", "digest", "previous", "hash")
last = {}
def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
for entry in sorted(record["entries"], key=lambda entry: (entry["writer"], entry["seq"])):
    seq, hash = last.get(entry["writer"], (0, "00" * 32))
    if entry["seq"] == seq + 1 and entry["previous"] != hash:
        sys.exit(f"the chain breaks at {entry['id']}")
    if entry["salt"] is not None:
        salted = bytes.fromhex(entry["salt"]) + canonical(entry["payload"])
        if hashlib.sha256(salted).hexdigest() != entry["digest"]:
            sys.exit(f"what was written was changed in {entry['id']}")
    envelope = canonical({name: value for name, value in entry.items() if name not in inside})
    whole = bytes.fromhex(entry["previous"]) + envelope + bytes.fromhex(entry["digest"])
    if hashlib.sha256(whole).hexdigest() != entry["hash"]:
        sys.exit(f"the envelope was changed of {entry['id']}")
    last[entry["writer"]] = (entry["seq"], entry["hash"])
print(json.dumps(last))
"""
"""Who has the export alone, and nothing of ours: `python -I` finds no package beside the standard library's."""


def stranger(path: Path) -> Any:
    """What the stranger finds: each writer's last number and hash, or a sentence."""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", STRANGER, str(path)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip()


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Timeline, Verdict]:
    """A record with a redaction and an amendment, in a journal that has another incident in between."""
    journal = Journal.open(tmp_path_factory.mktemp("journal") / "record.db", ManualClock(START))
    journal.append([Draft(INCIDENT, "declared", {"name": "zahlungen-schlagen-fehl ‹é 語›"}, START, "@alice")])
    secret = journal.append([note(f"the password is {SECRET}"), note("elsewhere", new_id())]).entries[0]
    late = Draft(INCIDENT, "note", {"text": "it began", "n": [1.5, None, True]}, START - timedelta(minutes=5), "@bob")
    journal.append([late, note("elsewhere again", new_id())])
    redact(journal, secret)
    timeline, verdict = Timeline(journal.read(INCIDENT)), verify(journal.read_all())
    journal.close()
    return timeline, verdict


def test_a_stranger_can_check_a_redacted_record(redacted: tuple[Timeline, Verdict], tmp_path: Path) -> None:
    timeline, verdict = redacted
    (tmp_path / "record.json").write_text(export_json(timeline, "INC-2026-001"))
    assert SECRET not in (tmp_path / "record.json").read_text()
    found = stranger(tmp_path / "record.json")
    assert found == {writer: list(tail) for writer, tail in verdict.tails.items()}
    assert verdict.sound
    assert verdict.redacted == 1


def test_both_exports_state_the_last_hashes(redacted: tuple[Timeline, Verdict]) -> None:
    timeline, verdict = redacted
    ((writer, (seq, hash)),) = verdict.tails.items()
    record = json.loads(export_json(timeline, "INC-2026-001"))
    assert record["writers"] == [{"writer": writer, "entries": 4, "seq": seq, "hash": hash}]
    document = export(timeline, label="INC-2026-001", now=START)
    assert f"| `{writer}` | 4 | {seq} | `{hash}` |" in document
    assert SECRET not in document
    assert next(entry.id for entry in timeline.entries if entry.redacted) in document


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [("payload", {"text": "it never began"}, "what was written"), ("actor", "@eve", "the envelope")],
)
def test_a_stranger_finds_what_was_changed(
    redacted: tuple[Timeline, Verdict], tmp_path: Path, field: str, value: Any, found: str
) -> None:
    record = json.loads(export_json(redacted[0], "INC-2026-001"))
    changed = next(entry for entry in record["entries"] if entry["actor"] == "@bob")
    changed[field] = value
    (tmp_path / "record.json").write_text(json.dumps(record))
    said = stranger(tmp_path / "record.json")
    assert said.startswith(found)
    assert changed["id"] in said
