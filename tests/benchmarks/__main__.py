"""`make bench`: prints what things cost on this machine, each beside a control; nothing fails for being slow."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks import (
    appending,
    changing,
    churning,
    following,
    importing,
    listing,
    metrics,
    moving,
    outbox,
    pods,
    reading,
    starting,
    together,
    wire,
)

REPORTS: dict[str, Callable[..., None]] = {
    "start": starting.report,
    "append": appending.report,
    "read": reading.report,
    "list": listing.report,
    "together": together.report,
    "import": importing.report,
    "move": moving.report,
    "wire": wire.report,
    "outbox": outbox.report,
    "metrics": metrics.report,
    "pods": pods.report,
    "change": changing.report,
    "churn": churning.report,
    "log": following.report,
}


def main() -> None:
    """Print the reports that were asked for, else all."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--only", action="append", choices=REPORTS, help="one of the reports; else all")
    parser.add_argument("--directory", type=Path, help="the disk that is written to; else the temporary one")
    parser.add_argument(
        "--seconds",
        type=float,
        help="how long rooms write, pods churn and logs run; a slope of memory tells the truth from 480 on",
    )
    given = parser.parse_args()
    lasting = {"seconds": given.seconds} if given.seconds else {}
    reports = REPORTS | {name: partial(REPORTS[name], **lasting) for name in ("together", "churn", "log")}
    load = os.getloadavg()[0]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} (a load near 0 tells the truth)"
    )
    with tempfile.TemporaryDirectory(dir=given.directory) as folder:
        for name in given.only or REPORTS:
            reports[name](Path(folder))


if __name__ == "__main__":
    main()
