"""`cockpit alerts`: the service's alerts that fire now, the loudest first."""

from __future__ import annotations

import shlex
from typing import Any

import click

from cockpit.cli.context import Failure, Wrong, house, run, say, share_with
from cockpit.clock import SystemClock
from cockpit.incident.times import age, echo
from cockpit.room.house import House
from cockpit.room.views.signals import Alert, AlertsView


@click.command(help="The service's alerts that fire now. Exit 1 when the Alertmanager cannot be read.")
def alerts() -> None:
    """Print them."""
    if lost := run(_show):
        raise Failure(lost)


share_with(alerts)


async def _show() -> str:
    from cockpit.room.live.alerting import look

    clock = SystemClock()
    async with house(read_only=True) as opened:
        found = await look(opened, clock)
        if found is None:
            raise Wrong("no Alertmanager is configured for this service; add `alertmanager` to it")
        if found.source.trusted:
            now = clock.now()
            lines = [_line(each, age((now - each.since).total_seconds())) for each in found.rows]
            lines += _proposing(opened, found)
            say("\n".join(lines) or f"nothing fires, {found.name} says", lambda: _data(found))
            return ""
        say(f"whether anything fires is unknown: {found.source.detail}", lambda: _data(found))
        return "; ".join(filter(None, (found.source.detail or found.source.state, found.source.mend)))


def _proposing(opened: House, found: AlertsView) -> list[str]:
    """How to declare what fires, where no incident is open."""
    state = opened.room.state
    if not found.loud or (state.declared is not None and not state.over):
        return []
    loud = next(each for each in found.rows if each.state == "active")
    return [f"no incident is open: `cockpit incident start --from {shlex.quote(loud.id)}` declares one from the first"]


def _line(alert: Alert, since: str) -> str:
    from cockpit.room.live.silencing import title

    said = f"  {alert.summary}" if alert.summary else ""
    return f"{alert.state:<12}{alert.severity or '-':<10}{since:>5}  {title(alert)}{said}"


def _data(found: AlertsView) -> dict[str, Any]:
    source = found.source
    alerts = [
        {"id": each.id, "name": each.name, "state": each.state, "severity": each.severity, "since": echo(each.since),
         "summary": each.summary, "labels": dict(each.labels), "silenced_by": list(each.silenced_by)}
        for each in found.rows
    ]  # fmt: skip
    told = {"name": found.name, "state": source.state, "as_of": source.as_of, "detail": source.detail}
    return {"alerts": alerts if source.trusted else None, "source": told | {"mend": source.mend}}
