"""The model: customers' requests, the gateway that spreads them over ready pods, and what becomes of each.

Nothing here knows of incidents. A pod has a capacity and a queue; what is over both is shed; a pod that dies takes what
it was doing with it; customers whose request fails do not send the ones that would have followed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from random import Random

from cockpit.simulator.payments.counters import Histogram, sample_labels
from cockpit.simulator.payments.program import Answers, PaymentProgram
from cockpit.simulator.payments.sight import SERVICE, Scene, Seen
from cockpit.simulator.prometheus.labels import Labels

DEMAND = 1000 / 60
"""Requests per second while all goes well: the runbook's baseline of 1000 a minute."""

FOLLOW_UPS = 2 / 3
"""The share of the demand that only comes when earlier requests went well: confirming, asking for the state."""

MOST_WAIT = 2.8
"""Seconds in a pod's queue after which the gateway sheds a request."""

SLACK = 0.4
"""Seconds of work that a pod's threads take on side by side before anyone waits."""

CONNECT_TIMEOUT = 3.0
"""Seconds that the gateway waits for a pod, or a pod for the database, before it gives up."""

MEMORY = 8.0
"""Seconds over which loads and the customers' experience are averaged."""

HOLDS = 0.9
"""Seconds for which a request keeps its database connection."""

CODES = (200, 402, 500, 502, 503)
ROUTES = (("POST", "/payments"), ("POST", "/payments/{id}/confirm"), ("GET", "/payments/{id}"))
METHODS = ("card", "card", "card", "paypal", "sepa")


class Upstream:
    """One pod as the gateway knows it: its counters from its first sight on, and how far its work reaches."""

    def __init__(self, pod: Seen) -> None:
        self.pod = pod
        self.requests = dict.fromkeys(((code, *route) for code in CODES for route in ROUTES), 0)
        self.names = [_name(pod.name, *each) for each in self.requests]
        self.capacity = 0.0
        """Requests per second that its running container can answer."""
        self.status: Answers = lambda _random: 200
        """How that answers."""
        self.durations = Histogram("http_request_duration_seconds", service=SERVICE, pod=pod.name)
        self.load = 0.0
        self.busy_until = 0.0
        self.database_errors = 0
        self.handled = 0
        self.answered = 0
        """Requests since its container started."""


