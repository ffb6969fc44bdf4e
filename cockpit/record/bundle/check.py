"""Whether a bundle's content is as it was written: every hash, every link, every output, and what the manifest says."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.record.bundle.format import MANIFEST, Output, Part, fingerprint, tails_of
from cockpit.record.bundle.outputs import measured, outputs_of
from cockpit.record.bundle.read import Bundle
from cockpit.record.verify import Problem, Verdict, verify


def check(bundle: Bundle) -> Verdict:
    """Check all that can be checked without the writers' journals. Blocking: it unpacks every output.

    Raises:
        BundleError: a part is broken.
    """
    verdict = verify(bundle.entries, {entry.writer: ((1, entry.seq),) for entry in bundle.entries})
    verdict.problems += _unlinked(bundle)
    verdict.problems += (Problem("", 0, "", what) for what in (*_misstated(bundle), *_wrong_parts(bundle)))
    return verdict


def _unlinked(bundle: Bundle) -> Iterator[Problem]:
    """Entries that do not follow the link before them."""
    for entry in bundle.entries:
        before = bundle.links.get((entry.writer, entry.seq - 1))
        if before is not None and before != entry.previous:
            yield Problem(entry.writer, entry.seq, entry.id, "does not continue the link before it")


def _misstated(bundle: Bundle) -> Iterator[str]:
    """What the manifest says otherwise than the entries."""
    said, entries = bundle.manifest, bundle.entries
    if said.entries != len(entries):
        yield f"the manifest says {said.entries} entries, and there are {len(entries)}"
    if said.fingerprint != fingerprint(entries):
        yield "the manifest's fingerprint is not that of the entries"
    if said.writers != tails_of(entries):
        yield "the manifest's writers are not those of the entries"


def _wrong_parts(bundle: Bundle) -> Iterator[str]:
    """Parts that are not what the manifest, and for an output the record, says of them."""
    parts = {part.name: part for part in bundle.manifest.parts}
    known = {output.name: output for output in outputs_of(bundle.entries)}
    there = bundle.parts - {MANIFEST}
    for name in sorted(there ^ parts.keys()):
        yield f"{name} is {'not in the manifest' if name in there else 'in the manifest, and not there'}"
    for name in sorted(there & parts.keys()):
        yield from _wrong_part(bundle, parts[name], known)


def _wrong_part(bundle: Bundle, part: Part, known: dict[str, Output]) -> Iterator[str]:
    found = measured(bundle.pieces(part.name))
    if found != (part.bytes, part.sha256):
        yield f"{part.name} is not what the manifest says of it"
    if not part.name.startswith("output/"):
        return
    output = known.get(part.name)
    if output is None:
        yield f"{part.name} is the output of no run of this record"
    elif found != (output.bytes, output.sha256):
        yield f"{part.name} is not the output that the record has the hash of"
