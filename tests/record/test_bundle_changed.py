"""Bundles whose form or content somebody changed: each change is found and named, and nothing comes in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.record.bundle.format import BundleError
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import import_bundle, rehearse
from cockpit.record.journal import Journal
from tests.record.bundles import RUN, checked, forged, line, packed, parts_of, refused, rewritten, stated, taken
from tests.stories import INCIDENT, START

Change = Callable[[dict[str, bytes]], None]


def dropped(name: str) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        del parts[name]

    return change


def put(name: str, content: bytes) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        parts[name] = content

    return change


def lines(change: Callable[[list[bytes]], list[bytes]], name: str = "entries.jsonl") -> Change:
    def changed(parts: dict[str, bytes]) -> None:
        parts[name] = b"".join(each + b"\n" for each in change(parts[name].splitlines()))

    return changed


def first(parts: dict[str, bytes]) -> dict[str, str]:
    """The first entry's fields."""
    return dict(json.loads(parts["entries.jsonl"].splitlines()[0]))


FORMS: dict[str, tuple[Change, str]] = {
    "no entries": (dropped("entries.jsonl"), "it has no entries.jsonl"),
    "another format": (stated(format="zip"), "manifest is of something else"),
    "a newer version": (stated(version=2), "a newer cockpit wrote it (version 2, this one reads 1); use that one"),
    "a version that is none": (stated(version="x"), "manifest.json: Expected `int`"),
    "a field more": (stated(surprise=1), "unknown field `surprise`"),
    "a label with a control sequence": (stated(label="INC-2026-001\x1b[2J"), "matching regex"),
    "a label with a line end": (stated(label="INC-2026-001\n"), "matching regex"),
    "an empty part": (put("entries.jsonl", b""), "it has no entry"),
    "no JSON": (put("entries.jsonl", b"{\n"), "entries.jsonl:1: "),
    "deep JSON": (put("entries.jsonl", b"[" * 100_000 + b"\n"), "entries.jsonl:1: "),
    "no UTF-8": (lines(lambda all: [all[0].replace(b"@alice", b"\xff\xfe"), *all[1:]]), "entries.jsonl:1: "),
    "half a character": (line(0, actor="\ud800"), "entries.jsonl:1: "),
    "a line doubled": (lines(lambda all: [all[0], *all]), "entries.jsonl:2: it does not come after"),
    "another order": (lines(lambda all: all[::-1]), "entries.jsonl:2: it does not come after"),
    "no line end": (lambda parts: parts.update({"entries.jsonl": parts["entries.jsonl"][:-1]}), "without end"),
    "another incident's": (line(1, incident="x"), "entries.jsonl:2: it is of another incident"),
    "seq 0": (line(0, seq=0), ">= 1"),
    "seq as text": (line(0, seq="1"), "Expected `int`, got `str`"),
    "seq too large": (line(4, seq=2**63), "entries.jsonl:5: "),
    "schema too large": (line(0, schema=2**63), "entries.jsonl:1: "),
    "no time": (line(0, occurred="soon"), "entries.jsonl:1: "),
    "a time of another form": (line(0, occurred="2026-03-14T02:00:00.0Z"), "not in the record's form"),
    "a clock of another form": (line(0, recorded="2026-03-14T02:00:00.000000Z+1"), "not in the record's form"),
    "half erased": (line(0, salt=None), "half of it is erased"),
    "a short hash": (line(0, hash="ab"), "matching regex"),
    "an endless id": (line(0, id="x" * 300), "entries.jsonl:1: "),
    "an id twice": (lambda parts: line(1, id=first(parts)["id"])(parts), "two of its entries have the same id"),
    "a link in an entry's place": (
        lines(lambda all: [all[0].replace(b'"seq":2', b'"seq":1')], "links.jsonl"),
        "links.jsonl:1: a link belongs between",
    ),
    "a link after the end": (
        lines(lambda all: [all[0].replace(b'"seq":2', b'"seq":99')], "links.jsonl"),
        "links.jsonl:1: a link belongs between",
    ),
    "a link twice": (lines(lambda all: [all[0], all[0]], "links.jsonl"), "links.jsonl:2: a link belongs between"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMS)
def test_what_has_another_form(honest: Path, here: Journal, case: str) -> None:
    change, said = FORMS[case]
    assert said in refused(forged(honest, change), here)


CONTENTS: dict[str, tuple[Change, str]] = {
    "a payload": (line(1, payload='{"text":"never said"}'), "its payload or salt was changed"),
    "an actor": (line(1, actor="@mallory"), "its envelope was changed"),
    "an unknown kind": (line(1, kind="\x1b[31mfuture"), "its envelope was changed"),
    "a time": (line(1, occurred="2020-01-01T00:00:00.000000Z"), "its envelope was changed"),
    "an entry left out": (lines(lambda all: [*all[:2], *all[3:]]), "the manifest says 5 entries, and there are 4"),
    "erased by nobody": (line(1, payload=None, salt=None), "erased, and no redaction says so"),
    "a link": (
        lines(lambda all: [*all[:1], all[1][:-4] + b'00"}', *all[2:]], "links.jsonl"),
        "does not continue the link before it",
    ),
    "a count": (stated(entries=4), "the manifest says 4 entries, and there are 5"),
    "a fingerprint": (stated(fingerprint="0" * 64), "fingerprint is not that of the entries"),
    "no writers": (stated(writers=[]), "writers are not those of the entries"),
    "an output": (put(f"output/{RUN}.log", b"never written"), "not the output that the record has the hash of"),
    "an output of no run": (put("output/other.log", b"x"), "output/other.log is the output of no run"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTENTS)
def test_what_was_changed_is_named_and_verified_as_changed(honest: Path, here: Journal, case: str) -> None:
    change, said = CONTENTS[case]
    path = forged(honest, change)
    assert any(said in str(problem) for problem in checked(path).problems)
    told = refused(path, here)
    assert "it is not as it was written" in told
    assert "incident verify --bundle" in told
    with Bundle.open(path) as bundle, pytest.raises(BundleError, match="not as it was written"):
        rehearse(bundle, here.path, ManualClock(START))


@pytest.mark.parametrize("part", ["entries.jsonl", "links.jsonl", f"output/{RUN}.log"])
def test_a_part_that_the_manifest_does_not_vouch_for(honest: Path, here: Journal, part: str) -> None:
    parts = parts_of(honest)
    del parts[part]
    if part != "entries.jsonl":
        packed(honest, parts)
        assert f"{part} is in the manifest, and not there" in refused(honest, here)
    parts = parts_of(honest)
    manifest = json.loads(parts["manifest.json"])
    manifest["parts"] = [each for each in manifest["parts"] if each["name"] != "entries.jsonl"]
    packed(honest, parts | {"manifest.json": json.dumps(manifest).encode()})
    assert "entries.jsonl is not in the manifest" in " ".join(map(str, checked(honest).problems))


def test_control_sequences_and_unknown_kinds_come_in_as_they_are_for_the_screens_to_clean(
    honest: Path, here: Journal
) -> None:
    path = rewritten(honest, lambda fields: fields.update(kind="future", actor="@\u202eevil", body=b'{"a":1}'))
    assert checked(path).sound
    assert taken(path, here).added == 1
    (entry,) = here.read(INCIDENT)
    assert (entry.kind, entry.actor) == ("future", "@\u202eevil")


@pytest.mark.parametrize("body", [b"[1]", b"{", b"[" * 5000 + b"]" * 5000, b"null"])
def test_a_payload_that_is_none_is_refused_though_its_hash_is_right(honest: Path, here: Journal, body: bytes) -> None:
    path = rewritten(honest, lambda fields: fields.update(kind="note", body=body))
    came = taken(path, here)
    assert came.added == 0
    assert "payload" in came.refused[0]
    assert here.position() == 0


def test_an_entry_from_far_ahead_does_not_drag_the_clock_along(honest: Path, here: Journal) -> None:
    clock = ManualClock(START)
    clock.advance(-26 * 3600)
    with Bundle.open(honest) as bundle:
        came = import_bundle(bundle, here, clock)
    assert "far ahead of this machine's clock" in came.refused[0]
    assert here.position() == 0
