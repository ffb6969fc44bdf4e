"""A drill and a demo reach nothing but this machine, whatever the configuration says: every connection is watched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

CONFIGURATION = """\
version: 1
services:
  payment-service: {runbook: payment-service}
channels:
  bot: {type: slack, token: {env: A_SECRET}, channel: "#incidents"}
  hook: {type: slack, webhook: {env: A_WEBHOOK}}
  pager: {type: pagerduty, routing_key: {env: A_SECRET}, token: {env: A_SECRET}, from: ops@shop.example}
  genie: {type: opsgenie, key: {env: A_SECRET}}
  status: {type: statuspage, page: abc123, token: {env: A_SECRET}}
  mail: {type: email, host: mail.shop.example, from: ops@shop.example, to: [all@shop.example]}
  tickets: {type: jira, url: "https://jira.shop.example", user: ops@shop.example, token: {env: A_SECRET}, project: OPS}
audiences:
  internal: [bot, hook]
  customers: [status]
  customer-email: [mail]
  support: [hook]
  stakeholders: [mail, hook]
  executives: [mail]
  reviewers: [mail]
targets:
  on-call: {channels: [pager, genie], handles: ["@oncall"]}
  database-team: {channels: [genie, pager, bot], handles: ["@dba"]}
"""

WATCH = '''\
"""Notes every address that this process connects to or looks up, and lets none but this machine's through."""
import json, os, sys

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def watch(event, args):
    if event not in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        return
    where = args[0] if event in ("socket.getaddrinfo", "socket.gethostbyname") else args[1]
    host = where[0] if isinstance(where, tuple) else where
    if isinstance(host, bytes):
        host = host.decode()
    if not isinstance(host, str) or host.startswith("/"):
        return  # a socket of this machine's file system
    with open(os.environ["WATCHED"], "a") as log:
        log.write(json.dumps([event, host]) + "\\n")
    if host not in LOOPBACK:
        raise OSError(101, "watched: not let through")


sys.addaudithook(watch)
'''

FLIGHT = '''\
"""Flies a whole incident by the command line's own commands, in this process."""
import sys
from cockpit.cli.root import run

for line in sys.stdin.read().splitlines():
    print("$", line, run(line.split("\\t")), flush=True)
'''

DEMO = '''\
"""The same in a demo's house: an incident that is no drill, told, paged, updated, resolved."""
import asyncio, os, sys
from pathlib import Path
from cockpit.clock import SystemClock
from cockpit.room import grammar
from cockpit.room.house import open_house
from cockpit.room.options import Options


async def fly():
    here = Path.cwd()
    files = {"config": here / "cockpit.yaml", "journal": here / "record.db"}
    options = Options(os.environ, here, near=NEAR, actor="@alice", **files)
    house = await open_house(options, SystemClock())
    try:
        for line in sys.stdin.read().splitlines():
            request = grammar.parse(line, house.room.clock.now)
            house.room.preview(request)
            await house.delivering.delivered(await house.room.perform(request))
        print(sorted({sent.state for sent in house.room.state.messages.values()}), len(house.room.state.messages))
    finally:
        await house.close()


asyncio.run(fly())
'''


def watched(folder: Path, script: str, given: str) -> tuple[str, list[tuple[str, str]]]:
    """What `script` said in a process whose connections are watched, and every host that it wanted to reach."""
    (folder / "sitecustomize.py").write_text(WATCH)
    (folder / "cockpit.yaml").write_text(CONFIGURATION)
    log = folder / "watched.jsonl"
    log.touch()
    environ = {
        "PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "COCKPIT_AS": "@alice",
        "PYTHONPATH": f"{folder}:{ROOT}", "WATCHED": str(log), "A_SECRET": "s3cret-value-1234",
        "A_WEBHOOK": "https://hooks.slack.com/services/T000/B000/XXXX", "HTTPS_PROXY": "http://proxy.shop.example:3128",
        "HTTP_PROXY": "http://proxy.shop.example:3128",
    }  # fmt: skip
    argv = [sys.executable, "-c", script]
    done = subprocess.run(argv, input=given, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    events: list[tuple[str, str]] = [tuple(json.loads(line)) for line in log.read_text().splitlines()]
    return done.stdout, events


def outside(events: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [each for each in events if each[1] not in ("127.0.0.1", "::1", "localhost")]


LINES = (
    ("drill", "start", "payment-failure", "p1", "--yes", "--announce", "--page", "on-call"),
    ("incident", "page", "database-team", "the", "pool"),
    ("incident", "ack"),
    ("incident", "status", "--to", "identified", "the", "pool", "--announce", "--yes"),
    ("message", "send", "--yes", "all", "is", "slow"),
    ("incident", "resolve", "--yes", "--announce", "--set", "explanation=It was the pool"),
    ("incident", "close"),
)


def test_a_drill_reaches_nothing_but_this_machine(tmp_path: Path) -> None:
    said, events = watched(tmp_path, FLIGHT, "\n".join("\t".join(line) for line in LINES))
    assert said.count("$ ") == len(LINES), said
    assert [line for line in said.splitlines() if line.startswith("$ ") and not line.endswith(" 0")] == [], said
    assert outside(events) == []
    record = "".join(path.read_text() for path in (tmp_path / "state").rglob("drill-*.txt"))
    for words in ("DRILL:", "on-call is paged", "database-team is paged", "Service Restored", "Post-mortem"):
        assert words in record, f"{words}: the drill's messages are in files beside the record"


@pytest.mark.parametrize("near", [True, False])
def test_a_demo_reaches_nothing_but_this_machine(tmp_path: Path, near: bool) -> None:
    """The same flight outside of a demo is seen to want each provider: the watch is awake."""
    lines = ["start payment-failure p1", "page database-team the pool"]
    lines += [] if not near else ["ack", "resolve --yes --announce --set explanation=pool", "close"]
    said, events = watched(tmp_path, DEMO.replace("NEAR", str(near)), "\n".join(lines))
    reached: Any = {host for _, host in outside(events)}
    if near:
        assert reached == set(), said
        assert "sent" not in said, "nothing that is configured here is on this machine"
    else:
        assert reached, "without a demo it is tried"
