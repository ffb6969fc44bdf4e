"""The model of the payment service by itself: pods and configuration in, requests and payments out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from cockpit.simulator.cluster.quantities import quantity
from cockpit.simulator.pace import Pace
from cockpit.simulator.payments.manifests import container
from cockpit.simulator.payments.program import PaymentProgram
from cockpit.simulator.payments.service import PaymentService
from cockpit.simulator.payments.sight import Scene, Seen
from cockpit.simulator.program import Usage

IMAGE = "registry.example/payment-service:1.4.1"


def pod(number: int, *, ready: bool = True, run: str = "run") -> Seen:
    """A pod of the good release."""
    return Seen(
        name=f"payment-service-abc-{number}",
        namespace="production",
        uid=f"uid-{number}",
        ip=f"10.0.0.{number}",
        node="node-1",
        container="payment",
        image=IMAGE,
        phase="Running",
        ready=ready,
        run=run and f"{run}-{number}",
        restarts=0,
        waiting="",
        limits={"cpu": 0.5, "memory": 512 * 2**20},
        created=datetime(2026, 1, 1, tzinfo=UTC),
        usage=Usage(0.1, 1) if run else None,
    )


DATABASE = pod(99)


def after(scenes: list[tuple[Scene, int]], seed: int = 1) -> PaymentService:
    """A service that lived through the scenes, each for so many seconds."""
    service = PaymentService(PaymentProgram(Pace(), ["1.4.1"]), Random(seed))
    for scene, seconds in scenes:
        for _ in range(seconds):
            service.advance(scene, 1.0)
    return service


def codes(service: PaymentService) -> Counter[str]:
    """Requests by status."""
    found: Counter[str] = Counter()
    for metric, value in service.gateway():
        names = dict(metric)
        if names["__name__"] == "http_requests_total":
            found[names["code"]] += round(value)
    return found


def scene(*pods: Seen, database: bool = True) -> Scene:
    return Scene(pods, [DATABASE] if database else [], [])


def failed(service: PaymentService) -> float:
    """The share of requests that the service failed."""
    found = codes(service)
    return sum(count for code, count in found.items() if code[0] == "5") / found.total()


def test_five_pods_bear_the_traffic_and_answer_nearly_everything() -> None:
    service = after([(scene(*map(pod, range(5))), 600)])
    assert codes(service).total() / 10 == pytest.approx(1000, rel=0.1)
    assert failed(service) < 0.005


def test_too_few_pods_queue_shed_and_lose_customers() -> None:
    service = after([(scene(pod(1), pod(2)), 600)])
    assert failed(service) > 0.15
    assert codes(service)["503"] > 0
    assert codes(service).total() / 10 < 950
    slow = next(value for metric, value in service.gateway() if is_bucket(metric, "1"))
    every = next(value for metric, value in service.gateway() if is_bucket(metric, "+Inf"))
    assert slow < every / 2


def is_bucket(metric: tuple[tuple[str, str], ...], bound: str) -> bool:
    names = dict(metric)
    return names["__name__"] == "http_request_duration_seconds_bucket" and names["le"] == bound


def test_without_ready_pods_nothing_is_served() -> None:
    service = after([(scene(pod(1, ready=False), pod(2, ready=False)), 60)])
    assert set(+codes(service)) == {"503"}
    payments = {dict(metric)["result"] for metric, value in service.checkout() if value}
    assert payments == {"failure"}


def test_a_pod_that_died_but_still_counts_as_ready_fails_what_it_gets() -> None:
    service = after([(scene(pod(1), pod(2), pod(3), pod(4), pod(5, run="")), 60)])
    assert codes(service)["502"] / codes(service).total() == pytest.approx(0.2, abs=0.02)


def test_without_the_database_every_request_fails_and_says_why() -> None:
    pods = [pod(number) for number in range(5)]
    service = after([(scene(*pods), 60), (scene(*pods, database=False), 60)])
    assert codes(service)["500"] > 200
    assert service.database_errors(pods[0].name) > 30
    assert after([(scene(*pods), 60)]).database_errors(pods[0].name) == 0


def test_the_same_seed_makes_the_same_numbers() -> None:
    scenes = [(scene(*map(pod, range(5))), 60), (scene(pod(1), pod(2)), 60)]
    assert list(after(scenes).gateway()) == list(after(scenes).gateway())
    assert list(after(scenes).gateway()) != list(after(scenes, seed=2).gateway())


def started(settings: dict[str, str], **environment: str) -> Any:
    """How a container of the good release starts with a config map and an environment of its own."""
    program = PaymentProgram(Pace(), ["1.4.1"])
    program.config_map = lambda namespace, name: settings if name == "payment-service-config" else {}
    spec = container("1.4.1")
    spec["env"] += [{"name": name, "value": value} for name, value in environment.items()]
    body = {"metadata": {"name": "p", "namespace": "production"}}
    return program, program.execute(body, spec, 0, Random(1))


def test_settings_come_from_the_config_map_and_the_container_has_the_last_word() -> None:
    program, execution = started({"DB_POOL_SIZE": "7"})
    assert (program.pool("p"), execution.exit_after) == (7, None)
    program, _ = started({"DB_POOL_SIZE": "7"}, DB_POOL_SIZE="9")
    assert program.pool("p") == 9


def test_a_wrong_setting_ends_every_start() -> None:
    _, execution = started({"DB_POOL_SIZE": "many"})
    assert execution.ready_after is None
    assert execution.exit_code == 1
    assert "DB_POOL_SIZE must be a positive number" in execution.log[-1].text


@pytest.mark.parametrize(
    ("text", "value"), [("500m", 0.5), ("512Mi", 2**29), ("2", 2.0), ("1G", 1e9), ("1.5Gi", 1.5 * 2**30)]
)
def test_quantities(text: str, value: float) -> None:
    assert quantity(text) == value
