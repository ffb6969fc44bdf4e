"""What a placeholder is called: spellings joined to one name, with the type, the source and the secrecy it implies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cockpit.runbook.parameters import ParameterType

Standing = Literal["namespace", "selector", "deployment", "pod", "database", "service"]

_ALIASES = {
    "namespace": "ns n_s name_space namespace_name namespaces k8s_namespace kube_namespace target_namespace project",
    "pod": "po pods pod_name podname pod_id pod_xxx k8s_pod kube_pod pod_full_name name_of_pod name_of_the_pod",
    "deployment": "deploy dep deployment_name deploy_name deployments deploymentname k8s_deployment",
    "service": "svc service_name servicename svc_name services name_of_service name_of_the_service",
    "selector": "label_selector labels_selector pod_selector",
    "container": "container_name containername",
    "node": "node_name nodename",
    "cluster": "cluster_name clustername",
    "context": "context_name kube_context kubecontext k8s_context",
    "revision": "rev revision_number rev_number to_revision revision_no target_revision previous_revision",
    "replicas": "replica replica_count replicas_count number_of_replicas num_replicas desired_replicas replica_number",
    "count": "n num nn number no",
    "database_name": "db database db_name dbname databasename",
    "user": "username user_name",
    "host": "hostname host_name",
    "app": "app_name application application_name appname",
    "image": "image_name image_url",
    "version": "tag image_tag new_version image_version new_tag",
    "config_map": "configmap configmap_name config_map_name cm",
    "ip": "ip_address ipaddress ip_addr",
    "date": "yyyy_mm_dd yyyymmdd dd_mm_yyyy mm_dd_yyyy yyyy_mm",
    "time": "hh_mm hh_mm_ss",
    "severity": "sev sev_x sevx sev_level severity_level",
}
_JOINED = {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}
_ANY_POD = re.compile(
    r"(?:(?:a|an|any|the|one|new|old|bad|sick|stuck|failing|failed|crashing|crashed|crashloop\w*|affected|problem"
    r"|problematic|unhealthy|faulty|target|selected|specific|current|running|pending|evicted|oom\w*|your|some"
    r"|pod)_)+(?:pod|pod_name)"
)
_STANDING = frozenset({"namespace", "selector", "deployment", "pod", "service"})
_INTEGER = re.compile(
    r"(?:.*_)?(?:replicas|count|port|revision|tail|lines|limit|pid|number|size|seconds|minutes|hours|days|ms|retries"
    r"|instances|percent|percentage)"
)
_NAME = frozenset({"namespace", "pod", "deployment", "service", "container", "node", "config_map", "secret_name"})
_DURATION = frozenset({"since", "duration"})
_SECRET = re.compile(
    r".*(?:tokens?|secrets?|password|passwd|passphrase|credentials?)(?:_value)?"
    r"|(?:.*_)?(?:pwd|pass|api_?keys?|dsn|connection_string"
    r"|(?:database|db|postgres|postgresql|pg|mysql|mongo|mongodb|redis|amqp|rabbitmq|webhook)_ur[li])(?:_value)?"
    r"|.+_key"
)
_NO_SECRET = re.compile(
    r"(?:.*_)?(?:public|partition|primary|foreign|sort|cache|idempotency|redis|routing|object|s3|issue|label|dedup"
    r"|record|row|map|group)_key"
)
_FROM_FLAG = {
    "n": "namespace", "namespace": "namespace", "c": "container", "container": "container", "replicas": "replicas",
    "to-revision": "revision", "revision": "revision", "tail": "tail", "since": "since", "l": "selector",
    "selector": "selector", "context": "context", "cluster": "cluster", "p": "port", "port": "port", "limit": "limit",
    "app": "app", "host": "host", "user": "user", "timeout": "timeout", "image": "image", "lines": "lines",
}  # fmt: skip
_FROM_KIND = {
    "pod": "pod", "pods": "pod", "po": "pod", "logs": "pod", "deployment": "deployment", "deployments": "deployment",
    "deploy": "deployment", "service": "service", "services": "service", "svc": "service", "node": "node",
    "nodes": "node", "no": "node", "namespace": "namespace", "ns": "namespace", "configmap": "config_map",
    "cm": "config_map", "secret": "secret_name", "secrets": "secret_name", "cordon": "node", "uncordon": "node",
    "drain": "node", "statefulset": "stateful_set", "sts": "stateful_set", "exec": "pod",
}  # fmt: skip
_SAYS_NOTHING = re.compile(r"name|id|n|nn|x+|y+|value|val|num|number|count|something|foo|bar|fill_in|tbd|todo|secret")
_FLAG = re.compile(r"(?:^|\s)--?(?P<flag>[A-Za-z][\w-]*)(?:\s+|=)[\"']?$")
_KIND = re.compile(r"(?:^|[\s/])(?P<kind>[a-z]+)(?:/|\s+)(?:-(?:it|ti|i|t|f|p)\s+)?[\"']?$")
_ASSIGNED = re.compile(r"(?:^|[\s,;&?{'\"])(?P<key>[A-Za-z][\w.-]{1,40})[\"']?\s?[=:]\s?[\"']?$")


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter's name and what follows from it.

    Attributes:
        title: for people, as the document writes it where that says more.
        from_: where its value is read; None where a person is asked.
    """

    name: str
    title: str
    type: ParameterType
    from_: Standing | None
    secret: bool


def joined(name: str) -> str:
    """A name in its one spelling: `POD_NAME`, `podname` and `<your pod>` are all `pod`; snake case, at most 60 long."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name) if not name.isupper() else name
    words = re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")
    words = re.sub(r"^(?:(?:your|my|the|a|an|enter|insert|replace_with|replace|put)_)+(?=.)", "", words)
    words = re.sub(r"(?<=.)_(?:here|goes_here|placeholder)$", "", words)
    if _ANY_POD.fullmatch(words):
        return "pod"
    found = _JOINED.get(words, words)
    if not found or not found[0].isalpha():
        found = f"value_{found}".rstrip("_")
    return found[:60].rstrip("_")


def named(written: str, before: str = "") -> Named:
    """The parameter that `written` stands for.

    Args:
        written: what stands inside the placeholder's marks.
        before: the text in front of it: in `--to-revision=<n>` and `deployment/<name>` it says more than the name.
    """
    name = joined(written)
    if _SAYS_NOTHING.fullmatch(name) or re.fullmatch(r"value(_.*)?", name):
        name = _from_context(before) or name
    secret = bool(_SECRET.fullmatch(name)) and not _NO_SECRET.fullmatch(name)
    standing: Standing | None = name if name in _STANDING else None  # type: ignore[assignment]  # _STANDING are its values
    return Named(name, _title(written, name), _type(name), standing, secret)


def _from_context(before: str) -> str:
    if found := _FLAG.search(before):
        return _FROM_FLAG.get(found["flag"]) or joined(found["flag"])
    if (found := _KIND.search(before)) and found["kind"] in _FROM_KIND:
        return _FROM_KIND[found["kind"]]
    found = _ASSIGNED.search(before)
    return joined(found["key"]) if found else ""


def _type(name: str) -> ParameterType:
    if name in _NAME:
        return "name"
    if name in _DURATION:
        return "duration"
    return "integer" if _INTEGER.fullmatch(name) else "text"


def _title(written: str, name: str) -> str:
    words = re.sub(r"[\s_]+", " ", written).strip(" .:-")
    return words[:80] if " " in words and not words.isupper() else name.replace("_", " ")
