"""The five documents against a list made by hand: every command is a step, on its line, with its risk."""

from __future__ import annotations

from pathlib import Path

import pytest
from runbook.markdown.by_hand import COMMANDS, Line

from cockpit.runbook.actions import Command, DeletePods, EditConfigMap, Exec, Http, Logs, Scale, SetEnv, Sql, Wait
from cockpit.runbook.markdown.importer import Imported, import_markdown
from cockpit.runbook.model import Scenario, Step


@pytest.fixture(scope="module")
def imported(shared: Path) -> dict[str, Imported]:
    folder = shared / "source-documents"
    return {name: import_markdown((folder / name).read_bytes(), name) for name in COMMANDS}


def step_at(imported: dict[str, Imported], file: str, line: int) -> Step:
    found = [step for step in imported[file].runbook.steps() if step.source.line == line]
    assert len(found) == 1, f"{file}:{line} is {len(found)} steps"
    return found[0]


@pytest.mark.parametrize("file", COMMANDS)
def test_there_is_a_step_for_each_command_and_for_nothing_else(imported: dict[str, Imported], file: str) -> None:
    found = {step.source.line for step in imported[file].runbook.steps() if step.action or step.command}
    by_hand = {each.line for each in COMMANDS[file]}
    waits = {step.source.line for step in imported[file].runbook.steps() if isinstance(step.action, Wait)}
    assert found - waits == by_hand - waits
    assert {each.line for each in COMMANDS[file] if each.begins.startswith("sleep")} <= waits


@pytest.mark.parametrize(
    ("file", "command"), [(file, each) for file, lines in COMMANDS.items() for each in lines], ids=str
)
def test_a_command_stands_on_its_line_and_keeps_its_risk(
    imported: dict[str, Imported], documents: dict[str, list[str]], file: str, command: Line
) -> None:
    assert command.begins in documents[file][command.line - 1]
    step = step_at(imported, file, command.line)
    assert step.source.file == file
    assert step.risk == command.risk, step.action


def test_all_of_them_can_be_run(imported: dict[str, Imported]) -> None:
    """No command of the five documents is left to be copied by hand."""
    assert not [step.id for each in imported.values() for step in each.runbook.steps() if step.command]


def test_the_first_document_gives_two_scenarios_from_plain_text(imported: dict[str, Imported]) -> None:
    """Its headings are paragraphs, its commands indented text."""
    gateway, deployment = imported["incident-response-process.md"].runbook.scenarios
    assert (gateway.title, deployment.title) == ("Payment Gateway Issues", "Deployment Issues")
    fallback = gateway.steps[1]
    assert isinstance(fallback.action, SetEnv)
    assert fallback.action.env == {"USE_FALLBACK_PROCESSOR": "true"}
    assert fallback.condition == "If gateway is down"
    assert fallback.title == "Activate fallback payment processor"
    assert [step.title for step in deployment.steps] == [
        "Identify problematic deployment",
        "Rollback to last known good version",
    ]


def test_symptoms_severity_and_steps_of_the_order_service(imported: dict[str, Imported]) -> None:
    runbook = imported["order-service-playbook.md"].runbook
    assert runbook.service == "order-service"
    assert [(each.title, each.severity) for each in runbook.scenarios] == [
        ("Complete Service Outage", "SEV-1"),
        ("Payment/Refund Failures", "SEV-2"),
        ("High Dispute Rate", "SEV-2"),
        ("Slow Response Times", "SEV-3"),
    ]
    outage = scenario(runbook.scenarios, "Complete Service Outage")
    assert [each.text for each in outage.symptoms] == [
        "Health checks failing",
        "No orders being processed",
        "5xx errors on all endpoints",
    ]
    assert outage.steps[0].manual == "Alert team via PagerDuty/Slack"


def scenario(found: tuple[Scenario, ...], title: str) -> Scenario:
    return next(each for each in found if each.title == title)


def test_a_flag_for_a_terminal_is_dropped_and_the_pod_is_the_selected_one(imported: dict[str, Imported]) -> None:
    step = step_at(imported, "order-service-playbook.md", 36)
    assert isinstance(step.action, Exec)
    assert step.action.pod == "$pod"
    assert step.action.command == ("nc", "-zv", "tickettoken-postgres", "5432")
    assert step.title == "Check dependencies: Database"
    assert [(each.name, each.from_, each.placeholder) for each in step.parameters] == [
        ("pod", "pod", "order-service-xxx")
    ]


def test_grep_behind_logs_becomes_their_pattern(imported: dict[str, Imported]) -> None:
    action = step_at(imported, "order-service-playbook.md", 72).action
    assert isinstance(action, Logs)
    assert (action.tail, action.matching, action.ignore_case) == (500, "stripe|webhook|payment", True)


def test_a_statement_has_its_comment_as_title(imported: dict[str, Imported]) -> None:
    step = step_at(imported, "order-service-playbook.md", 86)
    assert step.title == "Find stuck orders"
    assert isinstance(step.action, Sql)
    assert step.action.statement.startswith("SELECT id, status, created_at")
    assert step.action.database == "$database"


def test_the_namespace_of_the_document_yields_and_that_of_the_database_stays(imported: dict[str, Imported]) -> None:
    scale = step_at(imported, "payment-service-runbook.md", 135).action
    assert isinstance(scale, Scale)
    assert (scale.namespace, scale.replicas) == ("$namespace", 8)
    connection = step_at(imported, "payment-service-runbook.md", 239).action
    assert isinstance(connection, Exec)
    assert connection.namespace == "database"


def test_kinds_of_the_payment_service(imported: dict[str, Imported]) -> None:
    file = "payment-service-runbook.md"
    assert isinstance(step_at(imported, file, 65).action, DeletePods)
    assert isinstance(step_at(imported, file, 143).action, EditConfigMap)
    stream = step_at(imported, file, 227).action
    assert isinstance(stream, Command)
    assert stream.argv[:3] == ("kubectl", "logs", "-f")
    assert not stream.tty
    watching = step_at(imported, file, 125)
    assert isinstance(watching.action, Wait)
    assert watching.action.duration == 900
    assert step_at(imported, file, 251).condition == "if using Istio"


def test_symptoms_of_the_payment_service_suggest(imported: dict[str, Imported]) -> None:
    crash = scenario(imported["payment-service-runbook.md"].runbook.scenarios, "Pod CrashLoopBackOff")
    assert crash.suggest_when.pods == ("CrashLoopBackOff",)
    memory = scenario(imported["payment-service-runbook.md"].runbook.scenarios, "High Memory Usage")
    assert memory.suggest_when.thresholds == ("memory-usage",)


def test_requests_statements_and_waits_of_the_response_plan(imported: dict[str, Imported]) -> None:
    file = "production-incident-response-plan.md"
    backlog = step_at(imported, file, 127)
    assert isinstance(backlog.action, Http)
    assert backlog.action.headers["Authorization"] == "Bearer ${webhook_secret}"
    assert backlog.condition == "if safe"
    assert {each.name: each.secret for each in backlog.parameters} == {"host": False, "webhook_secret": True}
    pause = step_at(imported, file, 228)
    assert isinstance(pause.action, Wait)
    assert (pause.action.duration, pause.title) == (300, "Wait 5 minutes")
    script = step_at(imported, file, 265)
    assert isinstance(script.action, Command)
    assert script.action.shell.startswith("#!/bin/bash")
    assert script.title == "Health Check Dashboard"
    assert {each.name for each in script.parameters} == {"host", "app", "database_url"}
