"""`cockpit runbook`: list, show, check and run runbooks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, as_json, options, run, say, share_with
from cockpit.cli.runbook.importing import import_file, imported, schema
from cockpit.cli.runbook.showing import as_lines
from cockpit.cli.runbook.stepping import run_step, undo
from cockpit.room.plans import read_plans
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import needs
from cockpit.runbook.model import Runbook, Step
from cockpit.runbook.parameters import STANDING
from cockpit.runbook.reader import read_runbook
from cockpit.runbook.risk import judge_sql

MARKDOWN = (".md", ".markdown")


@click.group(help="Runbooks: list, show, check, and run their steps.")
def runbook() -> None:
    """The group."""


share_with(runbook)


def _command(command: click.Command) -> click.Command:
    runbook.add_command(share_with(command))
    return command


@_command
@click.command(name="list", help="The runbooks that there are.")
def list_runbooks() -> None:
    """Print their names."""
    plans = run(lambda: asyncio.to_thread(read_plans, options()))
    names = plans.library.names()
    found = [{"name": name, "path": str(plans.library.path(name))} for name in names]
    say("\n".join(f"{each['name']:<24} {each['path']}" for each in found), lambda: found)


@_command
@click.command(name="show", help="A runbook: scenarios with their steps, thresholds, contacts.")
@click.argument("name", default="")
def show(name: str) -> None:
    """Print it."""
    plans = run(lambda: asyncio.to_thread(read_plans, options()))
    try:
        book = plans.library.runbook(name) if name else plans.runbook
    except RunbookError as error:
        raise Wrong(str(error)) from None
    if book is None:
        raise Wrong("no runbook is configured; name one: `cockpit runbook list`")
    say("\n".join(as_lines(book)), lambda: book.model_dump(mode="json"))


@_command
@click.command(name="check", help="Check runbook files: line and column of what is wrong.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Print what is wrong; exit 1 when something is."""
    found = [_checked(file) for file in files]
    if as_json():
        say("", lambda: found)
    else:
        for each in found:
            click.echo("\n".join(_check_lines(each)), err=not each["usable"])
    if broken := sum(not each["usable"] for each in found):
        raise Failure(f"{broken} of {len(files)} cannot be used")


def _checked(file: Path) -> dict[str, Any]:
    """What one file is like: usable or not, and what is still missing in it."""
    try:
        if file.suffix.lower() in MARKDOWN:
            made = imported(file)
            book, asks = made.runbook, [f"{file}:{each.line}: {each.question}" for each in made.report.asks]
        else:
            book = read_runbook(file)
            asks = [f"{each.source}: {each.ask}" for each in book.thresholds if each.ask]
    except RunbookError as error:
        return {"file": str(file), "usable": False, "errors": [str(error), *error.others]}
    except (Failure, Wrong) as error:
        return {"file": str(file), "usable": False, "errors": [str(error)]}
    return {"file": str(file), "usable": True, **_counted(book), "asks": asks}


def _counted(book: Runbook) -> dict[str, Any]:
    steps = list(book.steps())
    return {
        "scenarios": len(book.scenarios),
        "steps": len(steps),
        "runnable": sum(step.action is not None for step in steps),
        "unbound": [each.id for each in book.thresholds if not each.is_read],
        "unasked": _unasked(book),
        "unwatched": [f"{check.source}: {check.title}" for check in book.health_checks if check.unwatched],
        "unfilled": [f"{contact.source}: {contact.name}" for contact in book.contacts if contact.unfilled],
        "undeclared": [f"{step.source}: {step.id} needs ${name}" for step in steps for name in _undeclared(step, book)],
    }


def _unasked(book: Runbook) -> list[str]:
    """The thresholds whose SQL will never be asked, because it is not known to only read."""
    judged = ((each, judge_sql(each.sql)) for each in book.thresholds if each.sql)
    return [f"{each.source}: {each.id}: {found.why}" for each, found in judged if found.risk != "read-only"]


def _undeclared(step: Step, book: Runbook) -> list[str]:
    """The parameters that a step's action names and nobody declares: it could never run."""
    if step.action is None:
        return []
    known = {each.name for each in book.parameters_of(step)} | set(STANDING)
    return [name for name in needs(step.action, book.parameters_of(step)) if name not in known]


def _check_lines(found: dict[str, Any]) -> list[str]:
    if not found["usable"]:
        return list(found["errors"])
    runs = f"{found['runnable']} of them can be run"
    lines = [f"{found['file']}: {found['scenarios']} scenarios, {found['steps']} steps, {runs}"]
    for title, name in (
        ("unbound, until cockpit.yaml gives a query", "unbound"),
        ("thresholds whose SQL is never asked", "unasked"),
        ("health checks that no endpoint of cockpit.yaml answers; name it as `endpoint`", "unwatched"),
        ("contacts still to be filled in", "unfilled"),
        ("steps that name a parameter which nobody declares", "undeclared"),
        ("to be decided by you", "asks"),
    ):
        if name == "unbound" and found[name]:
            lines.append(f"  {title}: {', '.join(found[name])}")
        elif found[name]:
            lines += [f"  {title}:", *(f"    {each}" for each in found[name])]
    return lines


for _each in (run_step, undo, import_file, schema):
    _command(_each)
