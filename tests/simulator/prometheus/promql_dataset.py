"""The series that golden answers were recorded over, and the expressions that were asked: the same for both sides."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

START = 1_700_000_000
STEP = 5
COUNT = 240
END = START + STEP * (COUNT - 1)

Row = tuple[dict[str, str], int, float]
"""Labels with the name, Unix seconds, value."""


def rows() -> Iterator[Row]:
    """All samples, series by series."""
    random = Random(7)
    for pod in ("a", "b", "c"):
        common = {"job": "payment-service", "pod": pod}
        for code, most in (("200", 40), ("500", 3)):
            yield from _counter({"__name__": "http_requests_total", "code": code, **common}, random, most, pod)
        yield from _histogram({"__name__": "http_request_duration_seconds_bucket", **common}, random)
        memory = {"__name__": "memory_bytes", **common}
        yield from ((memory, START + STEP * i, 3e8 + 1e7 * math.sin(i / 9) + ord(pod)) for i in range(COUNT))
        limit = {"__name__": "limit_bytes", "resource": "memory", **common}
        yield from ((limit, START + STEP * i, 536870912.0) for i in range(COUNT))
    yield from _odd()


def _counter(labels: dict[str, str], random: Random, most: int, pod: str) -> Iterator[Row]:
    value = 0.0 if pod == "c" else 1000.0
    for i in range(COUNT):
        if pod == "b" and i in (100, 160, 161):
            value = 0.0  # a restart, and one right after another
        if pod == "c" and 60 <= i < 150:
            continue  # longer away than the look-back
        value += random.randint(0, most)
        yield labels, START + STEP * i, value


def _histogram(labels: dict[str, str], random: Random) -> Iterator[Row]:
    bounds = ("0.1", "0.25", "0.5", "1", "2.5", "+Inf")
    counts = [0] * len(bounds)
    by_bound: list[list[Row]] = [[] for _ in bounds]
    for i in range(COUNT):
        for _ in range(random.randint(0, 30)):
            slowest = min(int(random.expovariate(0.6)), len(bounds) - 1)
            for index in range(slowest, len(bounds)):
                counts[index] += 1
        for index, bound in enumerate(bounds):
            by_bound[index].append(({**labels, "le": bound}, START + STEP * i, float(counts[index])))
    for each in by_bound:
        yield from each


def _odd() -> Iterator[Row]:
    values = {"nan": math.nan, "inf": math.inf, "minus": -math.inf, "tiny": 1.5e-9, "huge": 1e22, "third": 1 / 3}
    for kind, value in values.items():
        yield from (({"__name__": "odd", "kind": kind}, START + STEP * i, value) for i in range(COUNT))
    zigzag = {"__name__": "zigzag", "job": "x"}
    yield from ((zigzag, START + STEP * i, float(i % 7 - 3)) for i in range(COUNT))


EXPRESSIONS = (
    "http_requests_total",
    'http_requests_total{code=~"5.."}',
    'http_requests_total{code!="200",pod!~"a|b"}',
    'http_requests_total{pod="c"} offset 10m',
    'http_requests_total{pod="c"} offset 6m30s',
    "http_requests_total[20s]",
    'http_requests_total{pod="c"}[15m]',
    "rate(http_requests_total[1m])",
    "rate(http_requests_total[7s])",
    "rate(http_requests_total[17s] offset 8m)",
    "increase(http_requests_total[10m])",
    "increase(http_requests_total[19m])",
    'increase(http_requests_total{pod="c"}[30m])',
    "irate(http_requests_total[1m])",
    "irate(http_requests_total[1m] offset 6m35s)",
    "delta(memory_bytes[3m])",
    "delta(zigzag[42s])",
    '100 * sum(rate(http_requests_total{code=~"5.."}[1m])) / sum(rate(http_requests_total[1m]))',
    "sum by (pod) (rate(http_requests_total[2m]))",
    "sum(rate(http_requests_total[2m])) without (code)",
    "avg by (code) (http_requests_total)",
    "min(http_requests_total) by (job, code)",
    "max without (pod, job) (http_requests_total)",
    "count(http_requests_total)",
    "count by (nothing) (http_requests_total)",
    "sum(odd)",
    "max(odd)",
    "min(odd)",
    "avg(odd)",
    "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))",
    "histogram_quantile(0.5, rate(http_request_duration_seconds_bucket[5m]))",
    "histogram_quantile(0.999, rate(http_request_duration_seconds_bucket[5m]))",
    "histogram_quantile(0, http_request_duration_seconds_bucket)",
    "histogram_quantile(1, http_request_duration_seconds_bucket)",
    "histogram_quantile(1.1, http_request_duration_seconds_bucket)",
    "histogram_quantile(-1, http_request_duration_seconds_bucket)",
    'histogram_quantile(0.9, http_request_duration_seconds_bucket{le!="+Inf"})',
    "histogram_quantile(0.9, memory_bytes)",
    "100 * memory_bytes / on (job, pod) limit_bytes",
    "100 * memory_bytes / ignoring (resource) limit_bytes",
    "memory_bytes / limit_bytes",
    "http_requests_total / on (pod) group_left memory_bytes",
    "http_requests_total * on (pod) group_left (resource) limit_bytes",
    "limit_bytes * on (pod) group_right (resource) http_requests_total",
    "memory_bytes * on (job) limit_bytes",
    "limit_bytes - on (pod) http_requests_total",
    "http_requests_total - on (pod) limit_bytes",
    "memory_bytes > 3e8",
    "3e8 < memory_bytes",
    "memory_bytes > bool 3e8",
    "memory_bytes == memory_bytes",
    "memory_bytes <= bool on (pod) limit_bytes",
    "memory_bytes < on (pod) limit_bytes",
    "zigzag % 2",
    "zigzag ^ 3",
    "2 ^ 3 ^ 2",
    "-2 ^ 2",
    "-zigzag",
    "2 * -3 + 4 % 3",
    "1 + 2 * 3 - 4 / 8",
    "1 > bool 2",
    "vector(-8) ^ 0.5",
    "vector(0) ^ -1",
    "vector(10) ^ 400",
    "vector(5) % 0",
    "vector(-7) % 3",
    "vector(1) atan2 vector(2)",
    "odd",
    "odd + 1",
    "odd == odd",
    "odd != odd",
    "odd > 0",
    "0.1 + 0.2",
    "1e22",
    "0x1F",
    "Inf",
    "-Inf",
    "NaN",
    "1/0",
    "0/0",
    "-1/0",
    "1e-9",
    "vector(1e-9)",
    "vector(123456789012345680)",
    "memory_bytes and on (pod) http_requests_total{code='500'} > 900",
    "memory_bytes and http_requests_total",
    "memory_bytes or http_requests_total",
    "memory_bytes or on (pod) http_requests_total",
    "http_requests_total unless on (code) http_requests_total{code='500'}",
    "memory_bytes unless no_such_metric",
    "absent(no_such_metric)",
    'absent(no_such_metric{a="1",b=~"x",c="2"})',
    "absent(up or no_such_metric)",
    "absent(memory_bytes)",
    "clamp_min(zigzag, 0)",
    "clamp_max(zigzag, -1)",
    "clamp_max(odd, 5)",
    'label_replace(memory_bytes, "cockpit_signal", "p95", "", "")',
    'label_replace(memory_bytes, "node", "n-$1${2}$3", "pod", "([ab])(.*)")',
    'label_replace(memory_bytes, "pod", "", "pod", "a|b")',
    'label_replace(http_requests_total, "code", "any", "code", ".*")',
    'label_replace(zigzag, "job", "$1", "job", "(")',
    'label_replace(zigzag, "a-b", "x", "", "")',
    'label_replace(1, "a", "b", "", "")',
    'vector(1)\nor label_replace((\nsum(zigzag) # all\n), "cockpit_signal", "a", "", "")\n'
    'or label_replace((\nmemory_bytes\n), "cockpit_signal", "b", "", "")\n'
    'or label_replace((\nno_such_metric\n), "cockpit_signal", "c", "", "")',
    "avg_over_time(zigzag[1m])",
    "max_over_time(zigzag[8s])",
    "min_over_time(zigzag[1m])",
    "max_over_time(odd[1m])",
    "avg_over_time(odd[1m])",
    "vector(7)",
    "scalar(zigzag)",
    "scalar(memory_bytes)",
    "time()",
    "time() - 1700000000",
    "abs(zigzag)",
    "abs(odd)",
    "round(zigzag / 2)",
    "round(memory_bytes, 1000)",
    "round(vector(2.675), 0.01)",
    "round(vector(-2.5))",
    "no_such_metric",
    "sum(no_such_metric)",
    "count(no_such_metric) or vector(0)",
    '"text"',
    r'"a\n\"b\x41é"',
    "`raw\\n`",
    "zigzag # a comment",
    "(zigzag)",
    "  zigzag{ job = 'x' , }  ",
    '{__name__=~"zig.*"}',
    'rate({__name__=~"memory_bytes|limit_bytes",pod="a"}[1m])',
    '-{__name__=~"memory_bytes|zigzag"}',
    '{__name__="zigzag",__name__!="x"}',
    "max by (pod) (memory_bytes) / max by (pod) (limit_bytes) * 100",
)

RANGES = (
    "zigzag",
    "sum(rate(http_requests_total[30s]))",
    'http_requests_total{pod="c"}',
    'rate(http_requests_total{pod="c"}[1m])',
    "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))",
    "zigzag > 1",
    "1",
    "vector(2)",
    "absent(zigzag > 2)",
    "no_such_metric",
)

REFUSED = (
    "",
    "   ",
    "sum(rate(",
    "sum(rate(x[5m])",
    "rate(x)",
    "rate(x[5m]",
    "rate(x[5])",
    "rate(1)",
    "x[5m]",
    "x)",
    "x}",
    "x]",
    "foo bar",
    "nosuch(x)",
    "rate()",
    "rate(x[1m], 2)",
    "round(x, 1, 2)",
    "round()",
    "1 > 2",
    "1 and 2",
    "x and 1",
    "x and on (a) group_left y",
    "1 + on (a) x",
    "x + bool y",
    '"a" + 1',
    "x[5m] + 1",
    "-x[5m]",
    "{}",
    '{a=""}',
    '{a=~".*"}',
    "x{a}",
    "x{a=}",
    "x{a=b}",
    "x{1=b}",
    "x{a='b' c='d'}",
    "x{a='b'",
    "sum()",
    "sum(x, y)",
    "sum(x[5m])",
    "sum by (a (x)",
    "sum by (a,1) (x)",
    "x +",
    "* x",
    "x offset",
    "x offset 5",
    "(1)[5m]",
    "1 offset 5m",
    "x[0s]",
    "'open",
    "`open",
    "x ! y",
    "x & y",
    "on (a) x",
    'x "a"',
    "x sum",
    "sum x",
    "x{sum",
    "x by (a)",
    "x[a]",
    "x[5m",
    'x{"a"}',
    "rate x",
    "sum",
    "x , y",
    "x = y",
    "x =~ y",
    "sum by (x)",
    "rate(x[5m],)",
    "1 + x[5m]",
    'x + "a"',
    "sum(x) by",
    "x{a='b',,}",
    "bool",
    "x or 1",
    "1 == y == 2 == bool",
    "((x)",
    "(x))",
    '"\\q"',
    "1 2",
    "5m",
    "vector(x)",
    "scalar(1)",
    "time(1)",
    "histogram_quantile(x, y)",
    "x\n  + )",
)
