"""`cockpit runbook run` and `undo`: a step with the same preview and questions as in the cockpit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, as_json, house, only_one_open, run, say
from cockpit.clock import SystemClock
from cockpit.room.house import House
from cockpit.room.permission import ALL_THE_SAME
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation, Flight, Plan
from cockpit.room.trouble import RunTrouble
from cockpit.room.views.signals import Step, edits
from cockpit.room.war_room import WarRoom
from cockpit.runbook.errors import RunbookError
from cockpit.values import replace

GLASS = click.option(
    "--break-glass", default="", metavar="WHY", help="Though your roles do not let you; the record says so."
)
"""The option of every command that may do what the roles of whoever asks do not let them."""


@click.command(name="run", help="Run a step of the runbook; what changes something is previewed and asked for.")
@click.argument("words", nargs=-1, required=True, metavar="[NAME] STEP")
@click.option("--set", "given", multiple=True, metavar="K=V", help="A value that the step needs.")
@click.option("--pod", default="", help="The pod, for steps that need one.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--yes", is_flag=True, help="Answer y to a change; what is destructive needs --confirm.")
@click.option("--confirm", default="", metavar="TARGET", help="The name that a destructive step asks for.")
@click.option("--again", is_flag=True, help="Yes to the second question too, as for a second rollback.")
@GLASS
def run_step(
    words: tuple[str, ...], given: tuple[str, ...], pod: str, dry_run: bool, yes: bool, confirm: str, again: bool,
    break_glass: str,
) -> None:  # fmt: skip
    """Run it; exit 1 when it failed or was not confirmed."""
    if len(words) > 2:
        raise Wrong(f"`{' '.join(words)}` are more than a runbook and a step; quote nothing, give two words at most")
    values, answers = _values(given), Confirmation(yes=yes, name=confirm, again=again, break_glass=break_glass)
    name = words[0] if len(words) == 2 else ""

    async def made(war: WarRoom) -> Job:
        step = war.room.setting.steps.get(words[-1])
        if step is not None and edits(step) and war.live is not None and not dry_run:
            return await _edited(war, step, pod)
        return war.jobs.step(words[-1], pod, values)

    run(lambda: perform_job(name, made, dry_run, answers))


async def _edited(war: WarRoom, step: Step, pod: str) -> Job:
    """A step that is done in the user's editor."""
    if not sys.stdin.isatty():
        raise Wrong(f"'{step.title}' opens an editor, and there is no terminal; run it in one")
    job = await war.edit(step, pod, _lent)
    if job is None:
        raise Failure("nothing was changed in the editor, so nothing is changed")
    return job


@click.command(name="undo", help="Take back the latest change of this incident that can be undone.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--yes", is_flag=True, help="Answer y to the change; what is destructive needs --confirm.")
@click.option("--confirm", default="", metavar="TARGET", help="The name that a destructive undo asks for.")
@click.option("--again", is_flag=True, help="Yes to the second question too.")
@GLASS
def undo(dry_run: bool, yes: bool, confirm: str, again: bool, break_glass: str) -> None:
    """Undo it; exit 1 when it failed, was not confirmed, or there is nothing to undo."""
    answers = Confirmation(yes=yes, name=confirm, again=again, break_glass=break_glass)
    run(lambda: perform_job("", _latest, dry_run, answers))


async def _latest(war: WarRoom) -> Job:
    runs = war.jobs.undoable()
    job = war.jobs.undo(runs[0].intent.run) if runs else None
    if job is None:
        raise Failure("nothing was changed here that can be undone; `cockpit incident mitigations` lists the changes")
    return job


