"""Importing an edited document again: what stayed keeps its id, and what refers to it follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbook.markdown.by_hand import COMMANDS

from cockpit.runbook.markdown.identity import keep
from cockpit.runbook.markdown.importer import import_markdown
from cockpit.runbook.model import Runbook
from cockpit.runbook.parameters import FromStep

BEFORE = """# Orders

## Slow
### Symptoms
- Error rate > 5%

### Diagnosis
```bash
# Find the pod
POD=$(kubectl get pods -l app=orders -o name | head -1)
# Read its log
kubectl logs $POD --tail=50
# Restart
kubectl rollout restart deployment/orders
```

## Checklist
- [ ] Tell support
- [ ] Look at the pods
"""


def imported(text: str, previous: Runbook | None = None) -> Runbook:
    return import_markdown(text.encode(), "orders.md", previous).runbook


def ids(runbook: Runbook) -> dict[str, str]:
    """Step ids by what they do."""
    return {step.command or str(step.action) or step.manual: step.id for step in runbook.steps()}


def test_the_same_document_is_the_same_runbook() -> None:
    before = imported(BEFORE)
    assert imported(BEFORE, before) == before


@pytest.mark.parametrize("file", COMMANDS)
def test_the_five_documents_keep_all_ids(shared: Path, file: str) -> None:
    data = (shared / "source-documents" / file).read_bytes()
    before = import_markdown(data, file).runbook
    moved = import_markdown(b"Some new words ahead.\n\n" + data, file, before).runbook
    assert [step.id for step in moved.steps()] == [step.id for step in before.steps()]


def test_a_step_keeps_its_id_under_another_title() -> None:
    before = imported(BEFORE)
    after = imported(BEFORE.replace("# Restart\n", "# Start all pods again\n"), before)
    assert ids(after) == ids(before)
    assert [step.title for step in after.steps()] != [step.title for step in before.steps()]


def test_a_step_keeps_its_id_with_another_flag() -> None:
    before = imported(BEFORE)
    after = imported(BEFORE.replace("--tail=50", "--tail=500"), before)
    assert {step.id for step in after.steps()} == {step.id for step in before.steps()}


def test_a_step_keeps_its_id_under_another_heading() -> None:
    before = imported(BEFORE)
    after = imported(BEFORE.replace("## Slow", "## Slow answers"), before)
    assert ids(after) == ids(before)
    assert after.scenarios[0].id == before.scenarios[0].id


def test_what_names_a_step_follows_it() -> None:
    before = imported(BEFORE)
    source = next(each for step in before.steps() for each in step.parameters if isinstance(each.from_, FromStep))
    assert isinstance(source.from_, FromStep)
    assert before.step(source.from_.step) is not None
    after = imported(BEFORE.replace("# Find the pod", "# Which pod it is"), before)
    again = next(each for step in after.steps() for each in step.parameters if isinstance(each.from_, FromStep))
    assert again.from_ == source.from_
    assert after.step(source.from_.step) is not None


def test_a_new_step_takes_nobodys_id() -> None:
    before = imported(BEFORE)
    new = "# Restart\nkubectl rollout restart deployment/other-service-of-another-team\n"
    after = imported(BEFORE.replace("# Restart\n", f"{new}# Restart\n"), before)
    old = next(step for step in before.steps() if step.title == "Restart")
    kept = after.step(old.id)
    assert kept is not None
    assert kept.action == old.action
    assert len({step.id for step in after.steps()}) == len(list(after.steps()))


def test_items_keep_their_ids_so_that_ticks_stay() -> None:
    before = imported(BEFORE)
    after = imported(BEFORE.replace("- [ ] Tell support", "- [ ] New one\n- [ ] Tell the support team"), before)
    was = {item.text: item.id for each in before.checklists for phase in each.phases for item in phase.items}
    now = {item.text: item.id for each in after.checklists for phase in each.phases for item in phase.items}
    assert now["Look at the pods"] == was["Look at the pods"]
    assert now["Tell the support team"] == was["Tell support"]
    assert now["New one"] not in was.values()


def test_another_document_keeps_nothing_by_accident() -> None:
    other = imported("# Other\n\n## Restore\n```bash\npg_restore -d x /backup/y.dump\n```\n")
    assert keep(imported(BEFORE), other).runbook == other


def test_the_report_names_the_ids_that_stayed() -> None:
    before = imported(BEFORE)
    edited = BEFORE.replace("## Slow", "## Slow answers").replace("# Restart", "# Start all pods again")
    again = import_markdown(edited.encode(), "orders.md", before)
    told = " ".join(what for each in again.report.outcomes for what in each.became)
    for step in again.runbook.steps():
        assert f"step {step.id}" in told
    assert "scenario slow" in told
    assert "slow-answers" not in told


LINES = BEFORE.splitlines()


@given(st.lists(st.integers(0, len(LINES) - 1), max_size=4), st.integers(0, len(LINES) - 1))
@settings(max_examples=60, deadline=None)
def test_whatever_is_edited_ids_stay_unique_and_references_hold(dropped: list[int], doubled: int) -> None:
    before = imported(BEFORE)
    lines = [line for number, line in enumerate(LINES) if number not in dropped]
    after = imported("\n".join([*lines, LINES[doubled]]), before)
    found = [step.id for step in after.steps()]
    assert len(found) == len(set(found))
    for step in after.steps():
        for each in step.parameters:
            assert not isinstance(each.from_, FromStep) or after.step(each.from_.step) is not None
