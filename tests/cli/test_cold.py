"""What a command says from nothing is what it says from loaded modules, as the other tests here start it."""

from __future__ import annotations

import re

import pytest

from tests.cli.forking import COLD
from tests.cli.shell import Shell

pytestmark = pytest.mark.skipif(COLD, reason="every command is started from nothing (COCKPIT_TEST_COLD)")

COMMANDS = (
    "contacts", "demo --help", "doctor --json", "drill --help", "export", "import nothing.bundle", "incident list",
    "incident proposals", "incident timeline --json", "init --help", "listen --check", "measures", "message list",
    "message preview internal nowhere",
    "review", "room --help", "runbook show payment-service", "signals --once", "simulate nothing",
)  # fmt: skip
"""One of each command, with what it loads late."""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_needs_nothing_that_another_has_loaded(shell: Shell, command: str) -> None:
    shell.environ["COCKPIT_CONFIG"] = str(shell.folder / "cockpit.yaml")
    (shell.folder / "cockpit.yaml").write_text("version: 1\n")
    found, again = shell.cold(*command.split()), shell(*command.split())
    assert "Traceback" not in found.err
    assert (found.code, unmeasured(found.out), found.err) == (again.code, unmeasured(again.out), again.err)


def unmeasured(said: str) -> str:
    """What was said without what was measured: how long something took, how much room there is, the time of day."""
    return re.sub(r"[\d.]+ (ms|GiB)|\d\d:\d\dZ", "…", said)
