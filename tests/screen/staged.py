"""A war room on a stage: a record made by hand, views that stand still, and a clock that only the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from screen.flying import options
from scribe.story import START, at, bad_release

from cockpit.action.model import Confirm, Never
from cockpit.action.ports import BoardView, NoBoard
from cockpit.clock import ManualClock
from cockpit.incident.entry import Entry
from cockpit.incident.kinds import RunResult, RunVerified
from cockpit.incident.timeline import Timeline
from cockpit.kube.pods.fault import CRASHING
from cockpit.room.doctor import Finding
from cockpit.room.house import House, open_house
from cockpit.room.journal.listing import Listed
from cockpit.room.live.courses import Sample
from cockpit.room.live.podlogs import LogLine
from cockpit.room.live.podwatch import PodLook
from cockpit.room.refusal import Refusal
from cockpit.room.runs.jobs import Job
from cockpit.room.runs.runs import Confirmation, Flight, Plan, Terminal
from cockpit.room.views.database import DatabaseView
from cockpit.room.views.endpoints import EndpointsView
from cockpit.room.views.rollout import RevisionView, RolloutView
from cockpit.room.views.sets import SetView
from cockpit.room.views.signals import (
    AlertsView,
    DeploymentRow,
    PodRow,
    PodsView,
    ReplicaSetRow,
    SignalView,
    SourceView,
    Suggestion,
)
from cockpit.room.war_room import WarRoom
from cockpit.values import replace

NOW = at("11:00")
"""Where the story stands still unless a test says otherwise: P1, the bad release runs, a rollback is decided."""

CONFIGURATION = """\
version: 1
runbooks: []
kubernetes:
  prod: {context: prod-eu, kubeconfig: kubeconfig, production: true}
prometheus:
  main: {url: "http://prometheus.example:9090"}
services:
  payment-service:
    runbook: payment-service
    policy: incident-response-plan
    kubernetes: {cluster: prod, namespace: production, selector: app=payment-service, deployment: payment-service}
    prometheus: main
channels:
  paper: {type: file, path: messages.txt}
audiences:
  customers: [paper]
targets:
  database-team: {channels: [paper], handles: ["@dba"], phone: "+1 555 0100"}
  secondary: {phone: "+1 555 0101"}
