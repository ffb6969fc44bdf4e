"""`cockpit runbook`: list, show, check, and run a step, with the same preview and questions as the cockpit."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, as_json, house, only_one_open, options, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.room.house import read_plans
from cockpit.room.runs import Confirmation, Flight, Plan
from cockpit.room.trouble import RunTrouble
from cockpit.room.war_room import WarRoom
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.model import Step
from cockpit.runbook.reader import read_runbook


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
@click.command(name="show", help="A runbook: scenarios with their steps, thresholds.")
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
    lines = [book.title]
    for scenario in book.scenarios:
        lines += ["", f"{scenario.title}  ({scenario.id})", *(f"  symptom  {each.text}" for each in scenario.symptoms)]
        lines += [_step(step) for step in scenario.steps]
    for procedure in book.procedures:
        lines += ["", f"{procedure.title}  ({procedure.id})", *(_step(step) for step in procedure.steps)]
    lines += ["", "Health checks", *(_step(step) for step in book.health_checks), "", "Thresholds"]
    for threshold in book.thresholds:
        bounds = ", ".join(
            f"{word} {b}" for word, b in (("warning", threshold.warning), ("breach", threshold.breach)) if b
        )
        lines.append(f"  {threshold.id:<22} {bounds or threshold.healthy:<34} {threshold.source}")
    say("\n".join(lines), lambda: book.model_dump(mode="json"))


def _step(step: Step) -> str:
    how = step.risk if step.action else f"by hand: {step.command or step.manual}"
    return f"  {step.kind:<9}{step.id:<34} {step.title} [{how}] {step.source}"


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
        book = read_runbook(file)
    except RunbookError as error:
        return {"file": str(file), "usable": False, "errors": [str(error), *error.others]}
    return {
        "file": str(file),
        "usable": True,
        "scenarios": len(book.scenarios),
        "steps": len(list(book.steps())),
        "unbound": [threshold.id for threshold in book.thresholds if threshold.query is None],
        "unfilled": [contact.name for contact in book.contacts if contact.unfilled],
    }


def _check_lines(found: dict[str, Any]) -> list[str]:
    if not found["usable"]:
        return list(found["errors"])
    lines = [f"{found['file']}: {found['scenarios']} scenarios, {found['steps']} steps"]
    if found["unbound"]:
        lines.append(f"  unbound, until cockpit.yaml gives a query: {', '.join(found['unbound'])}")
    if found["unfilled"]:
        lines.append(f"  contacts still to be filled in: {', '.join(found['unfilled'])}")
    return lines


@_command
@click.command(name="run", help="Run a step of the runbook; what changes something is previewed and asked for.")
@click.argument("step")
@click.option("--pod", default="", help="The pod, for steps that need one.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--yes", is_flag=True, help="Answer y to a change; what is destructive needs --confirm.")
@click.option("--confirm", default="", metavar="TARGET", help="The name that a destructive step asks for.")
@click.option("--again", is_flag=True, help="Yes to the second question too, as for a second rollback.")
def run_step(step: str, pod: str, dry_run: bool, yes: bool, confirm: str, again: bool) -> None:
    """Run it; exit 1 when it failed or was not confirmed."""
    run(lambda: _run(step, pod, dry_run, Confirmation(yes=yes, name=confirm, again=again)))


async def _run(step: str, pod: str, dry_run: bool, given: Confirmation) -> None:
    clock = SystemClock()
    async with house() as opened:
        await only_one_open(opened)
        war = WarRoom(opened, clock)
        job = war.jobs.step(step, pod)
        await war.go_live()
        try:
            await _cluster_open(war)
            try:
                plan = await war.prepare(job)
            except RunTrouble as error:
                raise Failure(str(error)) from None
            if dry_run:
                say("\n".join(_preview(plan)), lambda: _planned(plan))
            if plan.refusals:
                raise Failure(f"cannot run: {plan.refusals[0]}")
            if not dry_run:
                if plan.changes:
                    click.echo("\n".join(_preview(plan)), err=True)
                await _fly(war, plan, _asked(plan, given))
        finally:
            await war.close()


async def _cluster_open(war: WarRoom) -> None:
    """Wait for the cluster and the first readings, so that the verification knows what was alarming."""
    deadline = asyncio.get_running_loop().time() + 20
    while asyncio.get_running_loop().time() < deadline:
        if all(source.state != "loading" for source in war.sources()):
            return
        await asyncio.sleep(0.1)


def _preview(plan: Plan) -> list[str]:
    lines = [*(f"mind: {warning}" for warning in plan.warnings), f"$ {plan.command}"]
    lines += [f"in {plan.context}/{plan.namespace}: {plan.object}"]
    lines += [f"from {plan.before} to {plan.after}"] if plan.after else []
    return [*lines, *(f"  {line}" for line in plan.change), *([f"dry run: {plan.dry_run}"] if plan.dry_run else [])]


def _planned(plan: Plan) -> dict[str, Any]:
    names = ("title", "command", "context", "namespace", "object", "before", "after", "dry_run", "risk")
    lists = {name: list(getattr(plan, name)) for name in ("change", "warnings", "refusals")}
    return {name: getattr(plan, name) for name in names} | lists


def _asked(plan: Plan, given: Confirmation) -> Confirmation:
    """What was answered by flags, completed by asking where there is somebody to ask."""
    yes, name, again = given.yes, given.name, given.again
    if sys.stdin.isatty():
        if plan.confirm.kind == "yes" and not yes:
            yes = click.confirm(f"{plan.title}?", default=False, err=True)
        if plan.confirm.kind == "name" and not name:
            name = click.prompt(f"type {plan.confirm.name} to do it", default="", show_default=False, err=True)
        if plan.confirm.extra and not again:
            again = click.confirm(f"{plan.confirm.extra}. Again?", default=False, err=True)
    answered = Confirmation(yes=yes, name=name, again=again)
    if missing := plan.confirm.missing(answered):
        raise Failure(f"not done: {missing}; --yes, --confirm TARGET or --again answer it")
    return answered


async def _fly(war: WarRoom, plan: Plan, given: Confirmation) -> None:
    flight = war.launch(plan, given)
    assert flight.task is not None
    said = ""
    while not flight.over:
        if flight.saying != said:
            said = flight.saying
            click.echo(f"… {said}", err=True)
        await asyncio.sleep(0.2)
    await flight.task
    checks = flight.verified.checks if flight.verified else ()
    say("\n".join((*flight.lines, *checks, flight.standing)), lambda: _data(flight))
    if flight.standing not in ("succeeded", "verified"):
        raise Failure(f"{plan.title}: {flight.trouble or flight.standing}")


def _data(flight: Flight) -> dict[str, Any]:
    result = flight.result.fields() if flight.result else {}
    verified = flight.verified.fields() if flight.verified else {}
    return {"standing": flight.standing, "command": flight.plan.command, "result": result, "verified": verified}
