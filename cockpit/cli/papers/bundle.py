"""`cockpit import`, and how a bundle that was written is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from cockpit.cli.context import Failure, options, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.room.journal.bundles import BundleError, Imported, Written, import_file
from cockpit.values import asdict

T = TypeVar("T")
_TOLD = 20
"""Refusals that are listed for people; with `--json` all are."""


def run_on_file(work: Callable[[], Awaitable[T]]) -> T:
    """What a command's work on a bundle gives; raises Failure for one that is none, or cannot be written."""
    try:
        return run(work)
    except BundleError as error:
        raise Failure(str(error)) from None


@click.command(name="import", help="Take the incident of a bundle into the record; doing it again adds nothing.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what it would do, and write nothing.")
def import_(file: Path, dry_run: bool) -> None:
    """Import it."""
    came = run_on_file(lambda: import_file(options(), SystemClock(), file, dry_run=dry_run))
    say("\n".join(_lines(came, dry_run)), lambda: asdict(came) | {"dry_run": dry_run})
    if came.refused:
        count = len(came.refused)
        raise Failure(
            f"{file}: nothing was imported, {_counted(count, 'entry does', 'entries do')} not fit the record here; "
            "one of the two was changed or written by hand, or a journal was copied and both went on"
        )


share_with(import_)


def _lines(came: Imported, dry_run: bool) -> list[str]:
    """What came of it, for people."""
    if came.refused:
        more = len(came.refused) - _TOLD
        return [*came.refused[:_TOLD], *([f"and {more} more; --json lists them all"] if more > 0 else [])]
    would = "would be " if dry_run else ""
    parts = [f"{_counted(came.added, 'entry', 'entries')} {would}added", f"{came.present} were here already"]
    if came.outputs:
        parts.append(f"{_counted(came.outputs, 'whole output', 'whole outputs')} {would}put beside the record")
    lines = [f"{came.label or came.incident}: {', '.join(parts)}"]
    if came.called and came.called != came.label:
        lines.append(f"the file calls it {came.called}; here it is {came.label or 'not declared'}")
    lines += [f"the output of run {run} is here with other content, and was left as it is" for run in came.kept]
    return [*lines, f"fingerprint {came.fingerprint}"]


def tell_written(written: Written) -> None:
    """Say what was written, and by what it is known."""
    said = written.manifest
    parts = [_counted(said.entries, "entry", "entries")]
    parts += [f"{written.redacted} of them redacted"] if written.redacted else []
    parts += [_counted(written.outputs, "whole output", "whole outputs")] if written.outputs else []
    lines = [f"written: {written.path}: {said.label or said.incident}, {', '.join(parts)}, {written.bytes} bytes"]
    lines += [f"without the output of run {each.run}: {each.why}" for each in said.left_out]
    lines.append(f"fingerprint {said.fingerprint}: tell it another way than the file, to whoever checks that")
    say("\n".join(lines), lambda: _data(written))


def _data(written: Written) -> dict[str, object]:
    said = written.manifest
    return {
        "written": str(written.path),
        "format": "bundle",
        "incident": said.incident,
        "label": said.label,
        "entries": said.entries,
        "redacted": written.redacted,
        "outputs": written.outputs,
        "left_out": [{"run": each.run, "why": each.why} for each in said.left_out],
        "bytes": written.bytes,
        "fingerprint": said.fingerprint,
    }


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
