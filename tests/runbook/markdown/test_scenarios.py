"""Sections into scenarios, procedures and health checks; items, tables and inline code into steps; the report."""

from __future__ import annotations

import json

from cockpit.runbook.actions import Command, Http, Wait
from cockpit.runbook.markdown.importer import Imported, import_markdown
from cockpit.runbook.model import Runbook, Step
from cockpit.runbook.parameters import FromStep


def imported(text: str) -> Imported:
    return import_markdown(text.encode(), "a.md")


def runbook(text: str) -> Runbook:
    return imported(text).runbook


def steps(text: str) -> list[Step]:
    return list(runbook(text).steps())


def fenced(*lines: str) -> str:
    return "\n".join(["## How to restart", "```bash", *lines, "```", ""])


def test_parts_by_heading_and_by_label_make_a_scenario() -> None:
    by_heading = "# R\n## Disk full\n### Symptoms\n- writes fail\n"
    by_heading += "### Diagnosis\n```\ndf -h\n```\n### Mitigation\n1. Free space\n"
    by_label = (
        "# R\n## Disk full\n**Symptoms:** writes fail\n\n**Diagnosis:**\n```\ndf -h\n```\n**Fix**:\n1. Free space\n"
    )
    for text in (by_heading, by_label):
        (found,) = runbook(text).scenarios
        assert (found.id, found.title, [each.text for each in found.symptoms]) == (
            "disk-full",
            "Disk full",
            ["writes fail"],
        )
        assert [(each.kind, each.title, each.manual) for each in found.steps] == [
            ("diagnose", "df -h", ""),
            ("mitigate", "Free space", "Free space"),
        ]


def test_escalation_and_causes_are_no_steps() -> None:
    text = "## Slow\n**Symptoms**: slow\n\n**Causes**:\n1. Load\n\n"
    text += "**Fix**:\n1. Add pods\n\n**Escalation**:\n- Ask the DBA\n"
    (found,) = runbook(text).scenarios
    assert [each.title for each in found.steps] == ["Add pods"]
    assert [each.text for each in found.escalation] == ["Ask the DBA"]


def contained(*lines: str) -> dict[str, tuple[str, ...]]:
    """What is verified of each step of a fence, by its title."""
    return {step.title: step.checks for step in steps(fenced(*lines))}


def test_a_containment_is_verified_by_what_it_contains() -> None:
    """Nothing that alarms comes back because work was stopped: to wait for it would call each containment a failure."""
    only = ("rollout-complete",)
    assert contained(
        "# Emergency webhook disable", "vercel env add WEBHOOKS false", "",
        "# Pause cron jobs", "vercel cron pause", "",
        "# Set the flag", "vercel env add NOTIFICATIONS_ENABLED false", "",
        "# No orders for now", "kubectl set env deployment/orders ORDERS_PAUSED=true", "",
        "# Emergency read-only mode", "vercel env add MODE ro", "",
        "# Stop the application", "kubectl scale deployment/orders --replicas=0",
    ) == dict.fromkeys(
        (
            "Emergency webhook disable", "Pause cron jobs", "Set the flag", "No orders for now",
            "Emergency read-only mode", "Stop the application",
        ),
        only,
    )  # fmt: skip
    found = steps(fenced("# Pause cron jobs", "vercel cron pause"))[0]
    assert "not that the signals come back" in found.note


def test_what_mends_and_what_starts_again_waits_for_the_signals() -> None:
    found = contained(
        "# Roll back", "kubectl rollout undo deployment/a", "",
        "# Disable maintenance mode", "vercel env add MODE normal", "",
        "# Enable webhooks again", "vercel env add WEBHOOKS_ENABLED true", "",
        "# End read-only mode", "vercel env add READ_ONLY_MODE false", "",
        "# Temporarily disable the liveness probe", "kubectl patch deployment/a -p '{}'", "",
        "# Resume what was paused", "vercel cron resume", "",
        "# Scale up", "kubectl scale deployment/a --replicas=8",
    )  # fmt: skip
    assert len(found) == 7
    assert set(found.values()) == {()}


def test_what_changes_mitigates_and_what_looks_diagnoses() -> None:
    text = "## Slow\n**Symptoms**: slow\n\n**Diagnosis**:\n- Restart: `kubectl rollout restart deployment/a`\n\n"
    text += (
        "**Resolution**:\n- Check pods: `kubectl get pods -l a=b`\n- Verify: `kubectl rollout status deployment/a`\n"
    )
    (found,) = runbook(text).scenarios
    assert [(each.title, each.kind) for each in found.steps] == [
        ("Restart", "mitigate"),
        ("Check pods", "diagnose"),
        ("Verify", "verify"),
    ]


def test_a_section_of_commands_is_a_procedure_and_one_that_only_looks_is_health() -> None:
    text = "# R\n## Health checks\n```\nkubectl get pods -l a=b\n```\n## Deploy\n```\nkubectl apply -f a.yaml\n```\n"
    found = runbook(text)
    assert [(each.title, each.group) for each in found.health_checks] == [("Health checks", "Health checks")]
    assert [each.title for each in found.procedures] == ["Deploy"]


def test_inline_code_and_tables_hold_commands() -> None:
    text = "## Commands\nTo see them run `kubectl get pods -n shop` first.\n\n"
    text += "| what | how |\n|---|---|\n| Read logs | `$ docker logs api` |\n| Nothing | `words` |\n"
    found = steps(text)
    assert [(each.title, each.source.line) for each in found] == [("To see them run", 2), ("Read logs", 6)]
    assert isinstance(found[1].action, Command)
    assert found[1].action.argv == ("docker", "logs", "api")


