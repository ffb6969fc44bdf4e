"""War rooms over a living cluster: moments kept once, the pinned context, and the list of incidents."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.room.house import open_house
from cockpit.room.journal.listing import find_incident, listing
from cockpit.room.options import Options
from cockpit.room.requests import Close, Mitigate, Refusal, Resolve, Start
from cockpit.room.war_room import WarRoom
from tests.conftest import eventually
from tests.room.rooms import opened
from tests.shop import shop, step
from tests.simulated import simulated

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An outage that these tests only look at."""
    with simulated(tmp_path_factory.mktemp("outage")) as config:
        yield config.parent


@asynccontextmanager
async def cockpit(outage: Path, folder: Path, actor: str = "@alice") -> AsyncIterator[WarRoom]:
    """A cockpit on the outage with its record in `folder`, live once every source has answered."""
    clock = SystemClock()
    configuration = folder / "cockpit.yaml"
    if not configuration.exists():
        shutil.copy(outage / "cockpit.yaml", configuration)
    house = await open_house(Options({}, folder, actor=actor, journal=folder / "record.db"), clock)
    war = WarRoom(house, clock)
    try:
        await war.go_live()
        await eventually(lambda: all(source.state != "loading" for source in war.sources()))
        yield war
    finally:
        await war.close()
        await house.close()


async def test_moments_are_kept_once_by_two_cockpits(outage: Path, tmp_path: Path) -> None:
    async with cockpit(outage, tmp_path) as alice, cockpit(outage, tmp_path, "@bob") as bob:
        await alice.room.perform(Start("payment-failure", "p1"))
        for request, count in ((Mitigate("doubled the pool"), 2), (Resolve("all well"), 3)):
            await eventually(lambda n=count: len(bob.room.state.snapshots) == n - 1)
            await bob.room.perform(request)
        await eventually(lambda: len(alice.room.state.snapshots) == len(bob.room.state.snapshots) == 3)
        # Whatever either still has to say is written before it is closed, so nothing can come after this.
        await eventually(lambda: not alice._telling.waiting and not bob._telling.waiting)
        await alice.room.refresh()
        kept = [snapshot for snapshot, _ in alice.room.state.snapshots]
        assert [snapshot.moment for snapshot in kept] == ["declaration", "mitigation", "resolution"]
        assert all(snapshot.wanted == 5 for snapshot in kept)
        assert {"error-rate", "p95"} <= {reading.id for reading in kept[0].readings}


async def test_what_both_cockpits_see_of_the_outage_is_told_once(outage: Path, tmp_path: Path) -> None:
    async with cockpit(outage, tmp_path) as alice, cockpit(outage, tmp_path, "@bob") as bob:
        await eventually(lambda: alice.room.state.pods and bob.room.state.pods and alice.room.state.thresholds)
        assert alice.room.incident == bob.room.incident
        said = [(e.kind, e.payload.get("state"), e.payload.get("reason")) for e in alice.room.timeline.entries]
        crashing = [each for each in said if each[0] == "pods"]
        assert all(a != b for a, b in pairwise(crashing)), crashing
        assert len(await alice.house.store.incidents()) == 1


async def test_actions_go_where_the_incident_was_pinned(outage: Path, tmp_path: Path) -> None:
    async with cockpit(outage, tmp_path) as war:
        await war.room.perform(Start("payment-failure"))
    path = tmp_path / "cockpit.yaml"
    path.write_text(path.read_text().replace("context: prod-eu", "context: prod-eu-viewer"))
    async with cockpit(outage, tmp_path) as war:
        assert war.room.target is not None
        assert war.room.target.context == "prod-eu"
        plan = await war.prepare(war.jobs.step("crash-loop.roll-back"))
        assert plan.context == "prod-eu"
        assert "--context prod-eu " in plan.command
        assert not plan.refusals, "the viewer of the changed configuration could not have prepared it"


async def test_what_is_asked_for_before_it_is_known_what_there_is_waits(tmp_path: Path) -> None:
    """It is not refused as if there were nothing: that would be believed."""
    shop(tmp_path, step("watch", {"kind": "wait", "duration": "15m"}))
    house = await open_house(Options({}, tmp_path, actor="@alice", journal=tmp_path / "record.db"), SystemClock())
    war = WarRoom(house, SystemClock())
    try:
        asked = asyncio.create_task(war.prepare(war.jobs.step("watch")))
        await asyncio.sleep(0)
        with pytest.raises(Refusal, match="being opened"):
            war.logs()
        await war.go_live()
        assert (await asked).title == "Watch"
    finally:
        await war.close()
        await house.close()


async def test_no_action_reaches_another_cluster_than_the_incidents(outage: Path, tmp_path: Path) -> None:
    async with cockpit(outage, tmp_path) as war:
        await war.room.perform(Start("payment-failure"))
        here = war.room.incident
        await war.room.perform(Close("a test"))
    path = tmp_path / "cockpit.yaml"
    path.write_text(path.read_text().replace("context: prod-eu", "context: prod-eu-viewer"))
    async with cockpit(outage, tmp_path) as war:
        assert war.room.target is not None
        assert war.room.target.context == "prod-eu-viewer"
        await war.go_to(here)
        assert war.room.target.context == "prod-eu"
        await eventually(lambda: all(source.state != "loading" for source in war.sources()))
        plan = await war.prepare(war.jobs.step("crash-loop.roll-back"))
        assert plan.context == "prod-eu"
        # Only the responder of prod-eu may patch: who is not refused is there.
        assert not plan.refusals or "pinned to prod-eu" in plan.refusals[0]


async def test_incidents_are_listed_and_found_by_what_people_call_them(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        first = (await house.room.perform(Start("payment-failure")))[0].incident
        await house.room.perform(Close("a test"))
    async with opened(tmp_path) as house:
        second = (await house.room.perform(Start("payment-failure")))[0].incident
        assert first != second
        listed = await listing(house.store)
        assert [each.label for each in listed] == ["INC-2026-002", "INC-2026-001"]
        for name, meant in {
            "INC-2026-001": first, "inc-2026-002": second, first: first, second.upper().lower(): second,
            "payment-failure": second,
        }.items():  # fmt: skip
            assert (await find_incident(house.store, name)).state.incident == meant, name
        for name in ("INC-2026-003", "", "x", "\x1b[31m"):
            with pytest.raises(Refusal, match="there is no incident"):
                await find_incident(house.store, name)
        with pytest.raises(Refusal, match="several incidents match"):
            await find_incident(house.store, first[:4])
