"""`cockpit rollout`: the rollout, its revisions and what changed, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def here(shell: Shell, outage: Path) -> Shell:
    """A shell with the configuration of the outage to look at."""
    shell.environ["COCKPIT_CONFIG"] = str(outage / "cockpit.yaml")
    return shell


def test_what_changed_stands_in_lines_and_in_data(here: Shell) -> None:
    printed = here("rollout").ok().out
    assert "payment-service in prod-eu/production: " in printed
    assert "changed    from rev 42 (1.4.1) to rev 43 (1.4.2)" in printed
    assert "  - registry.example/payment-service:1.4.1\n  + registry.example/payment-service:1.4.2" in printed
    assert "refers to  config map payment-service-config: changed " in printed
    read = here("rollout", "--from", 41, "--to", 42, "--json").ok().json
    assert (read["from"], read["to"], read["revision"]) == (41, 42, 43)
    assert {each["matter"] for each in read["changes"]} == {"image"}
    assert [each["number"] for each in read["revisions"]][:3] == [43, 42, 41]
    assert {side["revision"] for side in read["sides"]} >= {43}
    assert not here.journal.exists(), "looking leaves nothing behind"


def test_what_cannot_be_compared_or_read_is_said(here: Shell, outage: Path) -> None:
    here("rollout", "--from", 7).wrong("revision 7 is not kept; kept are: 43, 42, 41")
    here("rollout", "--from", 42, "--healthy").wrong("give one")
    flags = ("--kubeconfig", outage / "kubeconfig", "--context", "prod-eu", "-n", "production")
    here(*flags, "-l", "app=payment-service", "rollout").wrong("no deployment is configured")
