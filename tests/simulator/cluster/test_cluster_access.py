"""Who may do what: rules, reviews, metrics, health; and an API server in trouble."""

from __future__ import annotations

import httpx
import pytest
from simulator.cluster.scenes import DEPLOYMENT, MERGE, PODS, Scene, healthy_cluster, scene
from simulator.servers import NOBODY, VIEWER, serving

from cockpit.simulator.cluster import EVERYTHING, READING, Rule, User

pytestmark = pytest.mark.anyio

METRICS = "/apis/metrics.k8s.io/v1beta1"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
OPERATOR = User(
    "operator",
    rules=(
        Rule(READING.verbs, ("", "apps"), ("pods", "pods/log", "deployments"), namespaces=("production",)),
        Rule(("patch",), ("apps",), ("deployments",), names=("payment-service",), namespaces=("production",)),
        Rule(("patch",), ("apps",), ("*/scale",)),
    ),
)


async def allowed(http: httpx.AsyncClient, **attributes: str) -> bool:
    answer = await http.post(REVIEW, json={"spec": {"resourceAttributes": attributes}})
    assert answer.status_code == 201
    granted: bool = answer.json()["status"]["allowed"]
    return granted


async def test_rules_decide_requests_and_reviews_alike() -> None:
    """What a review grants the server does, and nothing else."""
    cluster = healthy_cluster()
    app = cluster.app({"token": OPERATOR})
    name = cluster.list("pods", "production")[0]["metadata"]["name"]
    headers = {"authorization": "Bearer token"}
    async with serving(app) as url, httpx.AsyncClient(base_url=url, headers=headers) as http:
        asked = {
            ("GET", PODS): {"verb": "list", "resource": "pods", "namespace": "production"},
            ("GET", "/api/v1/pods"): {"verb": "list", "resource": "pods"},
            ("GET", f"{PODS}/{name}/log"): {
                "verb": "get", "resource": "pods", "subresource": "log", "namespace": "production", "name": name,
            },
            ("DELETE", f"{PODS}/{name}"): {
                "verb": "delete", "resource": "pods", "namespace": "production", "name": name,
            },
            ("PATCH", DEPLOYMENT): {
                "verb": "patch", "group": "apps", "resource": "deployments", "namespace": "production",
                "name": "payment-service",
            },
            ("PATCH", DEPLOYMENT + "-2"): {
                "verb": "patch", "group": "apps", "resource": "deployments", "namespace": "production",
                "name": "payment-service-2",
            },
            ("PATCH", DEPLOYMENT + "/scale"): {
                "verb": "patch", "group": "apps", "resource": "deployments", "subresource": "scale",
                "namespace": "production", "name": "payment-service",
            },
        }  # fmt: skip
        granted = []
        for (method, path), attributes in asked.items():
            body = {"headers": {"content-type": MERGE}, "json": {}} if method == "PATCH" else {}
            answer = await http.request(method, path, **body)  # type: ignore[arg-type]
            assert (answer.status_code != 403) == await allowed(http, **attributes), (method, path)
            granted.append(answer.status_code != 403)
        assert granted == [True, False, True, False, True, False, True]


async def test_forbidden_names_user_verb_and_place() -> None:
    async with scene(healthy_cluster(), token=NOBODY) as here:
        cluster_wide = (await here.http.get("/api/v1/nodes")).json()["message"]
        assert cluster_wide == (
            'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope'
        )
        name = here.pods()[0]["metadata"]["name"]
        log = (await here.http.get(f"{PODS}/{name}/log")).json()["message"]
        assert log == (
            f'pods "{name}" is forbidden: User "nobody" cannot get resource "pods/log" in API group "" '
            'in the namespace "production"'
        )


async def test_rules_review_lists_what_one_may() -> None:
    async with scene(healthy_cluster(), token=VIEWER) as here:
        path = REVIEW.replace("access", "rules")
        answer = (await here.http.post(path, json={"spec": {"namespace": "production"}})).json()
        assert {"verbs": list(READING.verbs), "apiGroups": [""], "resources": ["configmaps"]} in answer["status"][
            "resourceRules"
        ]
        assert (await here.http.post(path, json={"spec": {}})).status_code == 400


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic YTpi", "Bearer"])
async def test_unknown_callers_get_401(header: str | None) -> None:
    cluster = healthy_cluster()
    async with serving(cluster.app({"token": User("x", rules=(EVERYTHING,))})) as url, httpx.AsyncClient() as http:
        answer = await http.get(url + PODS, headers={"authorization": header} if header else {})
        assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")


@pytest.mark.parametrize("body", [b"", b"k8s\x00", b"k8s\x00\x0a\xff", b"k8s\x00\x08\x01", b"\x00" * 40])
async def test_review_in_broken_protobuf_is_refused(body: bytes) -> None:
    async with scene(healthy_cluster()) as here:
        headers = {"content-type": "application/vnd.kubernetes.protobuf"}
        assert (await here.http.post(REVIEW, content=body, headers=headers)).status_code == 400


async def test_health_and_openapi() -> None:
    async with scene(healthy_cluster(), token=NOBODY) as here:
        for path in ("/healthz", "/livez", "/readyz"):
            assert (await here.http.get(path)).text == "ok"
        index = await here.get("/openapi/v3")
        document = await here.get(index["paths"]["apis/apps/v1"]["serverRelativeURL"])
        patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
        assert {"dryRun", "fieldValidation"} <= {each["name"] for each in patch["parameters"]}


async def usage(here: Scene, path: str) -> list[dict[str, str]]:
    items = (await here.get(f"{METRICS}/{path}"))["items"]
    return [(each.get("usage") or each["containers"][0]["usage"]) for each in items]


async def test_metrics_are_what_the_programs_use() -> None:
    async with scene(healthy_cluster()) as here:
        assert await usage(here, "namespaces/production/pods") == [{"cpu": "120000000n", "memory": "204800Ki"}] * 3
        assert len(await usage(here, "nodes")) == 3
        assert await usage(here, "pods?labelSelector=app%3Dnone") == []
        name = here.pods()[0]["metadata"]["name"]
        one = await here.get(f"{METRICS}/namespaces/production/pods/{name}")
        assert (one["kind"], one["containers"][0]["name"]) == ("PodMetrics", "payment")
        assert (await here.http.get(f"{METRICS}/namespaces/production/pods/none")).status_code == 404
        total = here.cluster.usage(here.pods()[0])
        assert total is not None
        assert total.cores == 0.12


async def test_troubled_server_answers_so() -> None:
    async with scene(healthy_cluster()) as here:
        here.cluster.trouble.answer = 503
        answer = await here.http.get(PODS)
        assert (answer.status_code, answer.json()["reason"]) == (503, "ServiceUnavailable")
        here.cluster.trouble.answer = None
        assert (await here.http.get(PODS)).status_code == 200


async def test_late_server_is_late() -> None:
    async with scene(healthy_cluster()) as here:
        here.cluster.trouble.delay = 1
        with pytest.raises(httpx.ReadTimeout):
            await here.http.get(PODS, timeout=0.2)


async def test_broken_connection_breaks() -> None:
    async with scene(healthy_cluster()) as here:
        here.cluster.trouble.drop = True
        with pytest.raises(httpx.RemoteProtocolError):
            await here.http.get(PODS)
        here.cluster.trouble.drop = False
        assert (await here.http.get(PODS)).status_code == 200