"""

TELLING = CONFIGURATION.replace(
    "  paper: {", "  status: {type: statuspage, page: abc123, token: {env: TOKEN}}\n  paper: {"
)
TELLING = TELLING.replace(
    "  customers: [paper]", "  customers: [status, paper]\n  internal: [paper]\n  support: [paper]\n  executives: []"
)
"""The same with a public page and more audiences."""


def pod(name: str, revision: str, **more: Any) -> PodRow:
    """A pod of release `revision`, running well unless told otherwise."""
    given: dict[str, Any] = {
        "uid": name, "name": f"payment-service-{name}", "namespace": "production", "status": "Running",
        "ready_count": 1, "containers": 1, "created": START - timedelta(minutes=30), "node": "node-a",
        "started": START - timedelta(minutes=30), "ip": "10.1.0.7", "image": revision, "ready_condition": True,
        "revision_hash": name.partition("-")[0],
    }  # fmt: skip
    return PodRow(**(given | more))


def crashing(name: str, restarts: int, **more: Any) -> PodRow:
    """A pod of the bad release."""
    given: dict[str, Any] = {
        "status": "CrashLoopBackOff", "ready_count": 0, "restarts": restarts, "crash_reason": "CrashLoopBackOff",
        "last_restart": at("10:20"), "created": at("0:02"), "started": None, "node": "node-b", "exit_code": 1,
        "ready_condition": False, "reason": "CrashLoopBackOff", "gravity": CRASHING, "restarts_lately": 5,
        "why": "container payment ended with exit code 1: FATAL cannot reach gateway; back-off 5m0s",
    }  # fmt: skip
    return pod(name, "1.4.2", **(given | more))


PODS = (
    crashing("7599565f95-4kgb8", 7), crashing("7599565f95-9xw2p", 6), crashing("7599565f95-q8zlm", 6),
    pod("5dc9b45b44-6wfp7", "1.4.1"), pod("5dc9b45b44-bk4bg", "1.4.1", node="node-c"),
)  # fmt: skip
DEPLOYMENT = DeploymentRow("d", "payment-service", "production", revision=43, wanted=5, replicas=5, ready=2)
REVISIONS = (
    ReplicaSetRow(
        "r43",
        "payment-service-7599565f95",
        revision=43,
        revision_hash="7599565f95",
        image="1.4.2",
        wanted=3,
        replicas=3,
    ),
    ReplicaSetRow(
        "r42",
        "payment-service-5dc9b45b44",
        revision=42,
        revision_hash="5dc9b45b44",
        image="1.4.1",
        wanted=2,
        replicas=2,
        ready=2,
    ),
)
RISING = (0.1, 0.1, 0.2, 0.1, 0.3, 0.2, 1.4, 3.9, 8.2, 11.7, 12.1, 12.4)
FALLING = (1010.0, 1004.0, 1012.0, 1001.0, 1009.0, 998.0, 871.0, 702.0, 655.0, 617.0, 609.0, 612.0)
FLAT = (61.0, 60.5, 61.2, 61.4, 60.8, 61.1, 61.0, 60.6, 61.3, 61.2, 61.1, 61.0)


def signal(id: str, title: str, unit: str, value: float | None, state: str, bound: str, **more: Any) -> SignalView:
    """A signal as read two seconds ago."""
    given: dict[str, Any] = {"history": FLAT, "at": NOW - timedelta(seconds=2), "since": at("2:20")}
    return SignalView(id, title, unit, value, state, bound, **(given | more))


SIGNALS = (
    signal("error-rate", "Error rate", "percent", 12.4, "breach", "> 5", history=RISING),
    signal("p95", "Response time", "seconds", 3.1, "breach", "> 2", history=RISING),
    signal("throughput", "Throughput", "per-minute", 612.0, "warning", "< 700", history=FALLING),
    signal("memory", "Memory", "percent", 61.0, "ok", "> 80"),
    signal("cpu", "CPU", "percent", 34.0, "ok", "> 70"),
    signal("db", "Database connections", "count", None, "unknown", "> 0", reason="no such series", at=at("10:20")),
)


def source(name: str, short: str, state: str = "live", **more: Any) -> SourceView:
    """A source, as of two seconds ago."""
    return SourceView(name, short, state, **({"since": START, "as_of": NOW - timedelta(seconds=2)} | more))


@dataclass
class StagedLogs:
    """What stands where `cockpit.room.live.podlogs.PodLogs` would: lines that are there at once, a second apart."""

    pods: Sequence[str]
    lines: Sequence[str]
    wrong: str = ""

    @property
    def troubled(self) -> bool:
        """Whether it cannot be had now."""
        return bool(self.wrong)

    @property
    def said(self) -> str:
        """What is followed."""
        if self.wrong:
            return f"tries again: {self.wrong}"
        return "following" if len(self.pods) == 1 else f"following {len(self.pods)} pods"

    async def containers(self) -> tuple[str, ...]:
        """The pod's containers."""
        return ("payment", "proxy")

    async def run(self, took: Callable[[list[LogLine]], None]) -> None:
        """Give the lines, and no more of them for as long as it is followed."""
        pods = [self.pods[n % len(self.pods)] for n in range(len(self.lines))]
        took([LogLine(pod, "", line, at("10:00") + timedelta(seconds=n))
              for n, (pod, line) in enumerate(zip(pods, self.lines, strict=True))])  # fmt: skip
        await asyncio.Event().wait()


LOADING_POD = PodLook("loading")


@dataclass
class StagedWatch:
    """What stands where `cockpit.room.live.podwatch.PodWatch` would: a pod that stands still."""

    seen: PodLook

    def look(self) -> PodLook:
        """What is known."""
        return self.seen

    async def run(self, changed: Callable[[], None]) -> None:
        """Nothing changes."""
        await asyncio.Event().wait()


