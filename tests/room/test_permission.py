"""Permission: what each role may do, the lone responder who may all, and the glass that is broken for a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.config import Deed
from cockpit.incident.state import State
from cockpit.incident.terms import TO_DO, Role
from cockpit.room import grammar
from cockpit.room.house import House, open_house
from cockpit.room.journal.papers import Papers
from cockpit.room.options import Options
from cockpit.room.permission import Asking, NotPermitted, Permission, deeds
from cockpit.room.requests import Refusal, Start, TakeRole
from tests.postgres import running
from tests.room.rooms import configure, opened
from tests.room.test_shared_record import cockpit

pytestmark = pytest.mark.anyio

ROLES = """\
roles:
  ops: {may: [read, change, destroy]}
  ic: {may: [read, severity, resolve, close]}
  scribe: {may: [read]}
  observer: {may: [read]}
"""
MAY: dict[str, frozenset[Deed]] = {
    "ops": frozenset(("read", "change", "destroy")),
    "ic": frozenset(("read", "severity", "resolve", "close")),
    "scribe": frozenset(("read",)),
    "observer": frozenset(("read",)),
}


def asking(*held: str, may: dict[str, frozenset[Deed]] = MAY, given: str | None = None, others: str = "@bob") -> Asking:
    """@ada, who holds these roles; @bob is at the incident too."""
    state = State(roles={Role(each): "@ada" for each in held})
    return Asking(Permission(may), "@ada", given, state, frozenset(others.split()))


def may(asks: Asking) -> set[str]:
    return {deed for deed in TO_DO if not asks.forbidden(deed)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asks", "allowed"),
    [
        (asking("ops"), "read change destroy"),
        (asking("ic"), "read severity resolve close"),
        (asking("ic", "ops"), "read change destroy severity resolve close"),
        (asking("scribe"), "read"),
        (asking("comms"), "read change destroy severity resolve close"),
        (asking("scribe", "comms"), "read change destroy severity resolve close"),
        (asking(), "read"),
        (asking(may={"ops": MAY["ops"]}), "read change destroy severity resolve close"),
        (asking(may={}), "read change destroy severity resolve close"),
        (asking(may={}, given="observer"), "read"),
        (asking("ops", may={}, given="observer"), "read change destroy severity resolve close"),
        (asking(given="ops"), "read change destroy"),
        (asking("scribe", others=""), "read change destroy severity resolve close"),
        (asking("scribe", others="@ada"), "read change destroy severity resolve close"),
        (asking(given="observer", others=""), "read"),
    ],
)
def test_what_each_may(asks: Asking, allowed: str) -> None:
    assert may(asks) == set(allowed.split())


def test_who_holds_a_role_is_no_longer_alone_with_another_who_does() -> None:
    state = State(roles={Role.SCRIBE: "@ada", Role.OPS: "@bob"})
    asks = Asking(Permission(MAY), "@ada", None, state)
    assert asks.forbidden("change") == "as scribe you may not change things; @bob (ops) may"
    said = asks.forbidden("severity")
    assert said.endswith("ic may, and nobody holds it: `role ic @ada` takes it")


async def does(house: House, line: str) -> list[str]:
    """Do what `line` says; gives the kinds of the entries."""
    return [each.kind for each in await house.room.perform(grammar.parse(line, house.room.clock.now))]


async def declared(folder: Path) -> None:
    """An incident with an ops lead @bob and a scribe @ada."""
    path = configure(folder)
    path.write_text(path.read_text() + ROLES)
    async with opened(folder, actor="@bob") as bob:
        await bob.room.perform(Start("x", "p1"))
        await bob.room.perform(TakeRole("ops", "@bob"))
        await bob.room.perform(TakeRole("scribe", "@ada"))


async def test_refused_with_the_place_in_the_file_and_who_may(tmp_path: Path) -> None:
    await declared(tmp_path)
    line = next(
        n for n, each in enumerate((tmp_path / "cockpit.yaml").read_text().splitlines(), 1) if "scribe:" in each
    )
    async with opened(tmp_path, actor="@ada") as ada:
        with pytest.raises(NotPermitted) as caught:
            await does(ada, "severity p2 --why it is half of them")
        said = str(caught.value)
        assert said.startswith(
            f"as scribe you may not set the severity (roles in cockpit.yaml:{line}); ic may, and nobody"
        )
        assert "`--break-glass WHY` does it all the same" in said
        with pytest.raises(NotPermitted, match="close the incident"):
            await does(ada, "close --false-alarm nothing was wrong")
        with pytest.raises(NotPermitted, match="resolve the incident"):
            ada.room.preview(grammar.parse("resolve --announce over", ada.room.clock.now))
        assert await does(ada, "note she may write what happens") == ["note"]
        assert ada.room.forbidden("change").endswith("; @bob (ops) may")
        assert await does(ada, "role ic @ada") == ["role"]
        assert await does(ada, "severity p2 --why it is half of them") == ["severity"]


async def test_the_glass_is_broken_for_one_deed_and_the_record_says_why(tmp_path: Path) -> None:
    await declared(tmp_path)
    async with opened(tmp_path, actor="@ada") as ada:
        assert await does(ada, "severity p2 --why less --break-glass no ic is awake") == ["break-glass", "severity"]
        broken, fact = ada.room.state.broken_glass[0]
        assert (broken.deed, broken.what, broken.why, fact.actor) == ("severity", "p2", "no ic is awake", "@ada")
        with pytest.raises(NotPermitted):
            await does(ada, "severity p1 --why more")
        assert await does(ada, "resolve over --break-glass no ic") == ["break-glass", "status"]
        review = "\n".join(part.markdown for part in await Papers(ada.room).review())
        assert review.count("the glass was broken to set the severity (p2): no ic is awake") == 1
        assert "broke the glass to resolve the incident – no ic" in review
        assert "broke the glass to set the severity: p2 – no ic is awake" in await Papers(ada.room).markdown()


async def test_who_may_anyway_breaks_no_glass(tmp_path: Path) -> None:
    await declared(tmp_path)
    async with opened(tmp_path, actor="@bob") as bob:
        await bob.room.perform(TakeRole("ic", "@bob"))
        assert await does(bob, "severity p2 --why less --break-glass not needed") == ["severity"]


async def test_whoever_only_looks_writes_nothing_until_he_takes_a_role(tmp_path: Path) -> None:
    async with opened(tmp_path, role="observer") as house:
        with pytest.raises(Refusal, match="as an observer you look"):
            await does(house, "start x p1")
    await declared(tmp_path)
    async with opened(tmp_path, actor="@eve", role="observer") as eve:
        with pytest.raises(Refusal, match="as an observer you look"):
            await does(eve, "note hello")
        assert await does(eve, "role tl @eve") == ["role"]
        assert await does(eve, "note hello") == ["note"]
        assert eve.room.timeline.entries[-1].role == "tl"


def test_what_a_role_must_be_let_do() -> None:
    now = None
    for line, wanted in {
        "severity p1": ["severity"], "resolve": ["resolve"], "close": ["close"], "merge INC-2026-002": ["close"],
        "resolve --announce": ["resolve"], "note x": [], "start x p1": [], "role ic @a": [], "status monitoring": [],
    }.items():  # fmt: skip
        request = grammar.parse(line, lambda: now)  # type: ignore[arg-type, return-value]
        assert [deed for deed, _ in deeds(request, State())] == wanted, line


async def test_alone_is_who_has_nobody_else_at_the_incident_on_any_machine(tmp_path: Path) -> None:
    (tmp_path / "cockpit.yaml").write_text(f"version: 1\n{ROLES}")
    with running() as server:
        dsn = server.database()

        async def may_resolve() -> bool:
            """Whether @ada, who holds no role, may resolve by a command of hers now."""
            options = Options(
                {"COCKPIT_RECORD": dsn}, tmp_path, actor="@ada", journal=tmp_path / "a" / "record.db",
                config=tmp_path / "cockpit.yaml",
            )  # fmt: skip
            house = await open_house(options, SystemClock(), sync=True)
            try:
                return not house.room.forbidden("resolve")
            finally:
                await house.close()

        async with cockpit(tmp_path / "b", dsn, "@bob") as bob:
            await bob.room.perform(Start("checkout", ""))
            await wait_for(may_resolve, expected=False)
        assert await may_resolve(), "he has left"


async def wait_for(ask: Callable[[], Awaitable[bool]], *, expected: bool) -> None:
    """Ask until the answer is the expected one: a cockpit says every few seconds where it is."""
    for _ in range(60):
        if await ask() == expected:
            return
        await asyncio.sleep(0.25)
    raise AssertionError(f"it never became {expected}")
