"""The signals at declaration, mitigation and resolution, side by side; what could not be read stays unknown."""

from __future__ import annotations

from cockpit.incident.kinds import Reading, Snapshot
from cockpit.incident.quantities import UNKNOWN, quantity
from cockpit.scribe.escape import inline
from cockpit.scribe.parts import Case, heading, table


def metrics(case: Case) -> str:
    """One row per signal, one column per snapshot."""
    title = heading(2, "Metrics at declaration, mitigation and resolution")
    snapshots = case.state.snapshots
    if not snapshots:
        return f"{title}\n\nNo snapshot was recorded."
    heads = ("Signal", *(f"{snapshot.moment} {case.clock(at.at)}" for snapshot, at in snapshots))
    titles = {reading.id: reading.title for snapshot, _ in snapshots for reading in snapshot.readings}
    columns = [{reading.id: reading for reading in snapshot.readings} for snapshot, _ in snapshots]
    rows = [(inline(name), *(_cell(column.get(id)) for column in columns)) for id, name in titles.items()]
    rows.append(("pods ready", *(_pods(snapshot) for snapshot, _ in snapshots)))
    return f"{title}\n\n{table(heads, rows)}"


def _cell(reading: Reading | None) -> str:
    """The value with its state where that is not ok; the reason where there is none."""
    if reading is None:
        return "not read"
    value = quantity(reading.value, reading.unit)
    more = reading.reason if value == UNKNOWN else reading.state if reading.state != "ok" else ""
    if value == UNKNOWN:
        return inline(f"{UNKNOWN}: {more}" if more else UNKNOWN)
    return inline(f"{value} ({more})" if more else value)


def _pods(snapshot: Snapshot) -> str:
    if snapshot.ready is None:
        return UNKNOWN
    return f"{snapshot.ready}/{snapshot.wanted}" if snapshot.wanted is not None else f"{snapshot.ready} of {UNKNOWN}"
