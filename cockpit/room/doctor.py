"""The doctor: what is reachable from here, what the cluster lets this user do, and the mend for each fault."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

from cockpit.clock import Clock
from cockpit.config import Config, SignalConfig
from cockpit.kube import doctor as needs
from cockpit.kube.access import Access
from cockpit.kube.errors import KubeError
from cockpit.room.doctor_database import database_findings
from cockpit.room.finding import Finding
from cockpit.room.house import House
from cockpit.room.live import pinned
from cockpit.runbook.matchers import equals
from cockpit.signal.alertapi import AlertmanagerApi, AlertmanagerError
from cockpit.signal.plan import AlertsPlan, alerts_plan
from cockpit.signal.promapi import PrometheusApi, PrometheusError, Undefined
from cockpit.text import takes_utf8


async def examine(house: House, clock: Clock) -> AsyncIterator[Finding]:
    """Look at everything, one finding at a time, the slow ones last."""
    yield _record(house)
    for finding in (*_terminal(), *_templates(house)):
        yield finding
    service = house.plans.service
    if not service:
        yield Finding("configuration", "bad", "no service is configured", "`cockpit init` writes a configuration")
        return
    place = house.plans.config.path or "the command line"
    yield Finding("configuration", "ok", f"{place}: service {service}")
    config = pinned(house.plans.config, service, house.room.target)
    async for finding in _cluster(house, config, clock):
        yield finding
    async for finding in _prometheus(config, service):
        yield finding
    async for finding in database_findings(house, clock):
        yield finding
    if (plan := alerts_plan(config, config.services[service])) is not None:
        yield await _alertmanager(plan)


def _record(house: House) -> Finding:
    store = house.store
    words = f"{store.path}, {'read-only' if store.read_only else 'writable'}"
    return Finding("record", "ok", words)


def _templates(house: House) -> list[Finding]:
    """A team's own templates that cannot be used; nothing where all can."""
    broken = house.plans.templates.broken.values()
    return [Finding("template", "bad", why, "nobody is told by it until it is mended") for why in broken]


def _terminal() -> list[Finding]:
    term, found = os.environ.get("TERM", ""), []
    if term in ("", "dumb"):
        mend = "the cockpit needs a terminal; the commands work without one"
        found.append(Finding("terminal", "warn", f"TERM is '{term}'", mend))
    else:
        size = shutil.get_terminal_size()
        found.append(Finding("terminal", "ok", f"{term}, {size.columns}×{size.lines}"))
    if not takes_utf8(os.environ):
        said = os.environ.get("LC_ALL") or os.environ.get("LANG")
        mend = "set LANG to a UTF-8 locale, if the terminal has it"
        found.append(Finding("locale", "warn", f"{said} has no UTF-8: all is drawn in ASCII", mend))
    return found


async def _cluster(house: House, config: Config, clock: Clock) -> AsyncIterator[Finding]:
    target = house.room.target
    if target is None:
        yield Finding("cluster", "warn", "no cluster is configured for this service", "add `kubernetes` to the service")
        return
    kubeconfig = config.kubernetes[target.cluster].kubeconfig if target.cluster in config.kubernetes else None
    began = clock.monotonic()
    try:
        access = await Access.open(target.context, kubeconfig, clock)
    except KubeError as error:
        yield Finding("cluster", "bad", f"{target.context}: {error.message}", error.mend)
        return
    try:
        version = await access.version()
        took = (clock.monotonic() - began) * 1000
        yield Finding("cluster", "ok", f"{target.context}: {access.server}, version {version}, {took:.0f} ms")
        yield Finding("user", "ok", await needs.user(access))
        for need, permission in await needs.permissions(access, target.namespace, target.deployment):
            yield _right(str(need), need, permission.allowed, permission.reason, target.namespace)
    except KubeError as error:
        yield Finding("cluster", "bad", f"{target.context}: {error.message}", error.mend)
    finally:
        await access.close()


def _right(what: str, need: needs.Need, allowed: bool, reason: str, namespace: str) -> Finding:
    if allowed:
        return Finding(what, "ok", f"may {need.purpose}")
    said = f"may not {need.purpose}" + (f": {reason}" if reason else "")
    if need.changing:
        return Finding(what, "warn", said, f"ask for `{need}` in {namespace}, or let another do it")
    return Finding(what, "bad", said, f"ask for `{need}` in {namespace}")


async def _prometheus(config: Config, service: str) -> AsyncIterator[Finding]:
    name = config.services[service].prometheus
    if name is None:
        yield Finding("prometheus", "warn", "none is configured for this service", "add `prometheus` to the service")
        return
    known = config.prometheus[name]
    api = await PrometheusApi.open(name, known.url, known.token, 10.0)
    try:
        yield Finding(f"prometheus {name}", "ok", f"{known.url}, version {await api.version()}")
        for id, signal in config.services[service].signals.items():
            if not isinstance(signal, SignalConfig):
                continue  # other sources say by themselves what they can read
            try:
                value = await api.query(signal.query)
                yield Finding(f"signal {id}", "ok", f"{value:g} {signal.unit}")
            except Undefined as error:
                yield Finding(f"signal {id}", "warn", f"unknown: {error}", "check its query in the configuration")
    except PrometheusError as error:
        yield Finding(f"prometheus {name}", "bad", error.message, error.mend)
    finally:
        await api.close()


async def _alertmanager(plan: AlertsPlan) -> Finding:
    what, api = f"alertmanager {plan.name}", AlertmanagerApi(plan.name, plan.url, plan.token)
    try:
        version = await api.version()
        firing = await api.alerts(list(map(str, equals(plan.match))))
        return Finding(what, "ok", f"{plan.url}, version {version}, {len(firing)} firing")
    except AlertmanagerError as error:
        return Finding(what, "bad", error.message, error.mend)
    finally:
        await api.close()
