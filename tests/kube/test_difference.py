"""What differs between two templates, for people."""

from __future__ import annotations

import copy
from typing import Any

from simcluster import deployment

from cockpit.kube.rollouts.difference import template_difference
from cockpit.text import MASK


def template(release: str) -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(deployment(release)["spec"]["template"])
    return made


def test_the_same_template_does_not_differ() -> None:
    assert template_difference(template("1"), template("1")) == []


def test_the_image_comes_first_and_secrets_stay_secret() -> None:
    old, new = template("1.4.1"), template("1.4.2")
    [container] = new["spec"]["containers"]
    container["resources"]["limits"] = {"memory": "256Mi", "cpu": "1"}
    container["env"] = [{"name": "DB_PASSWORD", "value": "other words"}, {"name": "NEW", "value": "\x1b[1mx"}]
    container["args"] = ["--fast"]
    new["metadata"]["labels"]["app"] = "other"
    new["spec"]["terminationGracePeriodSeconds"] = 30
    assert template_difference(old, new) == [
        "payment image: registry.example/payment-service:1.4.1 → registry.example/payment-service:1.4.2",
        "payment env MODE: live → none",
        f"payment env DB_PASSWORD: {MASK} → {MASK}",
        "payment env NEW: none → x",
        "payment resources limits memory: 512Mi → 256Mi",
        "payment resources limits cpu: none → 1",
        "payment args: none → --fast",
        "template labels app: payment-service → other",
        "terminationGracePeriodSeconds: 1 → 30",
    ]


def test_containers_that_come_and_go_are_named() -> None:
    old, new = template("1"), template("1")
    new["spec"]["containers"].append({"name": "proxy", "image": "p:1"})
    new["spec"]["initContainers"] = [{"name": "wait", "image": "w:1"}]
    assert template_difference(old, new) == ["proxy container: none → p:1", "init wait container: none → w:1"]
    assert template_difference(new, old) == ["proxy container: p:1 → none", "init wait container: w:1 → none"]


def test_what_is_no_template_does_not_break_it() -> None:
    assert template_difference({}, {"spec": None, "metadata": {"labels": 3}}) == ["template labels: none → 3"]