class PaymentService:
    """The traffic of one payment service.

    Args:
        program: its software, which decides how a pod answers.
        random: the seeded chance of everything in it.
    """

    def __init__(self, program: PaymentProgram, random: Random) -> None:
        self._program = program
        self._random = random
        self._clock = 0.0
        self._noise = 0.0
        self._owed = 0.0
        self._turn = 0
        self._content = 1.0
        self._upstreams: dict[str, Upstream] = {}
        self._nobody = dict.fromkeys(ROUTES, 0)
        self._nobody_durations = Histogram("http_request_duration_seconds", service=SERVICE)
        self._payments = {(result, method): 0 for result in ("success", "failure") for method in METHODS}
        program.load = self.load
        program.answered = self.answered

    def load(self, pod: str) -> float:
        """Requests per second that a pod answers, averaged over the last seconds."""
        upstream = self._upstreams.get(pod)
        return upstream.load if upstream else 0.0

    def answered(self, pod: str) -> int:
        """How many requests the pod's running container has answered."""
        upstream = self._upstreams.get(pod)
        return upstream.answered if upstream else 0

    def database_errors(self, pod: str) -> int:
        """How often the pod's running container failed to connect to the database."""
        upstream = self._upstreams.get(pod)
        return upstream.database_errors if upstream else 0

    def advance(self, scene: Scene, seconds: float) -> None:
        """Let `seconds` of simulated time pass with the pods as they are."""
        self._meet(scene.pods)
        ready, database_up = [each for each in self._upstreams.values() if each.pod.ready], scene.database_up
        count = self._arrivals(seconds)
        failed = 0
        for number in range(count):
            moment = self._clock + seconds * number / count
            failed += not self._request(ready, moment, database_up=database_up)
        self._clock += seconds
        share = math.exp(-seconds / MEMORY)
        if count:
            self._content = self._content * share + (1 - failed / count) * (1 - share)
        for upstream in self._upstreams.values():
            upstream.load = upstream.load * share + upstream.handled / seconds * (1 - share)
            upstream.handled = 0

    def _meet(self, pods: Sequence[Seen]) -> None:
        """Take in the pods of the moment; a container that started anew begins with empty hands."""
        known = self._upstreams
        self._upstreams = {pod.name: known.get(pod.name) or Upstream(pod) for pod in pods}
        for pod in pods:
            upstream = self._upstreams[pod.name]
            if upstream.pod.run != pod.run:
                upstream.busy_until = 0.0
                upstream.database_errors = 0
                upstream.answered = 0
            upstream.pod = pod
            if pod.run:
                capacity = self._program.release(pod.image).capacity
                upstream.capacity = min(capacity, self._program.pool(pod.name) / HOLDS)
                upstream.status = self._program.answers(pod.name, pod.image)

    def _arrivals(self, seconds: float) -> int:
        """How many requests come: a slow wave, a drift, chance, and fewer when customers meet errors."""
        decay = math.exp(-seconds / 60)
        self._noise = self._noise * decay + self._random.gauss(0, 0.03) * math.sqrt(1 - decay * decay)
        wave = 1 + 0.03 * math.sin(self._clock / 420) + self._noise
        mean = DEMAND * wave * (1 - FOLLOW_UPS * (1 - self._content)) * seconds
        self._owed += max(0.0, mean + self._random.gauss(0, math.sqrt(mean)) * 0.5)
        count = int(self._owed)
        self._owed -= count
        return count

    def _request(self, ready: Sequence[Upstream], moment: float, *, database_up: bool) -> bool:
        """One request at `moment`; whether it went well."""
        self._turn += 1
        route = ROUTES[self._turn % len(ROUTES)]
        if not ready:
            self._nobody[route] += 1
            self._nobody_durations.observe(CONNECT_TIMEOUT)
            self._pay(route, paid=False)
            return False
        upstream = ready[self._turn % len(ready)]
        code, seconds = self._answer(upstream, moment, database_up=database_up)
        upstream.requests[(code, *route)] += 1
        upstream.durations.observe(seconds)
        self._pay(route, paid=code == 200)
        return code < 500

    def _answer(self, upstream: Upstream, moment: float, *, database_up: bool) -> tuple[int, float]:
        """The status and the seconds of one request to a pod."""
        if not upstream.pod.run:
            return 502, 0.02
        wait = max(0.0, upstream.busy_until - moment - SLACK)
        if wait > MOST_WAIT:
            return 503, MOST_WAIT
        upstream.busy_until = max(upstream.busy_until, moment) + 1 / upstream.capacity
        upstream.handled += 1
        upstream.answered += 1
        status = upstream.status(self._random)
        if not database_up:
            upstream.database_errors += 1
            return 500, wait + CONNECT_TIMEOUT
        work = 0.12 * math.exp(self._random.gauss(0, 0.5))
        return status, wait + (work if status < 500 else work / 4)

    def _pay(self, route: tuple[str, str], *, paid: bool) -> None:
        if route == ROUTES[0]:
            self._payments["success" if paid else "failure", self._random.choice(METHODS)] += 1

    def gateway(self) -> Iterator[tuple[Labels, float]]:
        """What the gateway in front of the service exposes: requests and durations by pod."""
        for upstream in self._upstreams.values():
            yield from zip(upstream.names, map(float, upstream.requests.values()), strict=True)
            yield from upstream.durations.samples()
        for (method, path), count in self._nobody.items():
            yield _name("", 503, method, path), float(count)
        yield from self._nobody_durations.samples()

    def checkout(self) -> Iterator[tuple[Labels, float]]:
        """What the shop's checkout exposes: how its payments went."""
        for (result, method), count in self._payments.items():
            yield sample_labels("payments_total", result=result, method=method), float(count)


def _name(pod: str, code: int, method: str, path: str) -> Labels:
    return sample_labels("http_requests_total", service=SERVICE, pod=pod, code=str(code), method=method, path=path)
