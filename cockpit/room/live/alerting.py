"""One look at the alerts that fire, without watching: for commands."""

from __future__ import annotations

from cockpit.clock import Clock
from cockpit.room.house import House
from cockpit.room.views.signals import AlertsView, SourceView
from cockpit.signal.alertmanager.api import AlertmanagerApi
from cockpit.signal.alertmanager.source import AlertsSource
from cockpit.signal.plan import alerts_plan


async def look(house: House, clock: Clock) -> AlertsView | None:
    """The service's alerts as the Alertmanager says now; None where none is configured. What it does not say is in the
    view's source."""
    config, service = house.plans.config, house.plans.service
    plan = alerts_plan(config, config.services[service]) if service else None
    if plan is None:
        return None
    source, api = AlertsSource(plan, clock, lambda: None), AlertmanagerApi(plan.name, plan.url, plan.token)
    try:
        await source.look(api)
    finally:
        await api.close()
    fresh = source.freshness()
    view = SourceView("alertmanager", "", fresh.state, fresh.since, fresh.as_of, fresh.detail, fresh.mend)
    return AlertsView(view, plan.name, source.alerts)
