"""Bundles for tests: journals with something to move, and bundles that somebody has tampered with."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.entry import Draft, Entry
from cockpit.record.bundle.check import check
from cockpit.record.bundle.format import BundleError, fingerprint, line_of
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import Imported, import_bundle
from cockpit.record.bundle.write import write_bundle
from cockpit.record.elsewhere import elsewhere
from cockpit.record.journal import Journal
from cockpit.record.verify import Verdict, verify
from tests.stories import INCIDENT, START

OTHER = "01950000-0000-7000-8000-000000000002"
RUN = "01950000-0000-7000-8000-00000000beef"
WHOLE = b"\n".join(b"line %d of what the program wrote" % n for n in range(4000))


def opened(path: Path) -> Journal:
    """The journal at `path`, at the time at which the story begins."""
    return Journal.open(path, ManualClock(START))


def drafted(payload: kinds.Payload, incident: str = INCIDENT) -> Draft:
    """The payload as somebody wrote it."""
    return Draft(incident, payload.kind, payload.fields(), START, "@alice")


def said(text: str, incident: str = INCIDENT) -> Draft:
    """A note."""
    return drafted(kinds.Note(text=text), incident)


def result(run: str = RUN, whole: bytes = WHOLE) -> Draft:
    """The result of a run of whose output the record keeps the first line."""
    known = {"sha256": hashlib.sha256(whole).hexdigest(), "bytes": len(whole)}
    return drafted(kinds.RunResult(run=run, outcome="succeeded", exit=0, output="line 0", **known))


def beside(journal: Journal, run: str = RUN) -> Path:
    """Where the whole output of a run lies beside a journal."""
    return journal.path.with_name("output") / f"{run}.log"


def spooled(journal: Journal, run: str = RUN, whole: bytes = WHOLE) -> None:
    """Record a run's result, and put its whole output beside the journal."""
    beside(journal).parent.mkdir(exist_ok=True)
    beside(journal, run).write_bytes(whole)
    journal.append([result(run, whole)])


def two_incidents(journal: Journal) -> list[Entry]:
    """Write two incidents in turn, the first with a run whose output lies beside; gives the first one's entries."""
    journal.append([drafted(kinds.Declared(name="payment-failure", service="payment-service"))])
    journal.append([drafted(kinds.Declared(name="checkout-slow"), OTHER), said("what nobody else may know", OTHER)])
    journal.append([said("the pool is exhausted"), said("‹ü› \x1b[31m red")])
    spooled(journal)
    journal.append([said("what nobody else may know, again", OTHER), said("over")])
    return journal.read(INCIDENT)


def taken(path: Path, into: Journal) -> Imported:
    """Take the bundle at `path` into a journal."""
    with Bundle.open(path) as bundle:
        return import_bundle(bundle, into, ManualClock(START))


def moved(journal: Journal, path: Path, into: Journal, incident: str = INCIDENT) -> Imported:
    """Export an incident to `path` and import it elsewhere."""
    write_bundle(journal, incident, path)
    return taken(path, into)


def checked(path: Path) -> Verdict:
    """What checking the bundle at `path` finds."""
    with Bundle.open(path) as bundle:
        return check(bundle)


def verified(journal: Journal) -> Verdict:
    """What verifying the whole journal finds."""
    return verify(journal.read_all(), elsewhere(journal))


def in_order(entries: list[Entry]) -> list[Entry]:
    """As the record has them, wherever they were written."""
    return sorted(entries, key=lambda entry: entry.order)


def parts_of(path: Path) -> dict[str, bytes]:
    """Every part of the bundle at `path`."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: Mapping[str, bytes]) -> Path:
    """Write a bundle of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def forged(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The bundle at `path`, changed, with a manifest that tells the new sizes and hashes."""
    parts = parts_of(path)
    change(parts)
    manifest = json.loads(parts["manifest.json"])
    manifest["parts"] = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in parts.items()
        if name != "manifest.json"
    ]
    parts["manifest.json"] = json.dumps(manifest).encode()
    return packed(path, parts)


def line(number: int, **fields: Any) -> Callable[[dict[str, bytes]], None]:
    """A change of fields of one line of the entries; the first line is 0."""

    def change(parts: dict[str, bytes]) -> None:
        lines = parts["entries.jsonl"].splitlines()
        lines[number] = json.dumps(json.loads(lines[number]) | fields).encode()
        parts["entries.jsonl"] = b"\n".join(lines) + b"\n"

    return change


def stated(**fields: Any) -> Callable[[dict[str, bytes]], None]:
    """A change of fields of the manifest."""

    def change(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | fields).encode()

    return change


def refused(path: Path, into: Journal) -> str:
    """What is said about the bundle at `path`, which must not come in: one line without control sequences."""
    with pytest.raises(BundleError) as caught:
        taken(path, into)
    said = str(caught.value)
    assert said.isprintable()
    assert len(said) < 1000
    assert into.position() == 0
    assert [each.name for each in into.path.parent.rglob("*") if not each.name.startswith("record.db")] == []
    return said


def rewritten(path: Path, change: Callable[[dict[str, object]], object]) -> Path:
    """A bundle of one entry, written anew by somebody who knows how: every hash is right."""
    with Bundle.open(path) as bundle:
        fields = {name: getattr(bundle.entries[0], name) for name in Entry.__dataclass_fields__}
    change(fields)
    fields["digest"] = hashlib.sha256(bytes(fields["salt"]) + bytes(fields["body"])).digest()  # type: ignore[call-overload]
    entry = Entry(**fields)  # type: ignore[arg-type]
    entry = Entry(**fields | {"hash": entry.true_hash()})  # type: ignore[arg-type]

    def anew(parts: dict[str, bytes]) -> None:
        for name in set(parts) - {"manifest.json"}:
            del parts[name]
        parts["entries.jsonl"] = line_of(entry)
        tail = {"writer": entry.writer, "entries": 1, "first": entry.seq, "last": entry.seq, "hash": entry.hash.hex()}
        stated(entries=1, writers=[tail], fingerprint=fingerprint([entry]))(parts)

    return forged(path, anew)
