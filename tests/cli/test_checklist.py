"""Checklists from the command line: a team's own, ticked by facts and by people, and what comes after an incident."""

from __future__ import annotations

from tests.cli.shell import Shell

OWN = """\
title: Shop
service: shop
document: shop.md
checklists:
  - role: ops
    title: Keep the shop
    source: 1
    phases:
      - id: ops.shop
        title: Doors
        begins: 0
        ends: 10
        source: 3
        items:
          - {id: ops.shop.ack, text: Take the alert, answered_by: acknowledged, source: 4}
          - {id: ops.shop.lock, text: Lock the doors, source: 5}
post_incident:
  title: Sweep up
  phases:
    - {id: after.shop, title: Before lunch, within: 3h, items: [{id: after.shop.floor, text: The floor}]}
"""
CONFIGURATION = """\
version: 1
runbooks: [./lists]
services:
  shop: {runbook: shop}
"""


def test_a_teams_own_list_is_shown_ticked_and_dated(shell: Shell) -> None:
    lists = shell.folder / "lists"
    lists.mkdir()
    (lists / "shop.yaml").write_text(OWN)
    (shell.folder / "cockpit.yaml").write_text(CONFIGURATION)
    shell.declared()
    entry = shell("incident", "ack", "--json").ok().json["entries"][0]
    shell("incident", "check", "ops.shop.lock").ok()
    shown = shell("incident", "checklist", "--role", "ops").ok().out.splitlines()
    assert shown[0] == "Keep the shop (ops)  2/2"
    assert shown[1].startswith("  Doors, 0–10 min, now, ")
    assert "[x] ops.shop.ack" in shown[2]
    assert f"Take the alert  by the ack ({entry['id'][-6:]}) @alice " in shown[2]
    assert "[x] ops.shop.lock" in shown[3]
    assert " by " not in shown[3]
    shell("incident", "check", "ops.shop.ack", "--undo").ok()
    shell("incident", "resolve", "swept").ok()
    told = {each["role"]: each for each in shell("incident", "checklist", "--json").ok().json}
    assert (told["ops"]["settled"], told["ops"]["items"][0]["state"]) == (1, "open")
    assert (told["after"]["title"], told["after"]["phases"][0]["standing"]) == ("Sweep up", "running")
    assert told["after"]["phases"][0]["due"]
    assert told["ic"]["title"] == "Incident commander"
    assert "Before lunch, within 3 h, due in 2:59:" in shell("incident", "checklist", "--role", "after").ok().out
    (lists / "shop.yaml").write_text(OWN.replace("by: acknowledged", "by: acknowleged"))
    shell("incident", "checklist").wrong("lists/shop.yaml:15:", "answered_by", "did you mean `acknowledged`?")
