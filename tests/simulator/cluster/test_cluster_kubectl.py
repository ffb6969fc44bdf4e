"""Fidelity: each kubectl command of the payment runbook, as the document has it, with the stock kubectl."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

import httpx
import pytest
from conftest import ROOT, eventually
from simulator.cluster.scenes import (
    DEPLOYMENT,
    IMAGE,
    Scene,
    healthy_cluster,
    image_patch,
    scene,
    words,
)
from simulator.cluster.stock import WEBSOCKETS, lacking, port_forward
from simulator.servers import USERS, VIEWER, Output, run_command, served_cluster

from cockpit.simulator.cluster.kubelet.podstatus import is_ready

pytestmark = pytest.mark.anyio

DOCUMENT = "payment-service-runbook.md"
POD = r"payment-service-[bcdf456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}"
SET = r"payment-service-[bcdf456789]{8,10}"


def commands() -> list[tuple[str, str]]:
    """The document's kubectl commands with their line: in blocks and in backquotes."""
    folder = Path(os.environ.get("COCKPIT_SHARED", ROOT.parent / "shared")) / "source-documents"
    if not (folder / DOCUMENT).is_file():
        return []
    found = []
    for number, line in enumerate((folder / DOCUMENT).read_text().splitlines(), 1):
        for text in re.findall(r"`(kubectl [^`]+)`", line) or re.findall(r"^\s*(kubectl .+)$", line):
            found.append((f"{DOCUMENT}:{number}", text))
    return found


@pytest.fixture(scope="module", autouse=True)
def _usable_kubectl() -> None:
    if reason := lacking():
        pytest.skip(reason)


def need_websockets(command: str) -> None:
    """Skip where this kubectl would stream over what is not served."""
    if re.search(r"\b(exec|port-forward)\b", command) and (reason := lacking(WEBSOCKETS)):
        pytest.skip(f"{reason}, which streams over plain SPDY")


@dataclass(slots=True)
class Told:
    """What a real cluster prints: a pattern for each line in order, `...` for any lines between."""

    lines: list[str]
    code: int = 0
    err: str = ""
    after: Callable[[Scene], object] = field(default=lambda here: True)
    any_order: bool = False
    """Whether the lines come in an order that only names decide."""


def deployment_image(here: Scene) -> str:
    found = here.cluster.get("deployments", "production", "payment-service")
    assert found is not None
    image: str = found["spec"]["template"]["spec"]["containers"][0]["image"]
    return image


def pool_size(here: Scene) -> str:
    found = here.cluster.get("configmaps", "production", "payment-service-config")
    assert found is not None
    size: str = found["data"]["pool_size"]
    return size


def replicas(here: Scene) -> int:
    return sum(is_ready(each) and "deletionTimestamp" not in each["metadata"] for each in here.pods())


PODS_TABLE = Told(
    [
        r"NAME +READY +STATUS +RESTARTS +AGE",
        *[rf"{POD} +1/1 +Running +0 +41m"] * 3,
        rf"{POD} +0/1 +(CrashLoopBackOff|Error|Running) +\d+( \(\d+s ago\))? +\d+s",
    ],
    any_order=True,
)
HISTORY = Told(
    [
        r"deployment.apps/payment-service ",
        r"REVISION  CHANGE-CAUSE",
        r"1 +release 1.4.1",
        r"2 +release 1.4.2",
        r"",
    ]
)
UNDO = Told(
    [r"deployment.apps/payment-service rolled back"],
    after=lambda here: deployment_image(here) == f"{IMAGE}:1.4.1" and replicas(here) == 3,
)
DESCRIBED_DEPLOYMENT = Told(
    [
        r"Name: +payment-service",
        r"Namespace: +production",
        "...",
        r"Annotations: +deployment.kubernetes.io/revision: 2",
        r" +kubernetes.io/change-cause: release 1.4.2",
        r"Selector: +app=payment-service",
        r"Replicas: +3 desired \| 1 updated \| 4 total \| 3 available \| 1 unavailable",
        r"StrategyType: +RollingUpdate",
        "...",
        r"RollingUpdateStrategy:  25% max unavailable, 25% max surge",
        "...",
        rf"    Image: +{IMAGE}:1.4.2-crash",
        "...",
        r"  Available +True +MinimumReplicasAvailable",
        r"  Progressing +True +ReplicaSetUpdated",
        rf"OldReplicaSets:  {SET} \(3/3 replicas created\)",
        rf"NewReplicaSet:   {SET} \(1/1 replicas created\)",
        r"Events:",
        r"  Type +Reason +Age +From +Message",
        "...",
        rf"  Normal  ScalingReplicaSet +\d+s +deployment-controller +Scaled up replica set {SET} from 0 to 1",
    ]
)
DESCRIBED_POD = Told(
    [
        rf"Name: +{POD}",
        r"Namespace: +production",
        "...",
        r"Node: +node-\d/10.0.0.\d",
        "...",
        rf"Controlled By: +ReplicaSet/{SET}",
        "...",
        r"    State: +(Waiting|Terminated|Running)",
        "...",
        r"    Last State: +Terminated",
        r"      Reason: +Error",
        r"      Exit Code: +1",
        "...",
        r"    Restart Count: +\d+",
        "...",
        r"  Ready +False ",
        r"  ContainersReady +False ",
        "...",
        r"Events:",
        r"  Type +Reason +Age +From +Message",
        "...",
        rf"  Warning  BackOff .*kubelet +Back-off restarting failed container payment in pod {POD}_production\(.*\)",
        "...",
    ]
)
LOGS = Told(["...", r"INFO boot 0", r"...", r"(INFO paid|WARN slow)", "..."])

