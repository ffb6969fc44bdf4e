"""`cockpit incident verify`: whether the record, or a bundle of one incident, is as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cockpit.cli.context import Failure, options, say
from cockpit.cli.papers.bundle import run_on_file
from cockpit.clock import SystemClock
from cockpit.record.verify import Verdict
from cockpit.room.house import verify_record
from cockpit.room.journal.bundles import Checked, check_file


@click.command(name="verify", help="Check that nobody changed the record: every writer's chain, entry by entry.")
@click.option(
    "--bundle", "file", type=click.Path(path_type=Path, dir_okay=False), help="Check this bundle, and import nothing."
)
def verify(file: Path | None) -> None:
    """Print what was found; exit 1 when something is wrong."""
    run_on_file(lambda: _verify_record() if file is None else _verify_bundle(file))


async def _verify_record() -> None:
    verdict = await verify_record(options(), SystemClock())
    lines = _lines(verdict, "record")
    lines[-1:-1] = [f"refused, here or by the shared record: {each}" for each in verdict.refused]
    if verdict.unscrubbed:
        lines.insert(-1, "erased words may still lie in the file: close the other cockpits, then record anything")
    if verdict.sound:
        lines.append("that its end was not cut off is shown by the last hashes of an earlier export")
    more = {"unscrubbed": verdict.unscrubbed, "refused": list(verdict.refused)}
    _tell(verdict, lines, _data(verdict) | more)


async def _verify_bundle(file: Path) -> None:
    checked = await check_file(file)
    lines = _bundle_lines(checked)
    said = checked.manifest
    names = {"incident": said.incident, "label": said.label, "fingerprint": said.fingerprint}
    _tell(checked.verdict, lines, names | _data(checked.verdict))


def _bundle_lines(checked: Checked) -> list[str]:
    said, verdict = checked.manifest, checked.verdict
    lines = [f"{said.label or 'not declared'} ({said.incident})", *_lines(verdict, "bundle")]
    lines += [f"without the output of run {each.run}: {each.why}" for each in said.left_out]
    if verdict.sound:
        lines.append(f"fingerprint {said.fingerprint}: that nobody wrote it anew shows when its writer has the same")
    return lines


def _lines(verdict: Verdict, what: str) -> list[str]:
    """What was found, for people; the last line is the judgement."""
    lines = [f"{verdict.entries} entries, {verdict.redacted} redacted"]
    for writer, (seq, hash) in verdict.tails.items():
        away = verdict.elsewhere.get(writer, 0)
        others = f", {away} of them of other incidents and not here" if away else ""
        lines.append(f"writer {writer}: {seq} entries{others}, last hash {hash}")
    lines += [str(problem) for problem in verdict.problems]
    return [*lines, f"the {what} is as it was written" if verdict.sound else f"the {what} was changed"]


def _data(verdict: Verdict) -> dict[str, Any]:
    """What was found, for programs."""
    writers: Mapping[str, Any] = {
        writer: {"seq": seq, "hash": hash, "elsewhere": verdict.elsewhere.get(writer, 0)}
        for writer, (seq, hash) in verdict.tails.items()
    }
    return {
        "sound": verdict.sound,
        "entries": verdict.entries,
        "redacted": verdict.redacted,
        "writers": writers,
        "problems": [str(problem) for problem in verdict.problems],
    }


def _tell(verdict: Verdict, lines: list[str], data: Mapping[str, Any]) -> None:
    say("\n".join(lines), lambda: data)
    if not verdict.sound:
        raise Failure(f"{len(verdict.problems)} problems; keep the file, and compare it with a copy")
