"""kubectl lines as typed actions, and what stays a line of kubectl."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.kubectl import Place, pinned, place_of, typed, typed_pipeline
from cockpit.runbook.risk import risk_of_argv

EXACT: list[tuple[str, dict[str, Any]]] = [
    ("kubectl get pods -n production -l app=a", {"verb": "get", "resource": "pods", "selector": "app=a"}),
    ("kubectl get svc -n production a", {"verb": "get", "resource": "svc", "name": "a"}),
    ("kubectl get deployment/a -o wide", {"verb": "get", "resource": "deployment", "name": "a"}),
    ("kubectl get pods --sort-by=.spec.nodeName", {"verb": "get", "sort_by": ".spec.nodeName"}),
    ("kubectl get pdb", {"verb": "get", "resource": "pdb"}),
    ("kubectl describe ingressroutes.traefik.io a", {"verb": "describe", "resource": "ingressroutes.traefik.io"}),
    ("kubectl get networkpolicies", {"verb": "get", "resource": "networkpolicies"}),
    ("kubectl get events --sort-by='.lastTimestamp'", {"verb": "events", "name": ""}),
    ("kubectl get events --field-selector involvedObject.name=a", {"verb": "events", "name": "a"}),
    ("kubectl events", {"verb": "events", "name": ""}),
    ("kubectl logs a --tail=5", {"verb": "logs", "pod": "a", "tail": 5}),
    ("kubectl logs pod/a app -p", {"verb": "logs", "pod": "a", "container": "app", "previous": True, "tail": 100_000}),
    ("kubectl logs a -c app --since=1h", {"verb": "logs", "container": "app", "since": 3600}),
    ("kubectl logs -l app=a --prefix", {"verb": "logs", "selector": "app=a", "tail": 10}),
    ("kubectl logs $pod --tail $lines", {"verb": "logs", "pod": "$pod", "tail": "$lines"}),
    ("kubectl logs ${pod} --tail=${lines}", {"verb": "logs", "pod": "$pod", "tail": "$lines"}),
    ("kubectl describe pod a", {"verb": "describe", "resource": "pod", "name": "a"}),
    ("kubectl describe deploy -l app=a", {"verb": "describe", "resource": "deploy", "selector": "app=a"}),
    ("kubectl top pods -l app=a", {"verb": "top", "resource": "pods", "selector": "app=a"}),
    ("kubectl top node a", {"verb": "top", "resource": "nodes", "name": "a"}),
    ("kubectl rollout history deployment/a", {"verb": "rollout-history", "deployment": "a"}),
    ("kubectl rollout status deploy a", {"verb": "rollout-status", "deployment": "a"}),
    ("kubectl rollout undo deployment/a --to-revision=3", {"verb": "rollout-undo", "revision": 3}),
    ("kubectl rollout undo deployment/a", {"verb": "rollout-undo", "revision": None}),
    ("kubectl rollout restart deployment $deployment", {"verb": "rollout-restart", "deployment": "$deployment"}),
    ("kubectl rollout pause deployment/a", {"verb": "rollout-pause", "deployment": "a"}),
    ("kubectl rollout resume deployment/a", {"verb": "rollout-resume", "deployment": "a"}),
    ("kubectl scale deployment a --replicas=5", {"verb": "scale", "deployment": "a", "replicas": 5}),
    ("kubectl scale deploy/a --replicas=$count", {"verb": "scale", "replicas": "$count"}),
    ("kubectl set env deployment/a X=1 Y=a=b Z-", {"verb": "set-env", "env": {"X": "1", "Y": "a=b", "Z": None}}),
    ("kubectl set env deployment a -c app X=1", {"verb": "set-env", "container": "app", "env": {"X": "1"}}),
    ("kubectl set image deploy/a app=r/i:1.2", {"verb": "set-image", "images": {"app": "r/i:1.2"}}),
    ("kubectl delete pod a", {"verb": "delete-pods", "pod": "a", "selector": ""}),
    ("kubectl delete pods -n b -l app=a", {"verb": "delete-pods", "pod": "", "selector": "app=a"}),
    ("kubectl edit configmap a", {"verb": "edit-config-map", "name": "a"}),
    ("kubectl edit cm/a", {"verb": "edit-config-map", "name": "a"}),
    ("kubectl exec -it a -- nc -zv b 5432", {"verb": "exec", "pod": "a", "command": ("nc", "-zv", "b", "5432")}),
    ("kubectl exec deploy/a -c app -- ls -n b", {"verb": "exec", "deployment": "a", "command": ("ls", "-n", "b")}),
    ("kubectl port-forward svc/a 8080:80", {"verb": "port-forward", "resource": "svc/a", "local": 8080, "port": 80}),
    ("kubectl port-forward a 80", {"verb": "port-forward", "resource": "pod/a", "local": 80, "port": 80}),
    ("kubectl port-forward pod/a :80", {"verb": "port-forward", "local": 0, "port": 80}),
    ("kubectl --context=staging -n get get pods", {"verb": "get", "resource": "pods", "namespace": "$namespace"}),
    ("k get po", {"verb": "get", "resource": "po"}),
]

STAYS = """
kubectl
kubectl get pods -A
kubectl get pods -w
kubectl get pod a -o yaml
kubectl get pods,svc
kubectl get pods a b
kubectl get all
kubectl events --for pod/a
kubectl get $kind
kubectl get all -l app=a
kubectl get pods --show-labels
kubectl get pods --kubeconfig x
kubectl logs -f a
kubectl logs deployment/a
kubectl logs a --all-containers
kubectl logs a --timestamps
kubectl logs a --tail=-1
kubectl logs a --since=$since
kubectl logs a b -c d
kubectl logs
kubectl describe pods
kubectl top pods --containers
kubectl rollout undo deployment/a --dry-run=server
kubectl rollout status sts/a
kubectl rollout status deployment/a --watch=false
kubectl rollout restart deployment a b
kubectl rollout history deployment/a --revision=2
kubectl rollout
kubectl scale deployment a --replicas=5 --current-replicas=3
kubectl scale sts a --replicas=5
kubectl scale deployment a
kubectl set env deployment/a --list
kubectl set env deployment/a X=1 --from=secret/b
kubectl set env deployment/a X=1 X=2
kubectl set resources deployment/a --limits=cpu=1
kubectl set image deployment/a *=i
kubectl delete pod a b
kubectl delete pod a --force --grace-period=0
kubectl delete pods --all
kubectl delete pod a -l b=c
kubectl delete deployment a
kubectl edit deployment a
kubectl exec -it a -- bash
kubectl exec a -- tail -f x
kubectl exec -it a -- psql
kubectl exec a ls
kubectl exec sts/a -- ls
kubectl port-forward svc/a 8080:http
kubectl port-forward svc/a 1:2 3:4
kubectl port-forward svc/a 8080:80 --address 0.0.0.0
kubectl get pods -l a=b -l c=d
kubectl get pods -n
kubectl apply -f x
kubectl neat
helm list
"""


@pytest.mark.parametrize(("line", "fields"), EXACT)
def test_an_understood_line_is_a_typed_action(line: str, fields: dict[str, Any]) -> None:
    action = typed(shlex.split(line))
    assert action is not None
    assert {name: getattr(action, name) for name in fields} == fields


@pytest.mark.parametrize("line", STAYS.strip().splitlines())
def test_a_line_with_more_in_it_stays_with_kubectl(line: str) -> None:
    assert typed(shlex.split(line)) is None


@pytest.mark.parametrize("line", [line for line, _ in EXACT])
def test_a_typed_action_is_never_less_than_its_line(line: str) -> None:
    action = typed(shlex.split(line))
    assert action is not None
    order = ("read-only", "interactive", "changing", "destructive")
    expected = {"port-forward": "read-only"}.get(action.verb, risk_of_argv(shlex.split(line)))
    assert order.index(action.risk) >= order.index(expected)


def test_the_documents_namespace_yields_but_for_those_of_others() -> None:
    line = shlex.split("kubectl get pods -n database")
    own, other = typed(line), typed(line, ("database",))
    assert own is not None
    assert own.namespace == "$namespace"
    assert other is not None
    assert other.namespace == "database"
    asked = typed(shlex.split("kubectl get pods -n $db_namespace"))
    assert asked is not None
    assert asked.namespace == "$db_namespace"


def test_a_grep_behind_logs_becomes_its_pattern() -> None:
    logs = shlex.split("kubectl logs -l app=a --tail=500")
    action = typed_pipeline([logs, ["grep", "-i", r"stripe\|webhook\|payment"]])
    assert action is not None
    assert action.verb == "logs"
    assert (action.matching, action.ignore_case) == ("stripe|webhook|payment", True)
    assert typed_pipeline([logs]) == typed(logs)
    for grep in (
        ["grep", "-v", "a"],
        ["grep", "-A5", "a"],
        ["grep", "a", "file"],
        ["grep", "$word"],
        ["head"],
        ["grep"],
    ):
        assert typed_pipeline([logs, grep]) is None
    assert typed_pipeline([shlex.split("kubectl get pods"), ["grep", "a"]]) is None
    assert typed_pipeline([logs, ["grep", "a"], ["wc", "-l"]]) is None
    assert typed_pipeline([]) is None


LINES = [
    "error",
    "ERROR: a|b",
    "a+b",
    "aab",
    "(x)",
    "x{2}",
    "50% $5 ^a",
    "a.b",
    "[z]",
    "tab\\d",
    "",
    "foo bar",
    "a\\b]",
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"ab.*+?|(){}[]^$\\-5x", "\\|", "\\(", "\\)", "[ab]", "[^a]", "\\b", "error"]), max_size=6
    ),
    st.sampled_from(["-E", "-F", "-G", "-iE"]),
)
def test_a_pattern_keeps_the_lines_that_grep_keeps(pieces: list[str], flag: str) -> None:
    pattern = "".join(pieces)
    action = typed_pipeline([["kubectl", "logs", "a"], ["grep", flag, "-e", pattern]])
    if action is None or shutil.which("grep") is None:
        return
    assert action.verb == "logs"
    done = subprocess.run(
        ["grep", flag, "-e", pattern], input="\n".join(LINES) + "\n", capture_output=True, text=True, check=False
    )
    if done.returncode > 1 or "warning" in done.stderr:
        return
    flags = re.IGNORECASE if action.ignore_case else 0
    assert [line for line in LINES if re.search(action.matching, line, flags)] == done.stdout.splitlines()


PINNED = [
    ("kubectl get pods", "get pods"),
    ("kubectl -n prod get pods", "get pods"),
    ("kubectl get pods --namespace=prod --context x -l a=b", "get pods -l a=b"),
    ("kubectl get pods -nprod", "get pods"),
    ("kubectl logs -fn prod a", "logs -f a"),
    ("kubectl logs a -c n -n prod", "logs a -c n"),
    ("kubectl get -f n -n prod", "get -f n"),
    ("kubectl exec a -n prod -- ls -n 5", "exec a -- ls -n 5"),
    ("kubectl exec a -- sh -c 'x --context y'", "exec a -- sh -c 'x --context y'"),
]


@pytest.mark.parametrize(("line", "rest"), PINNED)
def test_a_line_is_pinned_to_the_incidents_place(line: str, rest: str) -> None:
    assert pinned(shlex.split(line), "here", "shop") == (
        "kubectl", "--context", "here", "--namespace", "shop", *shlex.split(rest),
    )  # fmt: skip


def test_asking_all_namespaces_stays_so() -> None:
    assert pinned(["kubectl", "get", "pods", "-A"], "here", "shop") == (
        "kubectl",
        "--context",
        "here",
        "get",
        "pods",
        "-A",
    )


def test_a_plugin_has_its_place_behind_its_name() -> None:
    given = pinned(["kubectl", "neat", "get", "--", "x"], "here", "shop")
    assert given == ("kubectl", "neat", "get", "--context", "here", "--namespace", "shop", "--", "x")


@pytest.mark.parametrize(
    "option", ["--kubeconfig=/x", "--server=https://x", "--token=x", "--user=admin", "--cluster=x"]
)
def test_a_line_that_goes_elsewhere_is_refused(option: str) -> None:
    with pytest.raises(RunbookError, match="leads kubectl away"):
        pinned(["kubectl", option, "get", "pods"], "here", "shop")
    with pytest.raises(RunbookError, match="no verb"):
        pinned(["kubectl", "-l"], "here", "shop")


def test_the_place_that_a_line_names_can_be_shown() -> None:
    assert place_of(shlex.split("kubectl get pods -n prod --context=live")) == Place("live", "prod")
    assert place_of(shlex.split("kubectl get pods -A")) == Place(everywhere=True)
    assert place_of(shlex.split("kubectl exec a -- ls -n prod")) == Place()


WORDS = st.sampled_from(
    ["get", "logs", "exec", "pods", "a", "-n", "prod", "-nprod", "--namespace=p", "--namespace", "--context", "neat",
     "--context=c", "-l", "x=y", "-fn", "-it", "--", "-A", "-c", "$pod", "--tail=5", "rollout", "undo", "delete", "-f"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=8))
def test_no_line_escapes_its_pinning(words: list[str]) -> None:
    try:
        argv = pinned(["kubectl", *words], "here", "shop")
    except RunbookError:
        return
    typed(argv)
    where = place_of(argv)
    assert where.context == "here"
    assert where.everywhere or where.namespace == "shop"