@dataclass
class Stage:
    """What stands where `cockpit.room.live.live.Live` would: the same doors, behind them what the test put."""

    pods_view: PodsView
    signal_views: Sequence[SignalView]
    signals_from: SourceView
    suggested: Sequence[Suggestion] = ()
    found: Sequence[Finding] = ()
    log: Sequence[str] = ()
    log_wrong: str = ""
    log_refused: str = ""
    pod_look: PodLook = LOADING_POD
    alerts_view: AlertsView | None = None
    rollout_view: RolloutView | None = None
    revision_views: Sequence[RevisionView] = ()
    set_views: Sequence[SetView] = ()
    courses: Mapping[str, Sequence[Sample]] = field(default_factory=dict)
    more_sources: Mapping[str, SourceView] = field(default_factory=dict)
    endpoints_view: EndpointsView | None = None

    @property
    def board(self) -> BoardView:
        """What actions would see of it: nothing."""
        return NoBoard()

    def in_pod(self) -> None:
        """No pod can send anything."""

    def pods(self) -> PodsView:
        """The pods."""
        return self.pods_view

    def signals(self) -> Sequence[SignalView]:
        """The signals."""
        return self.signal_views

    def signal_sources(self) -> dict[str, SourceView]:
        """How fresh each source of signals is."""
        return {"signals": self.signals_from, **self.more_sources}

    def samples(self, id: str) -> tuple[Sequence[Sample], float]:
        """A signal's history, evenly over the time since the story's start."""
        if id in self.courses:
            return self.courses[id], 45.0
        view = next(each for each in self.signal_views if each.id == id)
        step = (NOW - START) / max(1, len(view.history) - 1)
        return [Sample(START + number * step, value) for number, value in enumerate(view.history)], 90.0

    def rollout(self) -> RolloutView:
        """The deployment."""
        return self.rollout_view or RolloutView(self.pods_view.source, self.pods_view)

    async def revisions(self) -> Sequence[RevisionView]:
        """Its revisions."""
        return self.revision_views

    async def sets(self) -> Sequence[SetView]:
        """The sets of its pods."""
        return self.set_views

    def alerts(self) -> AlertsView | None:
        """What fires."""
        return self.alerts_view

    def endpoints(self) -> EndpointsView | None:
        """The endpoints."""
        return self.endpoints_view

    def database(self) -> DatabaseView | None:
        """No database is watched."""
        return None

    def sources(self) -> Sequence[SourceView]:
        """Every source."""
        rollout = replace(self.pods_view.source, name="rollout", short="")
        more = [each for part, each in self.more_sources.items() if part != "pods"]
        return (self.pods_view.source, rollout, self.signals_from, *more)

    def suggestions(self) -> Sequence[Suggestion]:
        """What the runbook suggests."""
        return self.suggested

    def logs(self, pod: str = "", container: str = "") -> StagedLogs:
        """The log's lines, of that pod or of two pods in turn. Raises Refusal where there is nothing to ask."""
        if self.log_refused:
            raise Refusal(self.log_refused)
        pods = [pod] if pod else [row.name for row in self.pods_view.rows[:2]]
        return StagedLogs(pods, self.log, self.log_wrong)

    def pod(self, name: str) -> StagedWatch:
        """One pod."""
        return StagedWatch(self.pod_look)

    async def close(self) -> None:
        """Nothing is open."""


def stage(**more: Any) -> Stage:
    """The outage as the story has it at `NOW`."""
    given: dict[str, Any] = {
        "pods_view": PodsView(source("pods", "k8s"), PODS, DEPLOYMENT, REVISIONS),
        "signal_views": SIGNALS,
        "signals_from": source("prometheus", "prom"),
    }
    return Stage(**(given | more))


ROLLBACK = Plan(
    run="run-1", title="Roll back", risk="changing", execution=Never(), step="crash-loop.roll-back",
    command="kubectl --context prod-eu -n production rollout undo deployment/payment-service --to-revision=42",
    request="PATCH /apis/apps/v1/namespaces/production/deployments/payment-service (JSON Patch)",
    context="prod-eu", server="https://10.20.0.1:6443", namespace="production", object="deployment/payment-service",
    before="rev 43 (1.4.2)", after="rev 42 (1.4.1)",
    change=("payment image: registry.example/payment:1.4.2 → registry.example/payment:1.4.1",),
    dry_run="accepted by the server, nothing changed", undo="go forward again to revision 43",
    confirm=Confirm("yes"),
)  # fmt: skip
DELETE = Plan(
    run="run-3", title="Restart pods", risk="destructive", execution=Never(), step="memory.restart",
    command="kubectl --context prod-eu -n production delete pods -l app=payment-service",
    request="DELETE /api/v1/namespaces/production/pods/… (5 pods, each with its uid)",
    context="prod-eu", server="https://10.20.0.1:6443", namespace="production", object="pods/payment-service",
    before="5 pods, the oldest 41m", after="5 new pods",
    warnings=("context prod-eu is marked production", "all of them are gone at once: expect an interruption"),
    dry_run="accepted by the server, nothing changed", confirm=Confirm("name", "payment-service"),
)  # fmt: skip
KILL = Plan(
    run="run-4", title="Kill long-running queries", risk="changing", execution=Never(), step="slow.kill",
    command="psql payments -c 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE …'",
    request="in one transaction: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active'",
    server="10.20.0.9:5432/payments as cockpit_rw", object="database/payments",
    change=("+2 rows: pid 4711, 38 s, UPDATE orders SET …", "+         pid 4720, 36 s, SELECT …"),
    dry_run="counted by a SELECT of its WHERE; the statement itself was not executed", confirm=Confirm("yes"),
)  # fmt: skip
VERCEL = Plan(
    run="run-5", title="Pause the scheduler", risk="changing", execution=Never(), step="scheduler.pause",
    command="vercel cron pause", server="this machine", object="program/vercel", copy="vercel cron pause",
    refusals=("`vercel` is not installed here: copy the text, or mark the step done by hand",),
)  # fmt: skip
LOG = Plan(
    run="run-2", title="log 4kgb8", risk="read-only", execution=Never(), context="prod-eu", namespace="production",
    command="kubectl --context prod-eu -n production logs payment-service-7599565f95-4kgb8 --tail=500",
    object="pod/payment-service-7599565f95-4kgb8", server="https://10.20.0.1:6443", confirm=Confirm("none"),
)  # fmt: skip
LOG_LINES = (
    '{"level": "info", "version": "1.4.2", "msg": "starting"}',
    '{"level": "warn", "msg": "no setting PAYMENT_ROUTES"}',
    "SettingsError: setting PAYMENT_ROUTES is missing: no payment can be routed",
    "    at required (/srv/payments/dist/settings/required.js:27:11)",
)


