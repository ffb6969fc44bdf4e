"""`cockpit logs`: one pod's or all together, filtered, as lines or JSON; and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def here(shell: Shell, outage: Path) -> Shell:
    """A shell with the configuration of the outage to look at."""
    shell.environ["COCKPIT_CONFIG"] = str(outage / "cockpit.yaml")
    return shell


def test_the_logs_of_all_pods_come_with_their_names_and_times(here: Shell) -> None:
    lines = [json.loads(line) for line in here("logs", "--for", "3s", "--json").ok().out.splitlines()]
    assert len({line["pod"] for line in lines}) > 2
    assert any("PAYMENT_ROUTES" in line["text"] for line in lines)
    assert all(line["at"] for line in lines)
    assert not here.journal.exists(), "looking leaves nothing behind"


def test_one_pods_log_by_its_short_name_filtered(here: Shell) -> None:
    pods = here("signals", "--json").ok().json["pods"]
    crashing = next(pod["name"] for pod in pods if pod["release"] == "1.4.2")
    short = crashing.removeprefix("payment-service-")
    printed = here("logs", short, "--for", "3s", "--filter", "/payment_routes.*missing/").ok().out
    assert "PAYMENT_ROUTES is missing" in printed
    assert all("PAYMENT_ROUTES" in line or " -- " in line for line in printed.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [(("nobody",), 2, "no pods are called nobody; there are payment-service-"),
     (("--filter", "/(/"), 2, "no regular expression"), (("--for", "soon"), 2, "no duration")],
)  # fmt: skip
def test_what_cannot_be_followed_is_said_in_one_line(
    here: Shell, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended = here("logs", *arguments)
    assert ended.code == code
    assert says in ended.err
