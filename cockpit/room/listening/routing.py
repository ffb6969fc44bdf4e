"""Whose an alert is: which service's record it goes to."""

from __future__ import annotations

from cockpit.config import Config
from cockpit.signal.notice import Notice


def service_of(notice: Notice, config: Config, fixed: str = "") -> str:
    """The service that an alert is about; empty where nothing says so.

    In this order: the one that the intake is for; of those whose `alertmanager.match` the labels fit, the one that
    asks for most; the one that the alert names, also where the configuration does not have it; the only one.
    """
    if fixed:
        return fixed
    fits = {
        name: len(service.alertmanager.match)
        for name, service in config.services.items()
        if service.alertmanager and service.alertmanager.match.items() <= notice.labels.items()
    }
    best = max(fits, key=lambda name: fits[name], default="")
    if best and fits[best]:
        return best
    if notice.service:
        return notice.service
    return next(iter(config.services)) if len(config.services) == 1 else ""
