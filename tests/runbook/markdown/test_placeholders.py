"""Placeholders in every style that runbooks have, and what only looks like one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.runbook.actions.others import Command
from cockpit.runbook.fill import fill, needs
from cockpit.runbook.markdown.placeholders.placeholders import as_parameter, find, joined, rewritten

STYLES = {
    "kubectl describe pod <pod-name> -n <ns>": ["pod", "namespace"],
    "kubectl logs $POD_NAME -n ${NAMESPACE}": ["pod", "namespace"],
    "kubectl logs {{ pod }} --tail={{lines}}": ["pod", "lines"],
    "kubectl logs {pod_name}": ["pod"],
    "kubectl exec order-service-xxx -- nc -zv db 5432": ["pod"],
    "kubectl logs api-gateway-xxxxx-yyyyy": ["pod"],
    "kubectl logs POD_NAME -n NAMESPACE": ["pod", "namespace"],
    "kubectl scale deployment/<name> --replicas=<N>": ["deployment", "replicas"],
    "kubectl rollout undo deploy/$DEPLOY --to-revision=<n>": ["deployment", "revision"],
    "kubectl get secret <secret> -o yaml": ["secret_name"],
    "kubectl logs <имя-пода>": ["pod"],
    "vercel logs --app your-app-name --since 10m": ["app"],
    "curl -I https://your-domain.vercel.app/api/health": ["host"],
    "curl https://api.example.com/health": ["host"],
    "curl http://orders:3000/users/{id}": ["id"],
    "curl -H 'Authorization: Bearer YOUR_API_KEY' http://x": ["api_key"],
    "docker pull <registry>/<image>:<tag>": ["registry", "image", "version"],
    "SELECT * FROM orders WHERE id = '<order-id>' AND day > 'YYYY-MM-DD'": ["order_id", "date"],
    "ticket INC-XXXX": ["inc"],
    "deploy --order-id=XXX": ["order_id"],
    "feature <yes|no>": ["yes_no"],
    "echo ${{ secrets.TOKEN }}": ["secrets_token"],
    "**Title**: [Service Name] - Service Disruption": ["service"],
    "🚨 [SEV-X] Order Service Issue": ["severity"],
    "[Your Company] support: [24/7 support line]": ["company", "support"],
    "[Name] - [Phone] - [Email] - [Slack]": ["name", "phone", "email", "slack"],
    "We [alternative payment instructions if applicable].": ["alternative_payment_instructions_if_applicable"],
}

NONE = [
    "Error rate <1% and latency >500ms",
    "a < b and c > d",
    "if x <y and z> w",
    "<br> <b>bold</b> <details><summary>more</summary></details> <img src='x'/> </div>",
    "<https://status.example.co> <mail@acme.io>",
    "Promise<any> Map<String, int> List<T> Array<string>",
    "cat <<EOF > out.txt",
    "diff <(ls a) <(ls b)",
    "awk '{print $NF, $1, $name}'",
    "grep '[a-z0-9]+' log | sed 's/[^0-9]*//' ; ls [abc]*",
    "echo $? $@ $# $$ $1 $(date) \\$HOME $HOME $USER",
    'if [ -f "x" ]; then true; fi; [[ -n y ]]',
    "POD=$(kubectl get pods -o name); kubectl logs $POD",
    "for pod in a b; do kubectl delete $pod; done",
    "read -r answer; echo $answer",
    "docker ps --format '{{.Names}}' ; {{ range .Items }} {{ end }} {{ $labels.instance }}",
    "kubectl get pods -o jsonpath='{.items[0].metadata.name}'",
    "curl -w '%{http_code}' x ; mv {a,b} ; find . -exec rm {} \\; ; git show HEAD@{upstream}",
    "see [the runbook](./other.md), ![image][ref] and [link][1]",
    "- [ ] open\n- [x] done",
    "2026-01-01 [INFO] [main] started; [ERROR] no; [SEV-1]; [P0]",
    "rate(http_requests_total[5m]) and arr[0] and params[name]",
    "maxxx and exxxample and foxxx",
    'JSON: {"a": [1, 2]}',
]


@pytest.mark.parametrize("text", STYLES)
def test_every_style_is_found_under_its_joined_name(text: str) -> None:
    assert [each.name for each in find(text)] == STYLES[text]


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_like_a_placeholder_is_none(text: str) -> None:
    assert [each.text for each in find(text)] == []


def test_spellings_of_one_thing_are_joined() -> None:
    for name, spellings in {
        "namespace": "ns NS namespace NAMESPACE name-space your-namespace K8S_NAMESPACE namespaceName",
        "pod": "po pod POD pod-name POD_NAME podname podName pod_name failing-pod crashed-pod-name your-pod",
        "deployment": "deploy deployment DEPLOYMENT_NAME deployment-name deploymentName",
        "service": "svc service service-name SERVICE_NAME your_service_name_here",
        "revision": "rev revision REVISION revision-number to-revision",
        "replicas": "replicas replica-count replicas_count number-of-replicas",
    }.items():
        assert {joined(each) for each in spellings.split()} == {name}
    assert joined("postgres-pod") == "postgres_pod", "another pod than the selected one"


@pytest.mark.parametrize(
    ("text", "type", "from_", "secret"),
    [
        ("<pod-name>", "name", "pod", False),
        ("<ns>", "name", "namespace", False),
        ("<deployment>", "name", "deployment", False),
        ("--replicas=<N>", "integer", None, False),
        ("<port>", "integer", None, False),
        ("--since=<since>", "duration", None, False),
        ("$WEBHOOK_SECRET", "text", None, True),
        ("$SCHEDULER_SECRET_KEY", "text", None, True),
        ("$DATABASE_URL", "text", None, True),
        ("$PGPASSWORD", "text", None, True),
        ("<github-token>", "text", None, True),
        ("<cache-key>", "text", None, False),
        ("kubectl get secret <secret-name>", "name", None, False),
        ("your-domain.com", "text", None, False),
    ],
)
def test_type_source_and_secrecy_follow_from_the_name(text: str, type: str, from_: str | None, secret: bool) -> None:
    (found,) = find(text)
    assert (found.type, found.from_, found.secret) == (type, from_, secret)


def test_a_placeholder_declares_its_parameter() -> None:
    (found,) = find("kubectl logs <pod-name>")
    declared = as_parameter(found)
    assert (declared.name, declared.type, declared.from_, declared.placeholder) == ("pod", "name", "pod", "<pod-name>")
    (found,) = find('echo "${RETRY_COUNT:-5}"')
    assert (as_parameter(found).name, as_parameter(found).type, as_parameter(found).default) == (
        "retry_count", "integer", "5",
    )  # fmt: skip
    assert as_parameter(find("mode <fast|safe>")[0]).choices == ("fast", "safe")
    assert as_parameter(find("${API_TOKEN:-abc}")[0]).default is None, "a secret keeps no default"


def test_a_word_is_rewritten_to_references_that_fill_understands() -> None:
    argv = ["kubectl", "logs", "<pod-name>", "-n", "$NS", "--tail=<lines>", "order-service-xxx/app"]
    action = Command(kind="command", argv=tuple(rewritten(word) for word in argv))
    assert action.argv == ("kubectl", "logs", "$pod", "-n", "$namespace", "--tail=${lines}", "${pod}/app")
    assert needs(action) == ["pod", "namespace", "lines"]


words = st.text(alphabet="abcdefgh", min_size=3, max_size=9).filter(lambda text: "pod" not in text)
placeholders = st.one_of(
    words.map(lambda word: f"<{word}-name>"), words.map(lambda word: f"${word.upper()}"),
    words.map(lambda word: f"${{{word}}}"), words.map(lambda word: f"{{{{ {word} }}}}"),
    words.map(lambda word: f"[{word.title()} Name]"), words.map(lambda word: f"{word}-xxx"),
    words.map(lambda word: f"your-{word}-name"), words.map(lambda word: f"your-{word}.acme.io"),
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(["--app=", "", "pod/", "x:", "https://"]), placeholders), min_size=1, max_size=5)
)
@settings(max_examples=150, deadline=None)
def test_rewritten_and_filled_no_placeholder_is_left(pieces: list[tuple[str, str]]) -> None:
    argv = tuple(rewritten(lead + placeholder) for lead, placeholder in pieces)
    action = Command(kind="command", argv=("echo", *argv))
    assert len(needs(action)) >= 1
    filled = fill(action, dict.fromkeys(needs(action), "7"))
    assert isinstance(filled, Command)
    assert [find(word) for word in filled.argv] == [()] * len(filled.argv)
    assert all("$" not in word for word in filled.argv)


alphabet = st.one_of(st.characters(), st.sampled_from("<>[]{}$%-_xX \n'\"\\|:/.Y"), st.sampled_from("abcnameyour"))


@given(
    st.text(alphabet, max_size=200) | st.lists(placeholders | st.text(alphabet, max_size=8), max_size=12).map("".join)
)
@settings(max_examples=400, deadline=None)
def test_nothing_crashes_and_what_is_found_stands_in_the_text(text: str) -> None:
    end = 0
    for each in find(text):
        assert end <= each.start < each.end <= len(text)
        assert text[each.start : each.end] == each.text
        assert re.fullmatch(r"[a-z][a-z0-9_-]{0,59}", each.name)
        as_parameter(each)
        end = each.end
    rewritten(text)


@pytest.mark.parametrize(
    "piece", ["<", "a-", "x.", "$A ", "[a ", "<table>", "your-", "example.", "'$b", "{{ ", "read a ", "xxx-"]
)
def test_long_lines_take_no_quadratic_time(piece: str) -> None:
    """A line of 60 KB of one mark over and over: it would take most of a minute where a pattern backtracks."""
    text = piece * (60_000 // len(piece))
    assert all(each.end <= len(text) for each in find(text))
