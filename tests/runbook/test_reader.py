"""Reading runbooks: what is taken, and how each fault is told with line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.model import Runbook
from cockpit.runbook.reader import parse_runbook, read_runbook
from cockpit.text import clean

WHOLE = """\
title: Shop
service: shop
document: shop.md
policy: payment-service
severities:
  - level: P1
    title: High
    source: 12
    impact: [{source: 13, text: High error rates, threshold: errors, bound: "> 5"}]
thresholds:
  - {source: 41, id: errors, title: Errors, unit: percent, warning: "> 1", breach: "> 5", breach_source: 60, for: 1m}
scenarios:
  - id: crash
    title: Crash
    suggest_when: {pods: [CrashLoopBackOff], thresholds: [errors]}
    steps:
      - id: crash.look
        title: Look
        action: {kind: kubernetes, verb: get, resource: pods, selector: $selector}
      - id: crash.back
        title: Roll back
        source: 59
        action: {kind: kubernetes, verb: rollout-undo}
      - {id: crash.call, title: Call, manual: Call somebody, command: kubectl edit cm x}
"""


def read(text: str) -> Runbook:
    return parse_runbook(text.encode(), "shop.yaml")


def refusal(text: str) -> str:
    with pytest.raises(RunbookError) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_line_cites_the_document_and_nothing_cites_the_file_itself() -> None:
    scenario = read(WHOLE).scenarios[0]
    assert str(scenario.steps[1].source) == "shop.md:59"
    assert str(scenario.steps[0].source) == "shop.yaml:17"
    assert str(scenario.source) == "shop.yaml:13"
    assert str(read(WHOLE).thresholds[0].breach_source) == "shop.md:60"


def test_a_nearer_document_is_the_one_that_is_cited() -> None:
    text = "checklists: [{role: ic, title: L, document: a.md, source: 1, phases: [{id: p, title: P, source: 2, "
    text += "items: [{id: i, text: t, source: 3}, {id: j, text: u, source: {file: c.md, line: 4}}]}]}]"
    checklist = read(f"title: T\ndocument: b.md\n{text}").checklists[0]
    assert [str(item.source) for item in checklist.phases[0].items] == ["a.md:3", "c.md:4"]


def test_risk_follows_from_the_verb_and_may_be_raised() -> None:
    look, back, call = read(WHOLE).scenarios[0].steps
    assert (look.risk, back.risk, call.risk) == ("read-only", "changing", "changing")
    raised = WHOLE.replace("source: 59", "source: 59\n        risk: destructive")
    assert read(raised).scenarios[0].steps[1].risk == "destructive"


def test_an_instruction_without_a_command_changes_nothing() -> None:
    assert read(WHOLE.replace(", command: kubectl edit cm x", "")).scenarios[0].steps[2].risk == "read-only"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("scenarios:", "scenarois:", "12:1: unknown key `scenarois`; did you mean `scenarios`?"),
        ("title: Shop\n", "", "1:1: `title` is missing; add it"),
        ("verb: get", "verb: delete", "19:17: `scenarios.1.steps.1.action` has a 'verb' that is not known; use one of"),
        ("verb: get, ", "", "19:17: `scenarios.1.steps.1.action` needs 'verb' to say what it is; add it"),
        ("resource: pods", "resuorce: pods", "19:47: unknown key `resuorce`; did you mean `resource`?"),
        (
            "source: 59",
            "source: 59\n        risk: read-only",
            "20:9: `scenarios.1.steps.2` states the risk read-only, but",
        ),
        ("manual: Call somebody, ", "", "24:9: `scenarios.1.steps.3` needs an `action`, or `manual` words"),
        ("id: crash.back", "id: crash.look", "20:9: a step with the id `crash.look` stands above; ids are unique"),
        ("id: crash.back", "id: Crash back", "20:13: `scenarios.1.steps.2.id` has a character"),
        ("thresholds: [errors]", "thresholds: [erors]", "15:59: there is no threshold `erors`; known here: errors"),
        ("threshold: errors,", "threshold: x,", "9:51: there is no threshold `x`; known here: errors"),
        (", threshold: errors", "", "9:14: `severities.1.impact.1` needs both `threshold` and `bound`, or neither"),
        ("policy: payment-service", "policy: house", "4:1: there is no policy `house`; use one of "),
        ('warning: "> 1"', 'warning: "< 1"', "11:5: `thresholds.1` has its warning and its breach on different sides"),
        ("document: shop.md\n", "", "5:5: `severities.1` cites a line, but no `document` is named above it"),
        ("source: 12", "source: 0", "8:13: `severities.1.source` must be greater than or equal to 1"),
        ("steps:\n", "steps: []\n    symptoms:\n", "16:12: `scenarios.1.steps` "),
        ("  - id: crash\n", "\t- id: crash\n", "13:1: a tab stands here; indent with spaces"),
        ("scenarios:\n", "scenarios: 5\nprocedures:\n", "12:12: `scenarios` must be a list"),
        ("service: shop", "service: 5", "2:10: `service` must be text"),
    ],
)
def test_a_fault_is_told_with_line_column_and_what_to_do(old: str, new: str, expected: str) -> None:
    assert old in WHOLE
    assert refusal(WHOLE.replace(old, new, 1)).startswith(f"shop.yaml:{expected}")


LISTS = """\
title: Shop
health_checks:
  - {id: shop.logs, title: Logs, manual: Read them}