EXPECTED = {
    "kubectl get pods -n production -l app=payment-service": PODS_TABLE,
    "kubectl logs -n production -l app=payment-service --tail=100": Told(
        ["...", r"INFO boot \d+", r"FATAL no key", "..."]
    ),
    "kubectl get svc -n production payment-service": Told(
        [
            r"NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE",
            r"payment-service +ClusterIP +10(\.\d+){3} +<none> +80/TCP +\d+s",
        ]
    ),
    "kubectl rollout history deployment/payment-service -n production": HISTORY,
    "kubectl rollout undo deployment/payment-service -n production": UNDO,
    "kubectl describe pod <pod-name> -n production": DESCRIBED_POD,
    "kubectl delete pods -n production -l app=payment-service": Told(
        [rf'pod "{POD}" deleted'] * 4, after=lambda here: replicas(here) == 3
    ),
    "kubectl scale deployment payment-service --replicas=5 -n production": Told(
        [r"deployment.apps/payment-service scaled"], after=lambda here: replicas(here) >= 4
    ),
    "kubectl scale deployment payment-service --replicas=8 -n production": Told(
        [r"deployment.apps/payment-service scaled"], after=lambda here: replicas(here) >= 6
    ),
    "kubectl get pods -n database -l app=postgresql": Told(
        [r"NAME +READY +STATUS +RESTARTS +AGE", r"postgresql-0 +1/1 +Running +0 +\d+s"]
    ),
    "kubectl get networkpolicies -n production": Told(
        [r"NAME +POD-SELECTOR +AGE", r"payments-to-database +app=payment-service +\d+s"]
    ),
    "kubectl rollout status deployment/payment-service -n production": Told(
        [r"deployment \"payment-service\" successfully rolled out"]
    ),
    "kubectl get deployment payment-service -n production": Told(
        [r"NAME +READY +UP-TO-DATE +AVAILABLE +AGE", r"payment-service +3/3 +1 +3 +41m"]
    ),
    "kubectl edit configmap payment-service-config -n production": Told(
        [r"configmap/payment-service-config edited"], after=lambda here: pool_size(here) == "50"
    ),
    "kubectl rollout restart deployment/payment-service -n production": Told(
        [r"deployment.apps/payment-service restarted"],
        after=lambda here: len(here.cluster.list("replicasets", "production")) == 3,
    ),
    "kubectl logs -f deployment/payment-service -n production": LOGS,
    "kubectl describe deployment payment-service -n production": DESCRIBED_DEPLOYMENT,
    "kubectl get events -n production --sort-by='.lastTimestamp'": Told(
        [
            r"LAST SEEN +TYPE +REASON +OBJECT +MESSAGE",
            "...",
            rf"\d+s +Normal +Scheduled +pod/{POD} +Successfully assigned production/{POD} to node-\d",
            "...",
            rf"\d+s +Warning +BackOff +pod/{POD} +Back-off restarting failed container payment in pod {POD}_.*",
            "...",
        ]
    ),
    'kubectl exec -it postgresql-0 -n database -- psql -U postgres -c "SELECT 1"': Told(
        [r" \?column\? ", r"-+", r" +1", r"\(1 row\)", r""], err="Unable to use a TTY"
    ),
    'kubectl exec -it postgresql-0 -n database -- psql -U postgres -c "SELECT count(*) FROM pg_stat_activity"': Told(
        [r" count ", r"-+", r" +7", r"\(1 row\)", r""], err="Unable to use a TTY"
    ),
    "kubectl exec -it deployment/payment-service -n production -- curl localhost:15000/stats": Told(
        [], code=7, err=r"command terminated with exit code 7"
    ),
    "kubectl port-forward svc/payment-service-metrics 8080:8080 -n production": Told(
        [
            r"Forwarding from 127.0.0.1:\d+ -> 8080",
            "...",  # the same for [::1] where this machine has it
            r"Handling connection for \d+",
            r"200 up 1",
        ]
    ),
}
HEALTHY = ("rollout status", "logs -f", "exec", "port-forward")
"""Commands that are given when the service runs: a bad release would leave them waiting, or without a log."""


