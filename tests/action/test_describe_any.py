"""Describing any resource, and what pods and nodes use."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.action.kubernetes.objects.description import Describe
from cockpit.action.kubernetes.objects.get import Get
from cockpit.action.kubernetes.objects.top import Top
from cockpit.action.model import Action
from cockpit.incident.kinds import RunResult
from cockpit.kube.quantity import quantity
from tests.action.stand import NAME, NAMESPACE, Stand, stand

anyio = pytest.mark.anyio


async def ran(here: Stand, action: Action) -> RunResult:
    """Read-only: prepared and executed without a question."""
    plan = await here.runner.prepare(action)
    assert (plan.refusals, plan.risk) == ((), "read-only")
    return await here.runner.execute(plan)


@anyio
async def test_any_resource_by_name(tmp_path: Path) -> None:
    """Name, labels, spec as YAML; of a config map the keys and not the values."""
    async with stand(tmp_path) as here:
        here.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": {"team": "payments"}},
                "spec": {"selector": {"app": NAME}, "ports": [{"port": 80, "targetPort": 3006}]},
            }
        )
        here.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "settings", "namespace": NAMESPACE},
                "data": {"key": "a value of some length"},
            }
        )
        result = await ran(here, Describe("svc", NAMESPACE, NAME))
        assert result.output.startswith(f"Service {NAME}  age ")
        assert "labels team=payments" in result.output
        assert "targetPort: 3006" in result.output
        assert "no events" in result.output
        result = await ran(here, Describe("configmap", NAMESPACE, "settings"))
        assert "data key: 22 characters" in result.output
        assert "a value" not in result.output


@anyio
async def test_by_selector(tmp_path: Path) -> None:
    """Each that matches, pods in the way that says first why they are not well."""
    async with stand(tmp_path) as here:
        result = await ran(here, Describe("pods", NAMESPACE, selector=f"app={NAME}"))
        assert result.output.count("1/1 ready") == 3
        result = await ran(here, Describe("rs", NAMESPACE, selector=f"app={NAME}"))
        assert f"owner Deployment/{NAME}" in result.output
        assert "SuccessfulCreate" in result.output
        result = await ran(here, Describe("deployments", NAMESPACE, selector="app=nobody"))
        assert "No resources found" in result.output


@anyio
async def test_a_kind_that_is_looked_up_in_the_cluster(tmp_path: Path) -> None:
    """By plural, short name, kind, or with its group; get finds it, too."""
    async with stand(tmp_path) as here:
        address = {"addressType": "IPv4", "endpoints": [], "metadata": {"name": "some", "namespace": NAMESPACE}}
        here.cluster.create({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", **address})
        for name in ("endpointslices", "EndpointSlice", "endpointslices.discovery.k8s.io"):
            plan = await here.runner.prepare(Describe(name, NAMESPACE, "some"))
            assert plan.object == "endpointslices/some"
            assert "addressType: IPv4" in (await here.runner.execute(plan)).output
        assert "ADDRESSTYPE" in (await ran(here, Get("endpointslices", NAMESPACE))).output


@anyio
async def test_secrets_in_a_template_are_masked(tmp_path: Path) -> None:
    """Name and value stand in different lines of the YAML."""
    async with stand(tmp_path) as here:
        here.release("1.4.0", DB_PASSWORD="correct-horse", MODE="fast")
        result = await ran(here, Describe("deploy", NAMESPACE, selector=f"app={NAME}"))
        assert "correct-horse" not in result.output
        assert "value: fast" in result.output


@anyio
async def test_what_is_not_known_or_not_there(tmp_path: Path) -> None:
    """Each with its reason."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(Describe("flibbets", NAMESPACE, "x"))
        assert "serves no resource that is called flibbets" in plan.refusals[0]
        result = await ran(here, Describe("svc", NAMESPACE, "nothing"))
        assert '"nothing" not found' in result.error


@anyio
async def test_top(tmp_path: Path) -> None:
    """As kubectl prints it; nodes with their share."""
    async with stand(tmp_path) as here:
        plan = await here.runner.prepare(Top(NAMESPACE, selector=f"app={NAME}"))
        assert plan.command.endswith(f"top pods -l app={NAME}")
        lines = (await here.runner.execute(plan)).output.splitlines()
        assert lines[0].split() == ["NAME", "CPU(cores)", "MEMORY(bytes)"]
        assert [line.split()[1:] for line in lines[1:]] == [["100m", "64Mi"]] * 3
        name = lines[1].split()[0]
        assert (await ran(here, Top(NAMESPACE, name=name))).output.splitlines()[1].split()[0] == name
        lines = (await ran(here, Top(NAMESPACE, "nodes"))).output.splitlines()
        assert len(lines) == 4
        assert all(line.split()[2].endswith("%") for line in lines[1:])
        assert "No resources found" in (await ran(here, Top(NAMESPACE, selector="app=nobody"))).output


@anyio
async def test_no_metrics_is_not_nothing_used(tmp_path: Path) -> None:
    """A cluster without metrics-server answers 404 or 503: a failure, in words."""
    async with stand(tmp_path) as here:
        here.cluster.metrics_served = False
        result = await ran(here, Top(NAMESPACE))
        assert result.outcome == "failed"
        assert "serves no metrics" in result.error


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250m", "0.25"),
        ("12345n", "0.000012345"),
        ("2", "2"),
        ("1e3", "1000"),
        ("128Mi", "134217728"),
        ("1.5Gi", "1610612736"),
        ("64k", "64000"),
    ],
)
def test_quantities(text: str, value: str) -> None:
    """In cores and bytes."""
    assert quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "Mi", "1.2.3", "12q", "1 Mi", "٣Mi"])
def test_no_quantities(text: str) -> None:
    """What is none is refused."""
    with pytest.raises(ValueError, match="is no quantity"):
        quantity(text)
