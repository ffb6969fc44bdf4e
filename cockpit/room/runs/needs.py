"""What a step must be told before it can run, and where each value comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from cockpit.incident.state import Run
from cockpit.incident.times import time_of_day
from cockpit.runbook.fill import needs, variable
from cockpit.runbook.model import Runbook, Step
from cockpit.runbook.parameters import STANDING, FromStep, Parameter, Values


class Need(Struct, frozen=True):
    """One value that a step needs.

    Attributes:
        value: what it would be now; empty when nobody knows.
        origin: where that comes from, for people.
        wrong: why it cannot be used; empty when it can.
    """

    parameter: Parameter
    value: str = ""
    origin: str = ""
    wrong: str = ""

    @property
    def met(self) -> bool:
        """Whether the step can run as far as this value goes."""
        return bool(self.value) and not self.wrong


class Known(Struct, frozen=True):
    """What is known where a step is to run.

    Args:
        standing: what every step knows, by name: namespace, selector, deployment, pod, database, service.
        configured: the service's values for parameters, by name.
        given: what a person gave for this step.
        environ: where secrets are found, by the parameter's name in capitals.
        runs: the runs of the record, for values that an earlier step's output gives.
    """

    standing: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)
    configured: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)


def wanted(step: Step, runbook: Runbook) -> tuple[Parameter, ...]:
    """The parameters that the step's action names, declared or standing, in the order of their first mention."""
    if step.action is None:
        return ()
    declared = {each.name: each for each in runbook.parameters_of(step)}
    names = needs(step.action, declared.values())
    return tuple(declared.get(name) or _undeclared(name) for name in names)


def _undeclared(name: str) -> Parameter:
    return Parameter.model_validate({"name": name, "from": name} if name in STANDING else {"name": name})


def resolved(step: Step, runbook: Runbook, known: Known) -> list[Need]:
    """Every value that the step needs, as far as it is known."""
    return [_need(parameter, known) for parameter in wanted(step, runbook)]


def unknown_names(step: Step, runbook: Runbook, given: Iterable[str]) -> list[str]:
    """The names that somebody gave a value for and that the step does not know."""
    names = {each.name for each in wanted(step, runbook)}
    return [name for name in given if name not in names]


def values_of(found: Sequence[Need]) -> Values:
    """The values that can be used; what is secret is known to be."""
    met = {need.parameter.name: need.value for need in found if need.met}
    return Values(met, frozenset(need.parameter.name for need in found if need.parameter.secret))


def _need(parameter: Parameter, known: Known) -> Need:
    value, origin = _found(parameter, known)
    return Need(parameter, value, origin, parameter.wrong(value) if value else "")


def _found(parameter: Parameter, known: Known) -> tuple[str, str]:
    """The value and where it comes from; what a person gave goes first, a default last."""
    if parameter.name in known.given:
        return known.given[parameter.name], "given"
    if isinstance(parameter.from_, FromStep):
        if (found := _from_run(parameter.from_, known.runs)) is not None:
            return found
    elif parameter.from_ and (standing := known.standing.get(parameter.from_)):
        return standing, "selected" if parameter.from_ == "pod" else "configuration"
    if value := known.configured.get(parameter.name):
        return value, "configuration"
    if parameter.secret and (secret := known.environ.get(variable(parameter.name))):
        return secret, f"${variable(parameter.name)}"
    return (parameter.default, "default") if parameter.default else ("", "")


def _from_run(source: FromStep, runs: Mapping[str, Run]) -> tuple[str, str] | None:
    """What the latest run of a step gives, if it succeeded and its output holds it."""
    made = [run for run in runs.values() if run.intent.step == source.step and run.outcome == "succeeded"]
    run = max(made, key=lambda each: each.started.at, default=None)
    if run is None or run.result is None:
        return None
    output = run.result.output
    if source.pattern:
        match = re.search(source.pattern, output, re.M)
        value = (match[1] if match.re.groups else match[0]) if match else ""
    else:
        value = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
    return (value, f"{source.step} at {time_of_day(run.started.at)}") if value else None


def missing(found: Iterable[Need]) -> str:
    """What still must be given, as a sentence with its mend; empty when all is known."""
    lacking = [need for need in found if not need.met]
    if not lacking:
        return ""
    words = [f"{need.parameter.name} ({need.wrong})" if need.wrong else need.parameter.name for need in lacking]
    return f"it needs {', '.join(words)}; give it with --set {lacking[0].parameter.name}=VALUE"
