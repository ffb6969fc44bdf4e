"""What must hold for every step of the shipped runbooks, whatever document it comes from."""

from __future__ import annotations

import pytest

from cockpit.action.catalog import action_of
from cockpit.action.means import Means
from cockpit.config import PostgresConfig, Secret, ServiceKubernetes
from cockpit.runbook.actions import Sql
from cockpit.runbook.fill import needs, values
from cockpit.runbook.library import Library
from cockpit.runbook.model import Checklist, PostIncident, Runbook, Step
from cockpit.runbook.parameters import STANDING, Values

BOOKS = {name: Library().runbook(name) for name in Library().names()}
STEPS = [(name, step) for name, book in BOOKS.items() for step in book.steps()]


@pytest.mark.parametrize("book", BOOKS)
def test_every_step_can_be_made_once_its_parameters_have_values(book: str) -> None:
    for step in BOOKS[book].steps():
        if step.action is None:
            assert step.manual, step.id
        else:
            made(BOOKS[book], step)


def made(book: Runbook, step: Step) -> None:
    """Make a step's action, with a value for each of its parameters."""
    place = ServiceKubernetes(cluster="c", namespace="ns", selector="app=x", deployment="x")
    standing = values(place, pod="x-1", name="x", database="main")
    declared = book.parameters_of(step)
    known = {each.name: each.default or each.choices[0] if each.choices else each.default or "7" for each in declared}
    assert step.action is not None
    unknown = set(needs(step.action, declared)) - set(known) - set(STANDING)
    assert not unknown, f"{step.id}: a parameter that nobody declares"
    databases = {"main": PostgresConfig(dsn=Secret(env="DSN"), write_dsn=Secret(env="WRITE"))}
    secret = frozenset(each.name for each in declared if each.secret)
    means = Means(place, Values(standing | known, secret), declared, databases, runbook=book, teller=None)
    assert action_of(step, means), step.id


@pytest.mark.parametrize(
    ("book", "step"),
    [(book, step) for book, step in STEPS if isinstance(step.action, Sql)],
    ids=lambda v: v.id if isinstance(v, Step) else str(v),
)
def test_only_a_statement_that_ends_sessions_is_more_than_a_reading(book: str, step: Step) -> None:
    assert isinstance(step.action, Sql)
    assert (step.risk == "read-only") is ("pg_terminate_backend" not in step.action.statement)


@pytest.mark.parametrize("name", BOOKS)
def test_an_item_is_in_one_list_of_a_service(name: str) -> None:
    lists: tuple[Checklist | PostIncident, ...] = Library().checklists(name)
    ids = [item.id for each in lists for phase in each.phases for item in phase.items]
    assert len(ids) == len(set(ids))