async def prepare(here: Scene, command: str) -> None:
    """What the runbook takes for granted, and for most of its commands a bad release."""
    cluster = here.cluster
    for name in ("payment-service", "payment-service-metrics"):
        spec = {"selector": {"app": "payment-service"}, "ports": [{"port": 80, "targetPort": 8080}]}
        if name.endswith("metrics"):
            spec["ports"] = [{"port": 8080}]
        cluster.create({"kind": "Service", "metadata": {"name": name, "namespace": "production"}, "spec": spec})
    settings = {"name": "payment-service-config", "namespace": "production"}
    cluster.create({"kind": "ConfigMap", "metadata": settings, "data": {"pool_size": "20"}})
    policy = {"podSelector": {"matchLabels": {"app": "payment-service"}}}
    names = {"name": "payments-to-database", "namespace": "production"}
    cluster.create({"kind": "NetworkPolicy", "metadata": names, "spec": policy})
    containers = [{"name": "postgresql", "image": "registry.local/postgresql:17"}]
    metadata = {"name": "postgresql-0", "namespace": "database", "labels": {"app": "postgresql"}}
    cluster.create({"kind": "Pod", "metadata": metadata, "spec": {"containers": containers}})
    await eventually(lambda: is_ready(cluster.list("pods", "database")[0]))
    if not any(each in command for each in HEALTHY):
        patch = {"metadata": {"annotations": {"kubernetes.io/change-cause": "release 1.4.2"}}}
        await here.patch(DEPLOYMENT, {**patch, **image_patch("1.4.2-crash")})
        await eventually(lambda: "CrashLoopBackOff" in words(here.pods()))
        await eventually(lambda: max(each["status"]["containerStatuses"][0]["restartCount"] for each in here.pods()))


def crashing(here: Scene) -> str:
    """The name of the pod that crashes."""
    found = [each for each in here.pods() if each["status"]["containerStatuses"][0]["restartCount"]]
    name: str = found[0]["metadata"]["name"]
    return name


def matches(told: list[str], patterns: list[str]) -> bool:
    """Whether the lines are what the patterns say."""
    if not patterns:
        return not told
    if patterns[0] == "...":
        return any(matches(told[skip:], patterns[1:]) for skip in range(len(told) + 1))
    return bool(told) and re.fullmatch(patterns[0], told[0]) is not None and matches(told[1:], patterns[1:])


FOUND = commands()


def test_every_command_of_the_runbook_has_an_expectation(shared: Path) -> None:
    assert {command for _, command in FOUND} == EXPECTED.keys()


@pytest.mark.parametrize("command", [pytest.param(text, id=where) for where, text in FOUND])
async def test_runbook_command(command: str, tmp_path: Path) -> None:
    """It prints what a real cluster prints, and does what it says."""
    need_websockets(command)
    wanted = EXPECTED[command]
    async with scene(healthy_cluster()) as here:
        await prepare(here, command)
        line = command.replace("<pod-name>", crashing(here) if "<pod-name>" in command else "")
        output = await kubectl(here, line, tmp_path)
        assert output.code == wanted.code, output
        lines = output.out.splitlines()
        orders = permutations(lines) if wanted.any_order else [lines]
        assert any(matches(list(order), wanted.lines) for order in orders), output.out + output.err
        assert re.search(wanted.err, output.err), output.err
        await eventually(lambda: wanted.after(here))


