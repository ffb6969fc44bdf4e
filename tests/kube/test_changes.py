"""What differs between two pod templates, thing by thing: order, names, secrets, and what is no template."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from simcluster import deployment

from cockpit.kube.around.references import References, references
from cockpit.kube.rollouts.changes import Difference, between, differences
from cockpit.kube.rollouts.difference import template_difference
from cockpit.text import MASK


def template(release: str = "1.4.1") -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(deployment(release)["spec"]["template"])
    return made


def test_a_person_looks_at_the_image_first_and_at_the_rest_last() -> None:
    old, new = template("1.4.1"), template("1.4.2")
    container, spec = new["spec"]["containers"][0], new["spec"]
    spec["nodeSelector"] = {"disk": "ssd"}
    new["metadata"]["annotations"] = {"checksum/config": "2"}
    new["metadata"]["labels"]["tier"] = "gold"
    spec["volumes"] = [{"name": "config", "configMap": {"name": "payment-config"}}]
    container["command"] = ["sh", "-c", "exec serve --token=abcdef"]
    container["readinessProbe"]["httpGet"]["path"] = "/ready"
    container["resources"]["requests"] = {"cpu": "100m"}
    container["env"][0]["value"] = "test"
    found = differences(old, new)
    assert [each.matter for each in found] == [
        "image", "env", "resources", "probes", "command", "volumes", "labels", "annotations", "other",
    ]  # fmt: skip
    assert [(each.what, each.before, each.after) for each in found[2:]] == [
        ("resources requests cpu", None, "100m"),
        ("readinessProbe httpGet path", "/health", "/ready"),
        ("command", None, f"sh -c 'exec serve --token={MASK}'"),
        ("volumes config configMap name", None, "payment-config"),
        ("template labels tier", None, "gold"),
        ("template annotations checksum/config", None, "2"),
        ("nodeSelector disk", None, "ssd"),
    ]


def test_a_value_that_stands_beside_the_name_of_a_secret_is_never_shown() -> None:
    old, new = template(), template()
    for made, key in ((old, "hunter2"), (new, "hunter3")):
        probe = made["spec"]["containers"][0]["readinessProbe"]["httpGet"]
        probe["httpHeaders"] = [{"name": "X-Api-Key", "value": key}, {"name": "Accept", "value": f"text/{key}"}]
    assert [(each.what, each.before, each.after) for each in differences(old, new)] == [
        ("readinessProbe httpGet httpHeaders X-Api-Key value", MASK, MASK),
        ("readinessProbe httpGet httpHeaders Accept value", "text/hunter2", "text/hunter3"),
    ]
    del old["spec"]["containers"][0]["readinessProbe"]
    assert "hunter" not in " ".join(each.after or "" for each in differences(old, new) if "Key" in each.what)
    for made in (old, new):  # twice the same name: the list is told as it stands
        probe = made["spec"]["containers"][0].setdefault("readinessProbe", {"httpGet": {}})["httpGet"]
        probe["httpHeaders"] = [{"name": "X-Api-Key", "value": f"hunter{number}"} for number in (id(made), 2)]
    assert "hunter" not in str([each for each in differences(old, new) if "httpHeaders" in each.what])


def test_a_variable_says_where_it_comes_from_and_a_secret_is_never_shown() -> None:
    old, new = template(), template()
    env = new["spec"]["containers"][0]["env"]
    env[0] = {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "payment-config", "key": "mode"}}}
    env[1]["value"] = "hunter3"
    env.append({"name": "API", "valueFrom": {"secretKeyRef": {"name": "payment-api", "key": "token"}}})
    new["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "shared"}, "prefix": "S_"}]
    assert [(each.what, each.before, each.after) for each in differences(old, new)] == [
        ("env MODE", "live", "key mode of config map payment-config"),
        ("env DB_PASSWORD", MASK, MASK),
        ("env API", None, "key token of secret payment-api"),
        ("envFrom config map shared", None, "all its keys as S_…"),
    ]
    assert references(new) == References(("payment-config", "shared"), ("payment-api",))


def test_several_containers_are_told_apart_by_name() -> None:
    old, new = template(), template()
    old["spec"]["containers"].insert(0, {"name": "proxy", "image": "p:1", "args": ["a"]})
    new["spec"]["containers"].append({"name": "proxy", "image": "p:2", "args": ["a"]})
    new["spec"]["initContainers"] = [{"name": "migrate", "image": "m:1"}]
    assert differences(old, new) == [
        Difference("image", "proxy", "image", "p:1", "p:2"),
        Difference("image", "init migrate", "container", None, "m:1"),
    ]


def test_lists_of_named_things_differ_item_by_item() -> None:
    old, new = template(), template()
    old["spec"]["containers"][0]["ports"] = [{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 90}]
    new["spec"]["containers"][0]["ports"] = [{"containerPort": 90}, {"containerPort": 80, "protocol": "UDP"}]
    new["spec"]["volumes"] = [
        {"name": "all", "projected": {"sources": [{"secret": {"name": "keys"}}, {"configMap": {"name": "shared"}}]}}
    ]
    found = differences(old, new)
    assert ("payment ports 80 protocol", "TCP", "UDP") in [(each.name, each.before, each.after) for each in found]
    assert references(new) == References(("shared",), ("keys",))


def test_annotations_of_two_revisions_differ_key_by_key() -> None:
    assert between({"a": "1", "b": "x"}, {"a": "2", "b": "x"}, "annotations") == [
        Difference("annotations", "", "a", "1", "2")
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "env", "containers", "spec", "metadata", "x", "valueFrom"]), inner)
    ),
    max_leaves=20,
)
templates = st.dictionaries(st.sampled_from(["spec", "metadata"]), anything)


@settings(deadline=None)
@given(templates, templates)
def test_whatever_the_server_sends_is_compared(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert differences(old, copy.deepcopy(old)) == []
    for line in template_difference(old, new):
        assert "\n" not in line
        assert "\x1b" not in line
    references(new)