def test_an_item_above_a_fence_is_its_title_and_condition() -> None:
    (one, two) = steps(
        "## Steps\n1. If it hangs, stop it:\n```\ndocker stop api\n```\n2. **Start it**\n```\ndocker start a\n```\n"
    )
    assert (one.title, one.condition, two.title) == ("stop it".capitalize(), "If it hangs", "Start it")


def test_several_commands_under_one_title_are_told_apart() -> None:
    titles = [
        step.title for step in steps(fenced("# Check all", "docker logs api", "docker logs db", "docker logs web"))
    ]
    assert titles == ["Check all: api", "Check all: db", "Check all: web"]


def test_items_under_an_item_are_part_of_it() -> None:
    (one, two) = steps("## Recovery steps\n1. Call:\n   - the DBA\n   - the lead\n2. Write it down\n")
    assert one.manual == "Call:\n- the DBA\n- the lead"
    assert two.manual == "Write it down"


def test_what_is_announced_as_output_is_expected() -> None:
    text = "## Restart steps\n```\ndocker restart api\n```\nExpected output:\n```\napi\n```\n"
    (step,) = steps(text)
    assert step.expected == "Expected output: api"


def test_a_time_to_watch_is_a_wait() -> None:
    wait, words = steps("## Rollback procedure\n1. Monitor for 15 minutes\n2. Monitor the load\n")
    assert isinstance(wait.action, Wait)
    assert (wait.action.duration, wait.kind) == (900, "verify")
    assert words.manual == "Monitor the load"


def test_an_output_feeds_what_uses_it_also_in_a_later_fence() -> None:
    text = (
        fenced("# Find it", "ID=$(docker ps -q -f name=api)")
        + "\nThen:\n"
        + fenced("docker restart $ID", 'docker logs "$ID"')
    )
    find, restart, logs = steps(text)
    assert isinstance(find.action, Command)
    assert (find.title, find.action.argv) == ("Find it", ("docker", "ps", "-q", "-f", "name=api"))
    for step in (restart, logs):
        (parameter,) = step.parameters
        assert parameter.from_ == FromStep(step=find.id)


def test_a_value_that_is_set_is_the_default_of_what_uses_it() -> None:
    (step,) = steps(fenced("export REGION=eu-1", "aws rds list --region $REGION"))
    assert [(each.name, each.default) for each in step.parameters] == [("region", "eu-1")]


def test_a_value_that_must_be_worked_out_goes_with_what_uses_it() -> None:
    dump, listing = steps(fenced("FILE=dump-$(date +%F).sql", "pg_dump -f $FILE orders", "ls -l /backups"))
    assert isinstance(dump.action, Command)
    assert dump.action.shell == "FILE=dump-$(date +%F).sql\npg_dump -f $FILE orders"
    assert isinstance(listing.action, Command)
    assert listing.action.argv == ("ls", "-l", "/backups")


def test_what_is_typed_into_a_shell_elsewhere_is_for_a_person() -> None:
    enter, inside = steps(fenced("ssh admin@db-1.internal", "systemctl restart postgresql"))
    assert isinstance(enter.action, Command)
    assert enter.action.tty
    assert (inside.action, inside.command) == (None, "systemctl restart postgresql")
    assert inside.note == "it is typed into `ssh admin@db-1.internal`"
    assert inside.risk == "changing"


def test_a_request_of_its_own_is_a_request() -> None:
    (step,) = steps('## Reset steps\n```http\nPOST https://a.example.io/reset\nX-Who: me\n\n{"a": 1}\n```\n')
    assert isinstance(step.action, Http)
    assert (step.action.method, step.action.headers["X-Who"], json.loads(step.action.body)) == ("POST", "me", {"a": 1})
    (relative,) = steps("## Reset steps\n```http\nPOST /reset\n```\n")
    assert relative.note == "the request names no host"


def test_the_namespace_used_most_is_the_services() -> None:
    lines = ["kubectl get pods -n shop", "kubectl get svc -n shop", "kubectl get pods -n database"]
    namespaces = [
        step.action.namespace for step in steps(fenced(*lines)) if step.action and step.action.kind == "kubernetes"
    ]
    assert namespaces == ["$namespace", "$namespace", "database"]


def test_the_report_says_what_each_block_became_and_what_is_open() -> None:
    text = "# Orders service\n\nSome words.\n\n## Restart steps\n"
    text += "```bash\ndocker restart <name>\nkubectl get ...\n```\n- [x](y)\n"
    report = imported(text).report
    assert (report.commands, report.runnable) == (2, 1)
    assert [(each.line, each.end, each.kind) for each in report.outcomes] == [
        (1, 1, "heading"),
        (3, 3, "paragraph"),
        (5, 5, "heading"),
        (6, 9, "fence"),
        (10, 10, "list-item"),
    ]
    fence = report.outcomes[3]
    assert [each.split(":")[0] for each in fence.became] == [
        f"step {step.id}" for step in imported(text).runbook.steps()
    ][:2]
    assert [(each.line, each.needs, bool(each.why)) for each in report.open] == [(7, ("name",), False), (8, (), True)]
    assert report.outcomes[1].why == "prose under “Orders service”"
    assert json.loads(json.dumps(report.as_dict()))["runnable"] == 1
    assert next(iter(report.lines())) == "a.md: 2 commands, 1 of them can be run from here"


def test_a_document_of_nothing_is_an_empty_runbook() -> None:
    found = imported("")
    assert (found.runbook.title, list(found.runbook.steps()), found.report.outcomes) == ("a", [], ())
