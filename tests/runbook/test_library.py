"""The library: configured folders before the shipped ones, and the roles' checklists."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.library import Library
from cockpit.runbook.shipped import shipped

LIST = """\
title: Mine
checklists:
  - role: comms
    title: My communications
    phases: [{id: comms.mine, title: All, items: [{id: comms.mine.one, text: Say something}]}]
"""


SHIPPED = ["churn-saver", "incident-response", "order-service", "payment-platform", "payment-service"]


def test_the_shipped_runbooks_are_there() -> None:
    assert Library().names() == SHIPPED
    assert Library().runbook("payment-service").service == "payment-service"
    assert shipped("runbooks").is_dir()


def test_a_configured_folder_comes_first(tmp_path: Path) -> None:
    (tmp_path / "payment-service.yml").write_text("title: Mine\n")
    (tmp_path / "notes.txt").write_text("no runbook")
    library = Library([tmp_path / "none", tmp_path])
    assert library.runbook("payment-service").title == "Mine"
    assert library.names() == SHIPPED


def test_a_runbook_that_is_not_there_names_where_was_looked_and_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(RunbookError, match=r"none \(no such folder\).*known: churn-saver, incident-r"):
        Library([tmp_path / "none"]).runbook("shop")


@pytest.mark.parametrize("name", ["../payment-service", "/etc/passwd", "", "a\0b", "payment-service.yaml"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(RunbookError, match="there is no runbook"):
        Library().runbook(name)


def test_a_broken_runbook_says_where(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("title: T\nservces: x\n")
    with pytest.raises(RunbookError, match=r"shop\.yaml:2:1: unknown key `servces`"):
        Library([tmp_path]).runbook("shop")


def test_one_list_per_role(tmp_path: Path) -> None:
    roles = ["ic", "ops", "comms", "scribe", "tl", "oncall", "support", "after"]
    assert [each.role for each in Library().checklists("payment-service")] == roles
    assert Library().checklist("cook") is None


def test_a_services_own_list_stands_in_for_the_common_one(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(LIST)
    lists = {each.role: each.title for each in Library([tmp_path]).checklists("shop")}
    assert lists["comms"] == "My communications"
    assert lists["ic"] == "Incident commander"


def test_what_a_service_has_for_afterwards_stands_in_for_the_common_list(tmp_path: Path) -> None:
    after = "post_incident: {title: Ours, phases: [{id: after.us, title: A, items: [{id: after.us.x, text: X}]}]}\n"
    (tmp_path / "shop.yaml").write_text(LIST + after)
    (tmp_path / "bar.yaml").write_text(LIST)
    titles = [Library([tmp_path]).checklists(name)[-1].title for name in ("shop", "bar", "payment-service", None)]
    assert titles == ["Ours", "After the incident", "Post-incident actions", "After the incident"]


def test_a_teams_common_lists_stand_in_for_the_shipped_ones_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "incident-response.yaml").write_text(LIST)
    library = Library([tmp_path])
    assert [(each.role, each.title) for each in library.checklists()] == [("comms", "My communications")]
    assert [each.role for each in library.checklists("payment-service")] == ["comms", "after"]