@dataclass
class Script:
    """What runs give on the stage: the plan of any job, the lines that it says, and how it ends."""

    plan: Plan = ROLLBACK
    lines: Sequence[str] = ()
    result: RunResult | None = None
    verified: RunVerified | None = None
    standing: str = "running"
    saying: str = ""
    listed: list[Listed] = field(default_factory=list)


class StagedRoom(WarRoom):
    """A war room whose signals are a `Stage` and whose runs follow a `Script`; the record is as real as ever."""

    def __init__(self, house: House, clock: ManualClock, live: Stage | None, script: Script) -> None:
        super().__init__(house, clock)
        self.live = cast(Any, live)
        self.script = script

    async def go_live(self) -> None:
        """It is live, or stays loading."""

    async def examine(self) -> AsyncIterator[Finding]:  # type: ignore[override]  # an async generator is one
        """What the stage says was found."""
        for finding in self.live.found if self.live else ():
            yield finding

    async def prepare(self, job: Job, waits: Callable[[str], None] = lambda _: None) -> Plan:
        """The script's plan."""
        return self.script.plan

    def launch(
        self, plan: Plan, given: Confirmation, *, unrecorded: bool = False, terminal: Terminal | None = None
    ) -> Flight:
        """A flight that is as far as the script says."""
        script = self.script
        over = self.clock.now() if script.standing not in ("running", "verifying") else None
        flight = Flight(plan, self.clock.now() - timedelta(seconds=43), script.standing, script.saying, over)
        flight.lines.extend(script.lines)
        flight.result, flight.verified = script.result, script.verified
        flight.task = asyncio.create_task(asyncio.sleep(0))
        if plan.changes:
            self.flight = flight
        return flight

    async def incidents(self) -> Sequence[Listed]:
        """What the script lists."""
        return self.script.listed or await super().incidents()


async def open_staged(
    folder: Path, live: Stage | None = None, *, entries: Sequence[Entry] = (), now: datetime = NOW,
    script: Script | None = None, configuration: str = CONFIGURATION, **more: object,
) -> StagedRoom:  # fmt: skip
    """A staged war room; whoever opened it closes its house."""
    config = folder / "cockpit.yaml"
    await asyncio.to_thread(config.write_text, configuration, encoding="utf-8")
    clock = ManualClock(now)
    house = await open_house(options(folder, config, **({"actor": "@oncall"} | more)), clock)
    if entries:
        house.room.timeline, house.room.incident = Timeline(entries), entries[0].incident
        house.room.label = "INC-2026-001"
    return StagedRoom(house, clock, live, script or Script())


@asynccontextmanager
async def staged(folder: Path, live: Stage | None = None, **more: Any) -> AsyncIterator[StagedRoom]:
    """A staged war room, until the block ends."""
    war = await open_staged(folder, live, **more)
    try:
        yield war
    finally:
        await war.house.close()


def story(until: datetime = NOW) -> list[Entry]:
    """The story of the bad release as far as it was written at `until`."""
    return [entry for entry in bad_release().timeline.entries if entry.recorded.at <= until]