async def kubectl(here: Scene, line: str, home: Path) -> Output:
    """Run a line in a shell as a responder would; what goes on for ever is ended once it has said enough."""
    config = here.served.kubeconfig(home)
    if "port-forward" in line:
        return await get_through(line.replace("8080:8080", ":8080"), config, home)
    if "logs -f" in line:
        line = f"{line} | head -n 4"
    return await run_command("bash", "-c", line, kubeconfig=config, home=home, EDITOR="sed -i s/20/50/")


async def get_through(line: str, config: Path, home: Path) -> Output:
    """What a port-forward to a free local port says, then what answers to a GET through it."""
    async with port_forward(line, config, home) as forward, httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{forward.ports[0]}/metrics")
    return Output(forward.process.returncode or 0, f"{forward.out}{answer.status_code} {answer.text}", "")


async def test_rollout_status_waits_until_the_rollback_is_complete(tmp_path: Path) -> None:
    async with scene(healthy_cluster()) as here:
        await prepare(here, "")
        await kubectl(here, "kubectl rollout undo deployment/payment-service -n production", tmp_path)
        output = await kubectl(here, "kubectl rollout status deployment/payment-service -n production", tmp_path)
        *waiting, done = output.out.splitlines()
        assert done == 'deployment "payment-service" successfully rolled out'
        assert all(line.startswith('Waiting for deployment "payment-service" rollout to finish') for line in waiting)


async def test_watch_of_pods_shows_each_step(tmp_path: Path) -> None:
    async with scene(healthy_cluster(speed=20)) as here:
        line = "timeout 30 kubectl get pods -n production -w | head -n 8"
        watching = asyncio.create_task(kubectl(here, line, tmp_path))
        await eventually(lambda: here.cluster.watches._open)
        await here.patch(DEPLOYMENT, image_patch("1.4.2-crash"))
        output = await asyncio.wait_for(watching, 40)
        lines = output.out.splitlines()
        assert re.fullmatch(r"NAME +READY +STATUS +RESTARTS +AGE", lines[0])
        statuses = [line.split()[2] for line in lines[1:]]
        assert statuses[:5] == ["Running", "Running", "Running", "Pending", "Pending"]
        assert "ContainerCreating" in statuses


async def test_user_without_rights_is_told_so(tmp_path: Path) -> None:
    async with served_cluster(healthy_cluster(), anonymous=USERS[VIEWER]) as served:
        output = await run_command(
            "kubectl", "get", "pods", "-n", "production", kubeconfig=served.kubeconfig(tmp_path), home=tmp_path
        )
    assert output.code == 1
    assert output.err == (
        'Error from server (Forbidden): pods is forbidden: User "viewer" cannot list resource "pods" in API group "" '
        'in the namespace "production"\n'
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("top pods -n production", r"NAME +CPU\(cores\) +MEMORY\(bytes\)"),
        ("get all -n production", r"replicaset.apps/payment-service-\w+ +3 +3 +3 +41m"),
        ("get pods -A -o wide", r"IP +NODE +NOMINATED NODE +READINESS GATES"),
        ("set env deployment/payment-service A=b -n production --dry-run=server", r"env updated \(server dry run\)"),
        ("get pod nope -n production", r'Error from server \(NotFound\): pods "nope" not found'),
        ("get pods -n nowhere", r"No resources found in nowhere namespace."),
        ("auth can-i delete pods -n production", r"yes"),
        ("exec deploy/payment-service -n production -- bash", r'exec: "bash": executable file not found in \$PATH'),
        ("get events.events.k8s.io -n production", r"Scaled up replica set"),
        ("describe node node-1", r"Non-terminated Pods:"),
        ("wait --for=condition=Available deployment/payment-service -n production", r"condition met"),
    ],
)
async def test_other_commands_of_an_incident(line: str, said: str, tmp_path: Path) -> None:
    need_websockets(line)
    async with scene(healthy_cluster()) as here:
        output = await kubectl(here, f"kubectl {line}", tmp_path)
        assert re.search(said, output.out + output.err), output
