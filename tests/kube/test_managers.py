"""Which program last set a field, by what a real API server recorded and by what an autoscaler leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from simcluster import NAME, NAMESPACE, living

from cockpit.kube.access import MERGE_PATCH
from cockpit.kube.around.surroundings import autoscaler_row, config_map_row, secret_row, service_row
from cockpit.kube.managers import AUTOSCALER, Setter, setter_of
from cockpit.kube.paths import resource_path
from cockpit.kube.rollouts.deployed import DeploymentDetail, deployment_detail
from cockpit.kube.rows import deployment_row
from cockpit.kube.shapes import FieldOwner


def owners(*entries: tuple[str, str, str, dict[str, Any]]) -> list[FieldOwner]:
    """Entries of manager, subresource, time of day and fields."""
    made = [
        {"manager": manager, "subresource": part, "time": f"2026-11-21T{at}Z", "fieldsV1": fields}
        for manager, part, at, fields in entries
    ]
    return msgspec.json.decode(json.dumps(made).encode(), type=list[FieldOwner])


REPLICAS, TEMPLATE = {"f:spec": {"f:replicas": {}}}, {"f:spec": {"f:template": {"f:spec": {}}}}


def test_the_latest_setter_of_a_field_counts() -> None:
    found = owners(
        ("helm", "", "01:00:00", {"f:spec": {"f:replicas": {}, "f:template": {}}}),
        ("kubectl-set", "", "02:00:00", TEMPLATE),
        ("kube-controller-manager", "status", "03:00:00", {"f:status": {"f:replicas": {}}}),
    )
    assert setter_of(found, "replicas") == Setter("helm", datetime(2026, 11, 21, 1, tzinfo=UTC))
    assert setter_of(found, "template").name == "kubectl-set"
    assert setter_of(found).name == "kubectl-set"
    assert setter_of(found, "paused") == setter_of(None) == Setter()


def test_what_the_controllers_scale_an_autoscaler_has_decided() -> None:
    found = owners(
        ("kubectl", "scale", "01:00:00", REPLICAS), ("kube-controller-manager", "scale", "02:00:00", REPLICAS)
    )
    assert setter_of(found, "replicas").name == AUTOSCALER
    assert setter_of(found[:1], "replicas").name == "kubectl"


def test_a_recorded_deployment_tells_its_conditions_and_who_released_it(shared: Path) -> None:
    recorded = json.loads((shared / "kubernetes-recordings" / "25-deployment-stalled.json").read_text())
    detail = deployment_detail(json.dumps(recorded["response"]["body"]).encode())
    progressing = detail.condition("Progressing")
    assert detail.released.name == detail.scaled.name == "python-httpx"
    assert detail.paused == Setter()
    assert progressing is not None
    assert progressing.holds
    assert progressing.reason == "ReplicaSetUpdated"
    assert progressing.updated == datetime(2026, 11, 21, 0, 6, 44, tzinfo=UTC)
    assert msgspec.json.decode(detail.template)["spec"]["containers"]


@pytest.mark.anyio
async def test_the_simulated_server_keeps_them_as_a_real_one_does(tmp_path: Path) -> None:
    async with living(tmp_path) as alive:
        deployment = resource_path("apps/v1", "deployments", NAMESPACE, NAME)

        async def change(by: str, body: dict[str, Any], path: str = deployment) -> DeploymentDetail:
            await alive.access.call("PATCH", path, query={"fieldManager": by}, body=body, content_type=MERGE_PATCH)
            return deployment_row((await alive.access.call("GET", deployment)).body).detail

        detail = await change("kubectl-rollout", {"spec": {"paused": True}})
        assert (detail.paused.name, detail.scaled.name, detail.released.name) == ("kubectl-rollout", "", "")
        labels = {"spec": {"template": {"metadata": {"labels": {"tier": "gold"}}}}}
        assert (await change("kubectl-label", labels)).released.name == "kubectl-label"
        scaled = await change("kube-controller-manager", {"spec": {"replicas": 5}}, f"{deployment}/scale")
        assert scaled.scaled.name == AUTOSCALER
        assert (await change("", {"spec": {"replicas": 6}})).scaled.name == "incident-cockpit"  # the User-Agent's


@pytest.mark.parametrize("row", [config_map_row, secret_row, service_row, autoscaler_row])
def test_what_is_no_object_is_no_row(row: Any) -> None:
    for raw in (b"[]", b"{", b"{}", b'{"metadata": 3}'):
        with pytest.raises(msgspec.DecodeError):
            row(raw)
    assert row(b'{"metadata": {"name": "a", "uid": "u", "resourceVersion": "7"}}').version == "7"


def test_a_secrets_content_is_not_kept_though_it_came() -> None:
    row = secret_row(b'{"metadata": {"name": "a", "uid": "u"}, "data": {"token": "aHVudGVyMg=="}}')
    assert row.content == {}
    assert "hunter" not in repr(row)
    assert "aHVudGVyMg" not in repr(row)
