"""From a runbook's step to the action behind it, filled with the service's place and the values that it was given."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.action.checks import Checks
from cockpit.action.command import Command
from cockpit.action.command.kubectl import kept_here, must_stay_here
from cockpit.action.http import Http
from cockpit.action.kubernetes.catalog import kubernetes
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.means import Means
from cockpit.action.model import ALL_CHECKS, Action
from cockpit.action.notify import Notify
from cockpit.action.silence import Silence
from cockpit.action.sql import Sql
from cockpit.action.wait import Wait
from cockpit.config.values import seconds
from cockpit.runbook import actions
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import fill
from cockpit.runbook.matchers import matcher
from cockpit.runbook.model import Step


def action_of(step: Step, means: Means) -> Action:
    """The action that `step` runs, its parameters filled.

    Args:
        means: the place, the values, and what else the house has.

    Raises:
        RunbookError: the step is for a person, needs what nobody configured or selected, or cannot be run here.
    """
    if step.action is None:
        raise RunbookError(f"'{step.title}' is done by hand")
    filled = fill(step.action, means.values, means.parameters)
    heading = Heading(step.title, step.id, step.timeout, step.risk, step.checks or ALL_CHECKS)
    mitigates = step.kind == "mitigate"
    if make := _ELSEWHERE.get(type(filled)):
        return make(filled, means, heading, mitigates)
    return kubernetes(filled, heading, mitigates, means)  # type: ignore[arg-type]  # every other kind is in the table


def _sql(action: actions.Sql, means: Means, heading: Heading, mitigates: bool) -> Action:
    database = means.databases.get(action.database)
    if database is None:
        known = ", ".join(means.databases) or "none"
        raise RunbookError(f"the configuration has no `postgresql` called `{action.database}`; it has {known}")
    return Sql(action.statement, means.values, database, action.database, action.timeout, heading, mitigates)


def _command(action: actions.Command, means: Means, heading: Heading, mitigates: bool) -> Action:
    must_stay_here(action.shell, means.context)
    return Command(
        argv=kept_here(action.argv, means.context, means.service.namespace if means.service else ""),
        script=action.shell,
        values=means.values,
        stdin=action.stdin,
        tty=action.tty,
        kubeconfig=means.kubeconfig,
        spool=means.spool,
        timeout=heading.timeout,
        heading=heading,
        mitigates=mitigates,
    )


def _http(action: actions.Http, means: Means, heading: Heading, mitigates: bool) -> Action:
    return Http(
        method=action.method,
        url=action.url,
        headers=action.headers,
        body=action.body,
        via=action.via,
        namespace=action.namespace,
        expect=action.expect,
        expect_body=action.expect_body,
        values=means.values,
        in_pod=means.in_pod,
        timeout=heading.timeout,
        heading=heading,
        mitigates=mitigates,
    )


def _wait(action: actions.Wait, means: Means, heading: Heading, mitigates: bool) -> Action:
    return Wait(_seconds(action.duration), action.stop_on, means.board, heading)


def _seconds(given: float | str) -> float:
    """A duration that a parameter may have given: filled, it is text such as 5m."""
    return given if isinstance(given, float | int) else seconds(given)


def _checks(action: actions.Checks, means: Means, heading: Heading, mitigates: bool) -> Action:
    """The steps that it names, else every health check that is more than an instruction; what cannot is said."""
    book = means.runbook
    if book is None:
        raise RunbookError(f"'{heading.title}' looks at steps of a runbook, and there is none")
    named = [book.step(id) for id in action.steps] if action.steps else [c for c in book.health_checks if c.action]
    steps = [step for step in named if step is not None and step.id != heading.step]
    return Checks(tuple((step.title, _part(step, means)) for step in steps), heading)


def _part(step: Step, means: Means) -> Action | str:
    if step.risk != "read-only":
        return f"it is {step.risk}: run it by itself"
    try:
        return action_of(step, means)
    except RunbookError as error:
        return str(error)


def _notify(action: actions.Notify, means: Means, heading: Heading, mitigates: bool) -> Action:
    if means.teller is None:
        raise RunbookError("there are no channels to tell anybody by; see `channels:` in the configuration")
    return Notify(action.audience, action.template, action.text, means.teller, heading)


def _silence(action: actions.Silence, means: Means, heading: Heading, mitigates: bool) -> Action:
    if means.silencer is None:
        raise RunbookError("no Alertmanager is configured for this service; add `alertmanager` to it")
    matchers = tuple(map(matcher, action.match))
    return Silence(matchers, _seconds(action.duration), action.why, means.silencer, heading)


_ELSEWHERE: dict[type, Callable[..., Action]] = {
    actions.Sql: _sql,
    actions.Command: _command,
    actions.Http: _http,
    actions.Wait: _wait,
    actions.Checks: _checks,
    actions.Notify: _notify,
    actions.Silence: _silence,
}
"""What is not done through the cluster's API."""
