"""Logs filtered and counted: which lines, which kinds of lines, and how long things took."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.action.kubernetes.logs.durations import LogDurations, duration_in, statistics
from cockpit.action.kubernetes.logs.logs import Logs
from cockpit.action.kubernetes.logs.patterns import LogPatterns, kind_of_line
from cockpit.action.model import Action
from cockpit.incident.kinds import RunResult
from tests.action.stand import NAME, NAMESPACE, Payments, Stand, stand

anyio = pytest.mark.anyio
SELECTOR = f"app={NAME}"
LOG = (
    "payment-service starting",
    "request 1 POST /pay duration=120ms",
    "ERROR gateway timeout after 3001 ms for 5f0c6d1e-8a55-4b1c-9d3e-0123456789ab from 10.0.0.1:8080",
    "error Gateway timeout",
    "ERROR gateway timeout after 2999 ms for aaaaaaaa-8a55-4b1c-9d3e-0123456789ab from 10.0.0.2:8080",
    "request 2 POST /pay duration=80ms",
)


@pytest.fixture(autouse=True)
def _log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Payments, "log", LOG)


async def ran(here: Stand, action: Action) -> RunResult:
    """Read-only: prepared and executed without a question."""
    plan = await here.runner.prepare(action)
    assert (plan.refusals, plan.risk) == ((), "read-only")
    return await here.runner.execute(plan)


@anyio
async def test_only_the_lines_that_match(tmp_path: Path) -> None:
    """As grep -E would keep them, of one pod and of all; the command says so."""
    async with stand(tmp_path) as here:
        pod = here.cluster.list("pods", NAMESPACE)[0]["metadata"]["name"]
        plan = await here.runner.prepare(Logs(pod, NAMESPACE, matching="ERROR|fatal", since=7200.0))
        assert plan.command.endswith(f"logs {pod} --tail=100 --since=7200s | grep -E 'ERROR|fatal'")
        assert "sinceSeconds=7200" in plan.request
        result = await here.runner.execute(plan)
        assert result.output.splitlines() == [LOG[2], LOG[4]]
        action = Logs("", NAMESPACE, selector=SELECTOR, matching="error gateway", ignore_case=True)
        lines = (await ran(here, action)).output.splitlines()
        assert len(lines) == 9
        assert all(line.startswith("[pod/payment-service-") for line in lines)
        fortnight = await here.runner.prepare(Logs(pod, NAMESPACE, since=14 * 86400.0))
        assert fortnight.command.endswith("--since=1209600s")
        assert "sinceSeconds=1209600" in fortnight.request
        recent = await ran(here, Logs(pod, NAMESPACE, matching="ERROR", since=60.0))
        assert recent.output == "no line holds ERROR", "the pods wrote it 41 minutes ago"
        assert "no line holds nothing" in (await ran(here, Logs(pod, NAMESPACE, matching="nothing"))).output


@anyio
async def test_kinds_of_lines_are_counted(tmp_path: Path) -> None:
    """What differs in numbers, ids and addresses alone is one kind; the most frequent comes first."""
    async with stand(tmp_path) as here:
        result = await ran(here, LogPatterns(NAMESPACE, SELECTOR))
        lines = result.output.splitlines()
        assert lines[0] == "9 of 18 lines of 3 pods hold (?i)error|fatal|exception; 2 kinds"
        assert lines[2].split(maxsplit=2) == ["6", "3", "ERROR gateway timeout after <n> ms for <uuid> from <ip>"]
        assert lines[3].split(maxsplit=2) == ["3", "3", "error Gateway timeout"]
        limited = await ran(here, LogPatterns(NAMESPACE, SELECTOR, limit=1))
        assert limited.output.endswith("… and 1 kinds more")


@anyio
async def test_durations_have_statistics(tmp_path: Path) -> None:
    """Those that lines name by themselves, or those that the runbook's expression names."""
    async with stand(tmp_path) as here:
        result = await ran(here, LogDurations(NAMESPACE, SELECTOR))
        assert result.output.splitlines() == [
            "6 durations in 18 lines of 3 pods",
            "count  6",
            "avg    100 ms",
            "min    80 ms",
            "max    120 ms",
            "p50    80 ms",
            "p95    120 ms",
            "p99    120 ms",
        ]
        result = await ran(here, LogDurations(NAMESPACE, SELECTOR, matching=r"after (\d+)"))
        assert "max    3.00 s" in result.output


@anyio
async def test_no_durations_is_a_failure_in_words(tmp_path: Path) -> None:
    """An empty statistic would read as all is well."""
    async with stand(tmp_path) as here:
        result = await ran(here, LogDurations(NAMESPACE, SELECTOR, matching=r"nothing (\d+)"))
        assert (result.outcome, result.exit) == ("failed", 1)
        assert result.error.startswith("no durations found: of 18 lines of 3 pods none hold")
        for action in (LogDurations(NAMESPACE, "app=nobody"), LogPatterns(NAMESPACE, "app=nobody")):
            assert (await ran(here, action)).error == "there is no pod to read"


@anyio
@pytest.mark.parametrize(
    ("action", "why"),
    [
        (Logs("x", NAMESPACE, matching="("), "is no regular expression: .*character 1"),
        (LogPatterns(NAMESPACE, SELECTOR, matching="[a"), "is no regular expression"),
        (LogPatterns(NAMESPACE), "neither a pod nor a selector"),
        (LogDurations(NAMESPACE, SELECTOR, matching="took"), "no group for the number"),
    ],
)
async def test_what_cannot_be_read_says_why(tmp_path: Path, action: Action, why: str) -> None:
    """A mistake in the runbook is found in the preview."""
    async with stand(tmp_path) as here:
        assert re.search(why, (await here.runner.prepare(action)).refusals[0])


@anyio
async def test_a_pod_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The others are counted all the same."""
    async with stand(tmp_path) as here:
        meta = {"name": "lost", "namespace": NAMESPACE, "labels": {"app": "lost"}}
        spec = {"containers": [{"name": "a", "image": "registry.example/absent:1"}]}
        here.cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
        result = await ran(here, LogPatterns(NAMESPACE, f"app in ({NAME},lost)"))
        assert "pod/lost: unknown: " in result.output
        assert "9 of 18 lines of 3 pods hold" in result.output
        assert (await ran(here, LogPatterns(NAMESPACE, "app=lost"))).error == "no pod's log could be read"


@pytest.mark.parametrize(
    ("line", "milliseconds"),
    [
        ("duration=12ms", 12.0),
        ('{"latency_ms": 12.5}', 12.5),
        ("took 1.2 s", 1200.0),
        ("request completed, duration 245", 245.0),
        ("duration: POST /pay 200 245ms", 245.0),
        ('"duration":"350µs"', 0.35),
        ("durationSeconds=0.25", 250.0),
        ("took 12 million", 12.0),
        ("order 12 done", None),
        ("the duration is unknown", None),
    ],
)
def test_a_line_names_its_duration(line: str, milliseconds: float | None) -> None:
    """With its unit, the unit of its name, or milliseconds."""
    found = duration_in(line)
    assert (found and found[0]) == pytest.approx(milliseconds)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_percentiles_lie_between_the_least_and_the_greatest(values: list[float]) -> None:
    """However few there are."""
    lines = statistics(values)
    assert lines[0] == f"count  {len(values)}"
    assert len(lines) == 7


@given(st.text(max_size=300))
def test_a_kind_is_its_own_kind(line: str) -> None:
    """No digit is left, and what is not told apart once is not told apart again."""
    kind = kind_of_line(line)
    assert not re.search(r"[0-9]", kind)
    assert kind_of_line(kind) == kind
