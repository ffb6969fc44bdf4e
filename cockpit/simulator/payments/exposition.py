"""Samples as text: Prometheus' exposition format 0.0.4, which a scrape of /metrics reads.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.simulator.prometheus import Exposition, Metadata
from cockpit.simulator.prometheus.labels import NAME, Labels, escaped
from cockpit.simulator.prometheus.numbers import written

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text(samples: Exposition, described: Mapping[str, Metadata]) -> str:
    """The samples with the type and help of each metric, which stand before its first sample; those of one metric
    must come one after the other."""
    lines: list[str] = []
    last = ""
    for metric, value in samples:
        name = dict(metric)[NAME]
        if name != last and (known := described.get(name)) is not None:
            lines += [f"# HELP {name} {known.help}", f"# TYPE {name} {known.type}"]
        last = name
        lines.append(f"{name}{_labels(metric)} {written(value)}")
    return "".join(f"{line}\n" for line in lines)


def _labels(metric: Labels) -> str:
    pairs = ",".join(f'{name}="{escaped(value)}"' for name, value in metric if name != NAME)
    return f"{{{pairs}}}" if pairs else ""
