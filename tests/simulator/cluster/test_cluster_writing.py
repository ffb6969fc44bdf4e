"""Changing objects over HTTP: the patches, dry run, conflicts, rules, deletes with their options."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator.cluster.scenes import (
    DEPLOYMENT,
    DEPLOYMENTS,
    IMAGE,
    JSON,
    MERGE,
    PODS,
    STRATEGIC,
    Obj,
    deployment,
    empty_cluster,
    healthy_cluster,
    image_patch,
    scene,
)

from cockpit.simulator.cluster.objects.patching import json_patch, merge_patch
from cockpit.simulator.cluster.objects.strategic import strategic_merge

pytestmark = pytest.mark.anyio

MAP = "/api/v1/namespaces/production/configmaps/settings"


def containers(answer: httpx.Response) -> list[Obj]:
    found: list[Obj] = answer.json()["spec"]["template"]["spec"]["containers"]
    return found


async def test_strategic_merge_tells_containers_and_environment_apart_by_name() -> None:
    async with scene(healthy_cluster()) as here:
        env = [{"name": "USE_FALLBACK_PROCESSOR", "$patch": "delete"}, {"name": "POOL", "value": "50"}]
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "payment", "env": env}]}}}}
        answer = await here.patch(DEPLOYMENT, patch)
        assert [each["name"] for each in containers(answer)] == ["payment"]
        assert containers(answer)[0]["env"] == [{"name": "POOL", "value": "50"}]
        assert containers(answer)[0]["image"] == f"{IMAGE}:1.4.1"


async def test_merge_patch_replaces_a_list_whole() -> None:
    async with scene(healthy_cluster()) as here:
        other = [{"name": "other", "image": f"{IMAGE}:2"}]
        answer = await here.patch(DEPLOYMENT, {"spec": {"template": {"spec": {"containers": other}}}}, MERGE)
        assert [(each["name"], each["imagePullPolicy"]) for each in containers(answer)] == [("other", "IfNotPresent")]


async def test_json_patch_guards_with_test() -> None:
    async with scene(healthy_cluster()) as here:
        version = (await here.get(DEPLOYMENT))["metadata"]["resourceVersion"]
        change = {"op": "replace", "path": "/spec/replicas", "value": 4}
        guard = {"op": "test", "path": "/metadata/resourceVersion", "value": version}
        assert (await here.patch(DEPLOYMENT, [guard, change], JSON)).json()["spec"]["replicas"] == 4
        again = await here.patch(DEPLOYMENT, [guard, {**change, "value": 5}], JSON)
        assert again.status_code == 422
        assert again.json()["message"] == "the server rejected our request due to an error in our request"
        assert (await here.get(DEPLOYMENT))["spec"]["replicas"] == 4


async def test_merge_patch_with_an_old_version_conflicts() -> None:
    async with scene(healthy_cluster()) as here:
        answer = await here.patch(DEPLOYMENT, {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 4}}, MERGE)
        assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")


async def test_apply_patch_is_refused_as_by_an_older_server() -> None:
    async with scene(healthy_cluster()) as here:
        answer = await here.patch(DEPLOYMENT, {}, "application/apply-patch+yaml")
        assert (answer.status_code, answer.json()["reason"]) == (415, "UnsupportedMediaType")
        assert "accepted media types include: application/json-patch+json" in answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("PATCH", DEPLOYMENT, image_patch("2"), STRATEGIC),
        ("PATCH", DEPLOYMENT + "/scale", {"spec": {"replicas": 9}}, MERGE),
        ("POST", DEPLOYMENTS, {**deployment(), "metadata": {"name": "another"}}, "application/json"),
        ("DELETE", DEPLOYMENT, None, "application/json"),
        ("DELETE", PODS, None, "application/json"),
    ],
)
async def test_dry_run_answers_and_changes_nothing(method: str, path: str, body: Any, kind: str) -> None:
    async with scene(healthy_cluster()) as here:
        before = here.cluster.store.version
        answer = await here.http.request(
            method, path, params={"dryRun": "All"}, json=body, headers={"content-type": kind}
        )
        assert answer.status_code in (200, 201), answer.text
        assert here.cluster.store.version == before
        wrong = await here.http.request(
            method, path, params={"dryRun": "Some"}, json=body, headers={"content-type": kind}
        )
        assert wrong.status_code == 400


async def test_write_that_changes_nothing_makes_no_version() -> None:
    async with scene(healthy_cluster()) as here:
        before = here.cluster.store.version
        await here.patch(DEPLOYMENT, image_patch("1.4.1"))
        assert here.cluster.store.version == before


async def test_only_changes_of_the_spec_count_as_generations() -> None:
    async with scene(healthy_cluster()) as here:
        noted = await here.patch(DEPLOYMENT, {"metadata": {"annotations": {"note": "x"}}})
        assert noted.json()["metadata"]["generation"] == 1
        scaled = await here.patch(DEPLOYMENT, {"spec": {"replicas": 4}})
        assert scaled.json()["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("patch", "code", "part"),
    [
        ({"spec": {"replicas": -1}}, 422, "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        (
            {"spec": {"replicas": "three"}},
            400,
            "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas",
        ),
        ({"spec": {"selector": {"matchLabels": {"app": "b"}}}}, 422, "spec.selector: Invalid value"),
        ({"spec": {"template": {"metadata": {"labels": {"app": "b"}}}}}, 422, "`selector` does not match template"),
        (
            {"metadata": {"labels": {"a": 1}}},
            400,
            "cannot unmarshal number into Go struct field ObjectMeta.metadata.labels",
        ),
        ({"spec": {"template": {"spec": {"containers": []}}}}, 422, "spec.template.spec.containers: Required value"),
    ],
)
async def test_what_breaks_a_rule_is_refused_with_the_field(patch: Obj, code: int, part: str) -> None:
    async with scene(healthy_cluster()) as here:
        answer = await here.patch(DEPLOYMENT, patch, MERGE)
        assert answer.status_code == code
        assert part in answer.json()["message"]


async def test_pod_may_change_hardly_anything() -> None:
    async with scene(healthy_cluster()) as here:
        path = f"{PODS}/{here.pods()[0]['metadata']['name']}"
        refused = await here.patch(path, {"spec": {"hostNetwork": True}}, MERGE)
        assert refused.status_code == 422
        assert "Forbidden: pod updates may not change fields other than" in refused.json()["message"]
        assert (await here.patch(path, {"metadata": {"labels": {"a": "b"}}}, MERGE)).status_code == 200


async def test_create_says_what_is_wrong() -> None:
    async with scene(healthy_cluster()) as here:
        twice = await here.http.post(DEPLOYMENTS, json=deployment())
        assert twice.json()["message"] == 'deployments.apps "payment-service" already exists'
        other = await here.http.post(DEPLOYMENTS.replace("production", "payments"), json=deployment())
        assert other.status_code == 400
        nowhere = {**deployment(), "metadata": {"name": "x"}}
        missing = await here.http.post(DEPLOYMENTS.replace("production", "nowhere"), json=nowhere)
        assert missing.json()["message"] == 'namespaces "nowhere" not found'
        kind = await here.http.post(DEPLOYMENTS, json={**deployment(), "kind": "Pod"})
        assert kind.status_code == 400
        name = await here.http.post(DEPLOYMENTS, json={**deployment(), "metadata": {"name": "Not A Name"}})
        assert name.status_code == 422
        text = await here.http.post(DEPLOYMENTS, content="{", headers={"content-type": "application/json"})
        assert text.status_code == 400


async def test_put_replaces_but_keeps_what_is_the_servers() -> None:
    async with scene(healthy_cluster()) as here:
        body = await here.get(DEPLOYMENT)
        body["metadata"]["labels"] = {"team": "payments"}
        body["status"] = {}
        body["spec"]["replicas"] = 4
        answer = (await here.http.put(DEPLOYMENT, json=body)).json()
        assert answer["metadata"]["labels"] == {"team": "payments"}
        assert answer["status"]["readyReplicas"] == 3
        wrong = await here.http.put(DEPLOYMENT, json={**body, "metadata": {**body["metadata"], "name": "other"}})
        assert wrong.status_code == 400


async def test_delete_answers_with_status_and_heeds_preconditions() -> None:
    async with scene(healthy_cluster()) as here:
        refused = await here.http.request("DELETE", DEPLOYMENT, json={"preconditions": {"uid": "other"}})
        assert refused.status_code == 409
        uid = (await here.get(DEPLOYMENT))["metadata"]["uid"]
        done = (await here.http.delete(DEPLOYMENT)).json()
        assert (done["status"], done["details"]) == (
            "Success",
            {"name": "payment-service", "group": "apps", "kind": "deployments", "uid": uid},
        )
        assert (await here.http.delete(DEPLOYMENT)).status_code == 404


async def test_eviction_deletes_the_pod() -> None:
    async with scene(healthy_cluster()) as here:
        name = here.pods()[0]["metadata"]["name"]
        answer = await here.http.post(f"{PODS}/{name}/eviction", json={"kind": "Eviction", "apiVersion": "policy/v1"})
        assert answer.status_code == 201
        assert "deletionTimestamp" in (here.cluster.get("pods", "production", name) or {})["metadata"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", DEPLOYMENT, 405),
        ("PUT", DEPLOYMENTS, 405),
        ("PATCH", PODS, 405),
        ("DELETE", "/api/v1/namespaces", 405),
        ("GET", "/apis/apps/v1/namespaces/production/statefulsets", 404),
        ("GET", "/apis/batch/v1/namespaces/production/jobs", 404),
        ("GET", "/nonsense", 404),
        ("GET", PODS + "/x/nonsense", 404),
    ],
)
async def test_what_is_not_served_is_said(method: str, path: str, code: int) -> None:
    async with scene(empty_cluster()) as here:
        assert (await here.http.request(method, path)).status_code == code


async def test_other_forms_of_json_are_not_taken() -> None:
    async with scene(empty_cluster()) as here:
        answer = await here.http.get(PODS, headers={"accept": "application/vnd.kubernetes.protobuf"})
        assert (answer.status_code, answer.json()["reason"]) == (406, "NotAcceptable")
        body = await here.http.post(PODS, content=b"x", headers={"content-type": "application/yaml"})
        assert body.status_code == 415


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=3), JSON_VALUES, max_size=4)


@given(OBJECTS, OBJECTS)
def test_merge_patch_is_idempotent_and_leaves_its_arguments(target: Obj, patch: Obj) -> None:
    kept_target, kept_patch = repr(target), repr(patch)
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once
    assert (repr(target), repr(patch)) == (kept_target, kept_patch)


@given(OBJECTS, st.text(max_size=3), JSON_VALUES)
def test_json_patch_adds_and_removes_what_it_added(target: Obj, key: str, value: Any) -> None:
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    added = json_patch(target, [{"op": "add", "path": pointer, "value": value}])
    assert added[key] == value
    assert key not in json_patch(added, [{"op": "remove", "path": pointer}])


@pytest.mark.parametrize(
    ("target", "patch", "wanted"),
    [
        ({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": {"$patch": "delete"}}, {}),
        ({"s": {"type": "X", "y": 1}}, {"s": {"$retainKeys": ["type"], "type": "Z"}}, {"s": {"type": "Z"}}),
        ({"env": [{"name": "a"}]}, {"env": [{"$patch": "replace"}, {"name": "b"}]}, {"env": [{"name": "b"}]}),
        ({"args": ["a"]}, {"args": ["b"]}, {"args": ["b"]}),
        ({"finalizers": ["a"]}, {"finalizers": ["b"]}, {"finalizers": ["a", "b"]}),
        ({"finalizers": ["a", "b"]}, {"$deleteFromPrimitiveList/finalizers": ["a"]}, {"finalizers": ["b"]}),
        (
            {"env": [{"name": "a"}, {"name": "b"}]},
            {"$setElementOrder/env": [{"name": "b"}, {"name": "a"}], "env": [{"name": "a", "value": "1"}]},
            {"env": [{"name": "b"}, {"name": "a", "value": "1"}]},
        ),
        (
            {"ports": [{"containerPort": 80, "name": "x"}]},
            {"ports": [{"containerPort": 80, "name": "y"}, {"containerPort": 81}]},
            {"ports": [{"containerPort": 80, "name": "y"}, {"containerPort": 81}]},
        ),
    ],
)
def test_strategic_directives(target: Obj, patch: Obj, wanted: Obj) -> None:
    assert strategic_merge(target, patch, "Pod") == wanted


async def test_config_map_takes_new_data_and_loses_nulls() -> None:
    async with scene(empty_cluster()) as here:
        metadata = {"name": "settings", "namespace": "production"}
        here.cluster.create({"kind": "ConfigMap", "metadata": metadata, "data": {"a": "1", "b": "2"}})
        answer = await here.patch(MAP, {"data": {"a": None, "c": "3"}}, MERGE)
        assert answer.json()["data"] == {"b": "2", "c": "3"}
        wrong = await here.patch(MAP, {"data": {"a": 5}}, MERGE)
        assert wrong.status_code == 400
