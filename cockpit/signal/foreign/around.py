"""Two rows of one object around a deployment told as a change, and those objects as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from cockpit.kube.around.configmap import data_difference
from cockpit.kube.around.references import References
from cockpit.kube.around.surroundings import AroundRow, AutoscalerRow, ConfigMapRow, SecretRow, ServiceRow
from cockpit.kube.listing.lister import Lister
from cockpit.signal.cluster.released import MOST_LINES, in_one_line
from cockpit.signal.foreign.change import ForeignChange, Matter
from cockpit.text import safe
from cockpit.values import replace

MOST_NAMES = 20
"""Config maps, and as many secrets, that are watched, each by a request of its own."""
_MOST_KEYS = 20
"""Keys that are named besides those whose values are told."""
_COMPARED = 16 * 1024
"""Characters of values that are compared line by line, in all: that takes some 50 ms of the event loop at worst, and of
a whole config map seconds. What is larger is named."""
_KINDS: Mapping[type[AroundRow], tuple[str, Matter]] = {
    ConfigMapRow: ("configmap", "data"), SecretRow: ("secret", "data"), ServiceRow: ("service", "selector"),
    AutoscalerRow: ("horizontalpodautoscaler", "bounds"),
}  # fmt: skip


class Reference(Struct, frozen=True):
    """A config map or secret that the pods are made with.

    Attributes:
        state: `unknown` while it is being read or when that fails (`detail` says why); `missing` keeps pods from
            starting; of those that are too many nobody looks after an `unwatched` one.
        changed_at: when it was last changed, as far as the cluster says, and `by` by which program.
    """

    kind: Literal["config map", "secret"]
    name: str
    state: Literal["known", "missing", "forbidden", "unknown", "unwatched"]
    changed_at: datetime | None = None
    by: str = ""
    detail: str = ""


class Around(Struct, frozen=True):
    """What stands around the deployment; the autoscaler in words, empty where none is known."""

    references: tuple[Reference, ...] = ()
    autoscaler: str = ""


def around(wanted: References, listers: Mapping[tuple[str, str], Lister[Any]], deployment: str) -> Around:
    """What stands around `deployment`, whose template refers to `wanted`, as the watches know it."""
    found: list[Reference] = []
    kinds: tuple[tuple[Literal["config map", "secret"], str, tuple[str, ...]], ...] = (
        ("config map", "configmaps", wanted.config_maps), ("secret", "secrets", wanted.secrets),
    )  # fmt: skip
    for kind, resource, names in kinds:
        found += [_reference(kind, name, listers.get((resource, name))) for name in names[:MOST_NAMES]]
        said = f"only {MOST_NAMES} of its {len(names)} {kind}s are"
        found += [Reference(kind, safe(name), "unwatched", detail=said) for name in names[MOST_NAMES:]]
    scalers = listers.get(("horizontalpodautoscalers", ""))
    own = [row for row in scalers.rows.values() if _concerns(row, deployment, {})] if scalers else []
    return Around(tuple(found), " and ".join(f"{row.name}: {row.bounds}" for row in own))


def _reference(kind: Literal["config map", "secret"], name: str, lister: Lister[Any] | None) -> Reference:
    shown = safe(name)
    row = next(iter(lister.rows.values()), None) if lister and lister.complete else None
    if row is not None:
        return Reference(kind, shown, "known", row.changed_at, row.setter.name)
    if lister is not None and lister.error is not None:
        state: Literal["forbidden", "unknown"] = "forbidden" if lister.error.kind == "forbidden" else "unknown"
        return Reference(kind, shown, state, detail=lister.error.message)
    return Reference(kind, shown, "missing" if lister and lister.complete else "unknown")


def change_of(
    before: AroundRow | None, after: AroundRow | None, deployment: str, labels: Mapping[str, str], now: datetime
) -> ForeignChange | None:
    """What became of an object that was `before` and is `after`; None for what does not concern the deployment.

    Args:
        deployment: its name.
        labels: those of its pods.
    """
    row = after or before
    if row is None or not any(_concerns(each, deployment, labels) for each in (before, after)):
        return None
    kind, matter = _KINDS[type(row)]
    by, version = (after.setter.name if after else ""), f"{row.uid}/{row.version}"
    made = ForeignChange(f"{kind}/{row.name}", matter, now, by=by, version=version)
    if before is None or after is None:
        return replace(made, after="made") if after else replace(made, after="deleted", version=f"{version} deleted")
    if isinstance(after, SecretRow):
        return made if before.version != after.version else None
    if before.content == after.content:
        return None
    if isinstance(before, AutoscalerRow) and isinstance(after, AutoscalerRow):
        return replace(made, before=before.bounds, after=after.bounds)
    if isinstance(after, ServiceRow):
        return replace(made, before=_selector(before), after=_selector(after))
    return replace(made, detail=_data(before.content, after.content))


def _data(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """What became of a config map's keys: the first with their values, all others by name."""
    changed = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
    small = _small(changed, before, after)
    lines = list(data_difference(*({key: side[key] for key in small if key in side} for side in (before, after))))
    shown = {line.partition(":")[0] for line in lines[:MOST_LINES]}
    rest = [name for key in changed if (name := safe(key)) not in shown]
    if not rest:
        return in_one_line(lines)
    more = f" and {len(rest) - _MOST_KEYS} more" if len(rest) > _MOST_KEYS else ""
    others = f"{', '.join(rest[:_MOST_KEYS])}{more}"
    return f"{in_one_line(lines[:MOST_LINES])}; also {others}" if lines else f"changed: {others}"


def _small(changed: list[str], before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Those of the keys whose values may be compared in passing."""
    found, left = [], _COMPARED
    for key in changed:
        size = len(key) + len(before.get(key, "")) + len(after.get(key, ""))
        if size <= left:
            found.append(key)
            left -= size
    return found


def _concerns(row: AroundRow | None, deployment: str, labels: Mapping[str, str]) -> bool:
    """Whether the deployment's pods depend on it; of config maps and secrets only those are watched."""
    if isinstance(row, AutoscalerRow):
        return (row.kind, row.target) == ("Deployment", deployment)
    if isinstance(row, ServiceRow):
        return bool(row.content) and all(labels.get(key) == value for key, value in row.content.items())
    return row is not None


def _selector(row: AroundRow) -> str:
    return safe(",".join(f"{key}={value}" for key, value in sorted(row.content.items()))) or "nothing"
