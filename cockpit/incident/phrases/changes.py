"""The words for what somebody else changed."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.phrases.registry import RUN, Said, joined, words
from cockpit.incident.quantities import took
from cockpit.incident.state import State

_NOUNS = {
    "configmap": "config map ", "secret": "secret ", "service": "service ", "horizontalpodautoscaler": "autoscaler ",
    "deployment": "",
}  # fmt: skip


@words(kinds.Changed)
def _changed(changed: kinds.Changed, _: State, __: Entry) -> Said:
    kind, _slash, name = changed.object.partition("/")
    what = f"{_NOUNS.get(kind, f'{kind} ')}{name} {_deed(changed)}"
    if changed.count > 1:
        what += f", {changed.count} times in {took(changed.seconds)}"
    return RUN, "warn", joined(f"{what} by {changed.by}" if changed.by else what, changed.detail)


def _deed(changed: kinds.Changed) -> str:
    """What was done to it, with its values where they are few."""
    move = " → ".join(side for side in (changed.before, changed.after) if side)
    if changed.matter == "scale":
        return f"scaled {move}"
    if changed.matter == "pause":
        return changed.after or "paused or resumed"
    if changed.matter == "template":
        return "changed while paused"
    if changed.matter == "remade":
        return {"deleted": "deleted", "made": "made anew"}.get(changed.after, "deleted and made anew")
    if changed.after in ("made", "deleted"):
        return changed.after
    if changed.matter == "selector":
        return f"selects {move}"
    return f"{'bounds ' if changed.matter == 'bounds' and changed.before else ''}{move}" if move else "changed"
