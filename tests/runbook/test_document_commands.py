"""Every command of the five documents in the shipped runbooks: on its line, the same command, with its risk."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from runbook.markdown.by_hand import COMMANDS, Line, R
from runbook.said import Said, of_document, of_step

from cockpit.runbook.actions import Checks, Command, Exec, Get
from cockpit.runbook.library import Library
from cockpit.runbook.model import Runbook, Step

PLAN, ORDERS = "production-incident-response-plan.md", "order-service-playbook.md"
BOOKS = tuple(Library().runbook(name) for name in Library().names())

SCRIPT = (
    Line(274, "curl -s https://your-domain.vercel.app/api/health | jq .", R),
    Line(278, "curl -s https://your-domain.vercel.app/api/health/db | jq .", R),
    Line(282, "curl -s https://your-domain.vercel.app/api/health/webhooks | jq .", R),
    Line(286, "vercel logs --app your-app-name --since 10m | grep ERROR | tail -10", R),
    Line(290, 'psql "$DATABASE_URL" -c "', R),
)
"""The parts of the script at line 265 of the plan: together one step, each of them a check of its own."""
LISTED = [(file, each) for file, lines in COMMANDS.items() for each in lines] + [(PLAN, each) for each in SCRIPT]

CORRECTED = {
    (ORDERS, 152): ("no column of pg_stat_activity", "now() - query_start > interval '30 seconds'"),
    (PLAN, 127): ("the type says so", "application/json"),
    (PLAN, 265): ("relname, not tablename", "relname"),
    (PLAN, 290): ("relname, not tablename", "relname"),
    (PLAN, 409): ("since PostgreSQL 13", "mean_exec_time"),
    (PLAN, 417): ("relname and indexrelname", "indexrelname"),
}
"""What cannot work as it is written: words of the note that says why, and what stands in the command now."""


class Listed(NamedTuple):
    """A step of a shipped runbook."""

    book: Runbook
    step: Step

    @property
    def said(self) -> Said:
        return of_step(self.book, self.step)


STEPS = [Listed(book, step) for book in BOOKS for step in book.steps()]
RUN = [each for each in STEPS if each.step.action]


def at(file: str, line: int) -> list[Listed]:
    return [each for each in RUN if (each.step.source.file, each.step.source.line) == (file, line)]


def named(listed: Listed) -> str:
    return f"{listed.book.service}-{listed.step.id}"


@pytest.mark.parametrize(("file", "command"), LISTED, ids=str)
def test_every_command_can_be_run(documents: dict[str, list[str]], file: str, command: Line) -> None:
    """At least one step is the document's command as it stands there, or as `note` says that it was corrected."""
    theirs = of_document(documents[file], command.line, command.begins)
    found = at(file, command.line)
    if (file, command.line) in CORRECTED:
        why, what = CORRECTED[file, command.line]
        found = [each for each in found if why in each.step.note]
        assert all(any(what in word for word in each.said.words) for each in found)
        assert all(each.said != theirs and each.said.tool == theirs.tool for each in found)
    else:
        found = [each for each in found if each.said == theirs]
    assert found, f"{file}:{command.line} is {theirs}; there are {[each.said for each in at(file, command.line)]}"
    assert {each.step.risk for each in found} == {command.risk}


@pytest.mark.parametrize("listed", RUN, ids=named)
def test_a_step_that_is_not_its_lines_command_says_so(documents: dict[str, list[str]], listed: Listed) -> None:
    """What is ours, a counterpart, or taken from another line is never passed off as the document's."""
    source = listed.step.source
    if listed.step.note or isinstance(listed.step.action, Checks):
        return
    theirs = [command for file, command in LISTED if (file, command.line) == (source.file, source.line)]
    if theirs:
        assert listed.said == of_document(documents[source.file], source.line, theirs[0].begins)
    else:
        minutes = re.search(r"(\d+) minutes", documents[source.file][source.line - 1])
        assert minutes, f"{source} has no command"
        assert listed.said == Said("wait", (str(60 * int(minutes[1])),))


@pytest.mark.parametrize("listed", RUN, ids=named)
def test_the_namespace_of_the_document_yields(documents: dict[str, list[str]], listed: Listed) -> None:
    """It is the configured one, but for objects of others, such as the database's."""
    action, source = listed.step.action, listed.step.source
    if isinstance(action, Command):
        assert "production" not in action.argv
        return
    namespace = getattr(action, "namespace", "$namespace")
    if namespace != "$namespace":
        assert isinstance(action, Get | Exec)
        elsewhere = re.search(r"the one of line (\d+)", listed.step.note)
        number = int(elsewhere[1]) if elsewhere else source.line
        assert f"-n {namespace}" in documents[source.file][number - 1]


def test_no_step_has_a_command_that_is_only_to_be_copied() -> None:
    assert not [each.step.id for each in STEPS if each.step.command]


@pytest.mark.parametrize("listed", [each for each in STEPS if each.step.undo_step], ids=named)
def test_what_takes_a_step_back_sets_the_same_thing(listed: Listed) -> None:
    back = listed.book.step(listed.step.undo_step or "")
    assert back
    assert isinstance(listed.step.action, Command)
    assert isinstance(back.action, Command)
    ours, theirs = listed.step.action.argv, back.action.argv
    assert ours[:-1] == theirs[:-1]
    assert {ours[-1], theirs[-1]} in ({"true", "false"}, {"pause", "resume"})


@pytest.mark.parametrize("listed", [each for each in STEPS if isinstance(each.step.action, Checks)], ids=named)
def test_what_is_looked_at_together_only_reads(listed: Listed) -> None:
    assert isinstance(listed.step.action, Checks)
    parts = [listed.book.step(id) for id in listed.step.action.steps]
    assert all(part and part.action and part.risk == R for part in parts)
