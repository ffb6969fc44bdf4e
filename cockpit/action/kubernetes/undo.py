"""What undoes a run: the action that brings the state back which was captured before the change was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cockpit.action.kubernetes.configmaps import EditConfigMap, restoring
from cockpit.action.kubernetes.deployments import rollback
from cockpit.action.kubernetes.deployments.environment import RestoreEnv, captured
from cockpit.action.kubernetes.deployments.images import SetImage
from cockpit.action.kubernetes.deployments.pausing import Pause, Resume
from cockpit.action.kubernetes.deployments.scale import Scale
from cockpit.action.kubernetes.meanwhile import made_by
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.model import Action
from cockpit.incident.kinds import RunIntent
from cockpit.incident.state import Run
from cockpit.values import replace


def undo_of(run: Run, *, heading: Heading | None = None) -> Action | None:
    """The action that undoes `run`; None when there is nothing to undo.

    There is nothing to undo when the run failed, was cancelled or undone already, or captured no prior state. Which
    change it was is told by the prior state's `verb`; a rollback has none.
    """
    intent = run.intent
    if run.undone_by or run.outcome not in ("succeeded", "unknown") or not intent.prior:
        return None
    verb = intent.prior.get("verb", "")
    if not verb:
        return rollback.undo_of(run, heading=heading)
    made = _UNDOERS.get(verb)
    title = replace(heading or Heading(f"Undo: {intent.title}", intent.step), checks=("rollout-complete",))
    return made(intent, intent.prior, title) if made else None


def _name(intent: RunIntent) -> str:
    return intent.object.partition("/")[2]


def _scale(intent: RunIntent, prior: Mapping[str, str], heading: Heading) -> Action | None:
    made = made_by(prior).get("replicas")
    known = int(made) if made else None
    return Scale(_name(intent), intent.namespace, int(prior["replicas"]), known, undo_of=intent.run, heading=heading)


def _resume(intent: RunIntent, prior: Mapping[str, str], heading: Heading) -> Action | None:
    return Resume(_name(intent), intent.namespace, undo_of=intent.run, heading=heading)


def _pause(intent: RunIntent, prior: Mapping[str, str], heading: Heading) -> Action | None:
    return Pause(_name(intent), intent.namespace, undo_of=intent.run, heading=heading)


def _set_env(intent: RunIntent, prior: Mapping[str, str], heading: Heading) -> Action | None:
    entries, secret = captured(prior)
    template = prior.get("template", "")
    place = (_name(intent), intent.namespace)
    return RestoreEnv(*place, entries, secret, template, made_by(prior), undo_of=intent.run, heading=heading)


def _set_image(intent: RunIntent, prior: Mapping[str, str], heading: Heading) -> Action | None:
    images = {key.removeprefix("image."): value for key, value in prior.items() if key.startswith("image.")}
    return SetImage(_name(intent), intent.namespace, images, made_by(prior), undo_of=intent.run, heading=heading)


def _edit_config_map(intent: RunIntent, prior: Mapping[str, str], heading: Heading) -> Action | None:
    data, removed = restoring(prior)
    return EditConfigMap(
        _name(intent), intent.namespace, data, removed, undo_of=intent.run, heading=heading, made=made_by(prior)
    )


_UNDOERS: dict[str, Callable[[RunIntent, Mapping[str, str], Heading], Action | None]] = {
    "scale": _scale,
    "rollout-pause": _resume,
    "rollout-resume": _pause,
    "set-env": _set_env,
    "set-image": _set_image,
    "edit-config-map": _edit_config_map,
}