def _values(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    if wrong := next((name for name, equals, _ in pairs if not equals), None):
        raise Wrong(f"--set '{wrong}': write it as NAME=VALUE")
    return {name: value for name, _, value in pairs}


async def perform_job(name: str, make: Callable[[WarRoom], Awaitable[Job]], dry_run: bool, given: Confirmation) -> None:
    """Preview what `make` gives in a war room that is opened for it, ask, do it, and print what became of it.

    Args:
        name: another runbook than the service's.

    Raises:
        Failure, Refusal: it was not done, or failed.
    """
    clock = SystemClock()
    async with house() as opened:
        await only_one_open(opened)
        war = WarRoom(_with_runbook(opened, name), clock)
        await make(war)  # what cannot be made is refused before anything is opened
        await war.go_live()
        try:
            await _cluster_open(war)
            await _done(war, await make(war), dry_run, given)
        finally:
            await war.close()


def _with_runbook(opened: House, name: str) -> House:
    """The house with another runbook than the service's."""
    if not name:
        return opened
    try:
        book = opened.plans.library.runbook(name)
    except RunbookError as error:
        raise Wrong(str(error)) from None
    opened.room.setting = replace(opened.room.setting, steps={step.id: step for step in book.steps()})
    return replace(opened, plans=replace(opened.plans, runbook=book))


async def _done(war: WarRoom, job: Job, dry_run: bool, given: Confirmation) -> None:
    try:
        plan = await war.prepare(job, lambda words: click.echo(f"… {words}", err=True))
    except RunTrouble as error:
        raise Failure(str(error)) from None
    if dry_run:
        say("\n".join(_preview(plan)), lambda: _planned(plan))
    if plan.refusals:
        hint = f"; by hand: {plan.copy}" if plan.copy else ""
        raise Failure(f"cannot run: {plan.refusals[0]}{hint}")
    if plan.forbidden and not given.break_glass.strip():
        raise Failure(f"{plan.forbidden}; {ALL_THE_SAME}")
    if not dry_run:
        if plan.changes:
            click.echo("\n".join(_preview(plan)), err=True)
        await _fly(war, plan, _asked(plan, given))


async def _cluster_open(war: WarRoom) -> None:
    """Wait for the cluster and the first readings, so that the verification knows what was alarming."""
    deadline = asyncio.get_running_loop().time() + 20
    while asyncio.get_running_loop().time() < deadline:
        if all(source.state != "loading" for source in war.sources()):
            return
        await asyncio.sleep(0.1)


def _preview(plan: Plan) -> list[str]:
    lines = [f"not permitted: {plan.forbidden}"] if plan.forbidden else []
    lines += [*(f"mind: {warning}" for warning in plan.warnings), f"$ {plan.command}"]
    place = f"{plan.context}/{plan.namespace}" if plan.context else plan.server
    lines += [f"in {place}: {plan.object}"]
    lines += [f"request: {plan.request}"] if plan.request and not plan.context else []
    lines += [f"from {plan.before} to {plan.after}"] if plan.after else []
    return [*lines, *(f"  {line}" for line in plan.change), *([f"dry run: {plan.dry_run}"] if plan.dry_run else [])]


def _planned(plan: Plan) -> dict[str, Any]:
    names = ("title", "command", "context", "namespace", "object", "before", "after", "dry_run", "risk", "forbidden")
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
    answered = replace(given, yes=yes, name=name, again=again)
    if missing := plan.confirm.missing(answered):
        flag = {"yes": "--yes", "name": f"--confirm {plan.confirm.name}"}.get(plan.confirm.kind, "--again")
        flag = "--again" if plan.confirm.missing(replace(answered, again=True)) == "" else flag
        raise Failure(f"not done: {missing}; answer it with {flag}")
    return answered


async def _fly(war: WarRoom, plan: Plan, given: Confirmation) -> None:
    flight = war.launch(plan, given, terminal=_lent if sys.stdin.isatty() else None)
    assert flight.task is not None
    said = ""
    while not flight.over:
        if flight.saying != said:
            said = flight.saying
            click.echo(f"… {said}", err=True)
        while plan.interactive and flight.lines and not as_json():
            click.echo(flight.lines.popleft())
        await asyncio.sleep(0.2)
    await flight.task
    checks = flight.verified.checks if flight.verified else ()
    say("\n".join((*flight.lines, *checks, flight.standing)), lambda: _data(flight))
    if flight.standing not in ("succeeded", "verified"):
        raise Failure(f"{plan.title}: {flight.trouble or flight.standing}")


async def _lent(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """This command's own terminal."""
    return await asyncio.to_thread(subprocess.call, list(argv), env=dict(environ))


def _data(flight: Flight) -> dict[str, Any]:
    result = flight.result.fields() if flight.result else {}
    verified = flight.verified.fields() if flight.verified else {}
    return {"standing": flight.standing, "command": flight.plan.command, "result": result, "verified": verified}
