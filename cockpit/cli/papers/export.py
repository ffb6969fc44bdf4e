"""`cockpit export`: the record as Markdown or JSON, the invitation to its post-mortem, or a bundle."""

from __future__ import annotations

from pathlib import Path

import click

from cockpit.cli.context import Failure, a_file, as_json, house, run, say, share_with
from cockpit.cli.papers.bundle import run_on_file, tell_written
from cockpit.room.house import House
from cockpit.room.journal.bundles import Written, write_file
from cockpit.room.journal.listing import listing
from cockpit.room.requests import Convene, Refusal, calendar_file
from cockpit.scribe.data import export_json
from cockpit.scribe.markdown import export as export_markdown


@click.command(help="Write the record as Markdown or JSON, or as a bundle that another cockpit verifies and imports.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["markdown", "json", "ics"]),
    default=None,
    help="Else markdown; ics is the invitation to the post-mortem.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), default=None, callback=a_file, help="A file; else it is printed."
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write record and whole outputs of runs, with their hashes, into this file; `cockpit import` takes it in.",
)
def export(format_: str | None, output: Path | None, bundle: Path | None) -> None:
    """Write it; `--json` without a format means JSON."""
    if bundle is not None:
        if format_ or output:
            raise click.UsageError("--bundle has a format of its own, and is a file; leave --format and --output out")
        tell_written(run_on_file(lambda: _bundle(bundle)))
        return
    kind = format_ or ("json" if as_json() else "markdown")
    text = run(lambda: _text(kind))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="")  # a calendar's lines have ends of their own
    except OSError as error:
        raise Failure(f"{output}: not written, {error.strerror}; name another with --output") from None
    say(f"written: {output}", lambda: {"written": str(output), "format": kind})


share_with(export)


async def _bundle(path: Path) -> Written:
    async with house(read_only=True) as opened:
        await _must_be_one(opened)
        return await write_file(opened.room, path)


async def _text(format_: str) -> str:
    async with house(read_only=True) as opened:
        await _must_be_one(opened)
        room = opened.room
        if format_ == "json":
            return export_json(room.timeline, room.label)
        if format_ == "ics":
            return calendar_file(*room.eve(Convene()))
        lists, policy = room.setting.checklists, room.policy
        return export_markdown(room.timeline, label=room.label, now=room.clock.now(), checklists=lists, policy=policy)


async def _must_be_one(opened: House) -> None:
    """Refuse where there is no incident, or none is open and none was named."""
    room = opened.room
    if not room.incident:
        raise Refusal("there is no incident to export; `cockpit incident list` shows what there was")
    if room.state.declared is None and (over := [each.label for each in await listing(opened.store, whole=False)]):
        raise Refusal(f"no incident is open; name the one that is meant with --incident: {', '.join(over[:5])}")