checklists:
  - role: ops
    title: Operations
    phases:
      - id: ops.first
        title: First
        begins: 0
        ends: 5
        items:
          - {id: ops.first.logs, text: Read the logs, answered_by: "ran:shop.logs"}
  - {role: tl, title: Lead, phases: [{id: tl.a, title: A, items: [{id: tl.a.x, text: X, answered_by: verified}]}]}
post_incident:
  title: Afterwards
  phases:
    - {id: after.day, title: A day, within: 24h-48h, items: [{id: after.day.x, text: X}]}
    - {id: after.week, title: A week, within: 7d, items: [{id: after.week.x, text: X}]}
"""


def test_lists_with_time_boxes_dates_and_what_ticks_them() -> None:
    runbook = read(LISTS)
    first = runbook.checklists[0].phases[0]
    assert (first.begins, first.ends, first.within) == (0, 5, None)
    assert [item.answered_by for item in first.items] == ["ran:shop.logs"]
    assert runbook.post_incident
    assert runbook.post_incident.role == "after"
    assert [str(phase.within) for phase in runbook.post_incident.phases] == ["24–48 h", "168 h"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "by: verified",
            "by: lunch",
            "14: `checklists.2.phases.1.items.1.answered_by` names no fact that ticks an item",
        ),
        ('shop.logs"', 'shop.log"', "13: there is no step `shop.log` in this runbook; did you mean `shop.logs`?"),
        ("role: tl", "role: ops", "14: the role `ops` has a list above; put their phases together"),
        ("role: tl", "role: cook", "14: `checklists.2.role` must be 'ic', 'ops'"),
        ("id: tl.a.x", "id: ops.first.logs", "14: a checklist item with the id `ops.first.logs` stands above"),
        ("begins: 0", "begins: 5", "8: `checklists.1.phases.1` needs a `begins` before its `ends`"),
        ("        begins: 0\n", "", "8: `checklists.1.phases.1` needs a `begins` before its `ends`"),
        ("ends: 5", "within: 2h", "8: `checklists.1.phases.1` runs from the declaration (`begins`) or from the"),
        ("within: 7d", "within: a week", "19: `post_incident.phases.2.within` is no duration; write it like"),
        ("24h-48h", "48h-24h", "18: `post_incident.phases.1.within` runs backwards"),
        ("  title: Afterwards", "  role: ic\n  title: A", "16: `post_incident.role` must be 'after'"),
    ],
)
def test_a_fault_in_a_list_is_told_with_its_line(old: str, new: str, expected: str) -> None:
    assert old in LISTS
    file, line, _, told = refusal(LISTS.replace(old, new, 1)).split(":", 3)
    assert f"{file}:{line}:{told}".startswith(f"shop.yaml:{expected}")


def test_an_answer_that_is_nearly_one_is_named() -> None:
    assert refusal(LISTS.replace("by: verified", "by: veryfied")).endswith("did you mean `verified`?")
    assert "acknowledged, declared, " in refusal(LISTS.replace("by: verified", "by: lunch"))
    assert "review:SECTION" in refusal(LISTS.replace("by: verified", "by: lunch"))


@pytest.mark.parametrize("text", ["", "- a\n", "just text", "5"])
def test_what_is_no_runbook_at_all(text: str) -> None:
    assert refusal(text).startswith("shop.yaml:1:1: ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RunbookError, match=f"^{tmp_path}:1:1: this is a folder"):
        read_runbook(tmp_path)
    with pytest.raises(RunbookError, match="there is no such file"):
        read_runbook(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9")
    with pytest.raises(RunbookError, match=":1:11: it is not UTF-8"):
        read_runbook(tmp_path / "latin.yaml")


def test_a_bomb_of_aliases_is_refused() -> None:
    rows = ["title: T", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "more than 200,000 values" in refusal("\n".join(rows))


LINES = WHOLE.splitlines()
BROKEN = ["  - a", "steps: 5", "- &a [*a]", "\t", "      - {id: x, title: 5}", "thresholds: [errors]", "source: []"]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([*LINES, *BROKEN]), max_size=30).map("\n".join)
    | st.permutations(LINES).map("\n".join)
    | st.lists(st.integers(0, len(LINES) - 1), max_size=6).map(
        lambda gone: "\n".join(line for number, line in enumerate(LINES) if number not in gone)
    )
    | st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
)
def test_any_text_is_a_runbook_or_a_refusal(text: str) -> None:
    try:
        runbook = read(text)
    except RunbookError as error:
        assert str(error).startswith("shop.yaml:")  # noqa: PT017 - both ends of a property
        assert clean(str(error)) == str(error)  # noqa: PT017 - both ends of a property
    else:
        assert isinstance(runbook, Runbook)
