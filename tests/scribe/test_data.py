"""The JSON export: the whole record, from which every hash can be checked again."""

from __future__ import annotations

import hashlib
import json

from cockpit.incident.entry import canonical
from cockpit.incident.timeline import Timeline
from cockpit.scribe.data import export_json
from tests.scribe.story import bad_release

NOT_ENVELOPE = {"payload", "salt", "digest", "previous", "hash"}


def test_every_hash_can_be_checked_from_the_export_alone() -> None:
    """Without the journal: digest from salt and payload, hash from previous, envelope and digest, chain unbroken."""
    record = json.loads(export_json(bad_release().timeline, "INC-2026-001"))
    assert (record["format"], record["version"], record["label"]) == ("incident-cockpit-record", 1, "INC-2026-001")
    previous = "00" * 32
    for entry in sorted(record["entries"], key=lambda entry: entry["seq"]):
        assert entry["previous"] == previous
        if entry["salt"] is not None:
            digest = hashlib.sha256(bytes.fromhex(entry["salt"]) + canonical(entry["payload"])).hexdigest()
            assert digest == entry["digest"]
        envelope = canonical({name: value for name, value in entry.items() if name not in NOT_ENVELOPE})
        chained = bytes.fromhex(previous) + envelope + bytes.fromhex(entry["digest"])
        previous = hashlib.sha256(chained).hexdigest()
        assert entry["hash"] == previous


def test_nothing_is_left_out_or_touched() -> None:
    """In the record's order; unknown kinds as they came, redacted ones without content."""
    book = bad_release()
    record = json.loads(export_json(book.timeline, "L"))
    assert [entry["id"] for entry in record["entries"]] == [entry.id for entry in book.timeline.entries]
    unknown = next(entry for entry in record["entries"] if entry["kind"] == "hologram")
    assert (unknown["payload"], unknown["schema"]) == ({"colour": "blue", "depth": [1, 2.5, None]}, 3)
    erased = next(entry for entry in record["entries"] if entry["salt"] is None)
    assert erased["payload"] is None
    assert json.loads(export_json(Timeline(), ""))["entries"] == []
    assert export_json(book.timeline, "Größe").isascii()
