"""Two cockpits on one journal: each sees the other's entries, and what happened once is recorded once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.incident.terms import Role
from cockpit.record.store import Store
from cockpit.room.facts.signals import moment_of, snapshot, taken, told_by
from cockpit.room.house import House
from cockpit.room.requests import Acknowledge, Close, Facts, Mitigate, Refusal, Resolve, Start, TakeRole, Write
from cockpit.room.views.signals import PodsView, SourceView
from cockpit.signal.changes import PodCrashing, PodsRecovered, SourceLost, ThresholdChanged
from tests.room.rooms import configure, opened
from tests.stories import START

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]


def texts(house: House) -> list[str]:
    return [entry.payload["text"] for entry in house.room.timeline.entries if entry.kind == "note"]


def counts(house: House) -> Counter[str]:
    return Counter(entry.kind for entry in house.room.timeline.entries)


async def test_each_sees_what_the_other_writes(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        await alice.room.perform(Start("payment-failure"))
        heard: list[str] = []
        assert await bob.room.adopt()
        bob.room.subscribe(lambda entries: heard.extend(entry.kind for entry in entries))
        await alice.room.perform(Write("from alice"))
        await bob.room.perform(Write("from bob"))
        await alice.room.refresh()
        await bob.room.refresh()
        assert texts(alice) == texts(bob) == ["from alice", "from bob"]
        assert heard == ["note", "note"]
        assert alice.room.label == bob.room.label == "INC-2026-001"
        assert alice.room.state == bob.room.state


async def test_what_a_process_of_its_own_writes_is_seen(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from pathlib import Path
from cockpit.room.requests import Write
from tests.room.rooms import opened
async def main():
    async with opened(Path(sys.argv[1]), actor="@carol") as house:
        for n in range(20):
            await house.room.perform(Write(f"carol {n}"))
asyncio.run(main())
"""
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(tmp_path), cwd=ROOT)
        for n in range(20):
            await house.room.perform(Write(f"alice {n}"))
        assert await process.wait() == 0
        await house.room.refresh()
        assert sorted(texts(house)) == sorted(f"{who} {n}" for who in ("alice", "carol") for n in range(20))
        verdict = await house.store.verify()
        assert verdict.sound
        assert verdict.entries == counts(house).total()


async def test_a_race_to_declare_gives_one_incident(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        for house in (alice, bob):  # both watch the record that a signal began
            await house.room.perform(Facts(lambda state: told_by(BREACH, state), actor="cockpit"))
        done = await asyncio.gather(
            alice.room.perform(Start("payment-failure", "p1")), bob.room.perform(Start("payments-down", "p0")),
            return_exceptions=True,
        )  # fmt: skip
        assert sum(isinstance(each, Refusal) for each in done) == 1, done
        await asyncio.gather(alice.room.refresh(), bob.room.refresh())
        assert alice.room.incident == bob.room.incident
        assert counts(alice) == {"watching": 1, "threshold": 1, "declared": 1, "severity": 1}
        assert len(await alice.store.labels()) == 1


class Meeting:
    """A store whose first append waits until the other's is about to be made too."""

    def __init__(self, store: Store, barrier: asyncio.Barrier) -> None:
        self._store, self._barrier, self._met = store, barrier, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def append(self, *args: Any, **more: Any) -> Any:
        if not self._met:
            self._met = True
            await self._barrier.wait()
        return await self._store.append(*args, **more)


async def test_a_race_to_begin_a_record_gives_one(tmp_path: Path) -> None:
    barrier = asyncio.Barrier(2)
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        for house in (alice, bob):
            house.room.store = Meeting(house.store, barrier)  # type: ignore[assignment]
        done = await asyncio.gather(
            alice.room.perform(Start("payment-failure")), bob.room.perform(Start("payments-down")),
            return_exceptions=True,
        )  # fmt: skip
        assert sum(isinstance(each, Refusal) for each in done) == 1, done
        assert len(await alice.store.incidents()) == 1
        assert alice.room.incident == bob.room.incident


async def test_a_race_of_facts_with_a_declaration_loses_neither(tmp_path: Path) -> None:
    barrier = asyncio.Barrier(2)
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        for house in (alice, bob):
            house.room.store = Meeting(house.store, barrier)  # type: ignore[assignment]
        facts = Facts(lambda state: told_by(BREACH, state), actor="cockpit")
        await asyncio.gather(alice.room.perform(Start("payment-failure")), bob.room.perform(facts))
        await asyncio.gather(alice.room.refresh(), bob.room.refresh())
        assert (counts(alice)["declared"], counts(alice)["threshold"]) == (1, 1)
        assert counts(alice) == counts(bob)


BREACH = ThresholdChanged(
    id="error-rate",
    title="Error rate",
    before="unknown",
    after="breach",
    value=8.4,
    bound="> 5",
    unit="percent",
    at=START,
)
CRASH = PodCrashing(
    pods=("payment-service-a", "payment-service-b"), count=2, total=5, reason="CrashLoopBackOff", exit_code=1,
    revision_hash="fdb6c65fd", revision=3, release="1.4.2", restarts=3, at=START, seen=START,
)  # fmt: skip


async def test_what_both_see_is_recorded_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        await alice.room.perform(Start("payment-failure"))
        changes = (BREACH, CRASH, SourceLost("prometheus", "refused", START), PodsRecovered(5, 5, START))
        for change in changes:
            facts = Facts(lambda state, change=change: told_by(change, state), actor="cockpit")
            await asyncio.gather(*(house.room.perform(facts) for house in (alice, bob)))
        await alice.room.refresh()
        assert counts(alice) == {"declared": 1, "threshold": 1, "pods": 2, "source": 1}


async def test_a_moment_is_kept_once_by_two_cockpits(tmp_path: Path) -> None:
    pods = PodsView(SourceView("pods", "k8s", "live", START))
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        for request in (
            Start("payment-failure"),
            Mitigate("doubled the pool"),
            Resolve(),
        ):
            entries = await alice.room.perform(request)
            if not bob.room.incident:
                await bob.room.adopt()
            await bob.room.refresh()
            for house in (alice, bob):
                ((entry, moment),) = [(e, m) for e in entries if (m := moment_of(e, house.room.state))]
                seen = snapshot(moment, (), pods)
                await house.room.perform(
                    Facts(lambda state, e=entry, m=moment, s=seen: () if taken(m, e, state) else ((s, None),))
                )
        await alice.room.refresh()
        moments = [snapshot.moment for snapshot, _ in alice.room.state.snapshots]
        assert moments == ["declaration", "mitigation", "resolution"]


async def test_a_role_has_one_holder_and_its_history_both(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        await alice.room.perform(Start("payment-failure"))
        await bob.room.adopt()
        tried = await asyncio.gather(
            alice.room.perform(TakeRole("ic", "@alice")), bob.room.perform(TakeRole("ic", "@bob")),
            return_exceptions=True,
        )  # fmt: skip
        (refused,) = (each for each in tried if isinstance(each, Refusal))
        await asyncio.gather(alice.room.refresh(), bob.room.refresh())
        assert alice.room.state.roles == bob.room.state.roles
        holder = alice.room.state.roles[Role.IC]
        assert f"is held by {holder}: `handover ic" in str(refused), "who was second learns who was first"
        with pytest.raises(Refusal, match=f"held by {holder} already"):
            await bob.room.perform(TakeRole("ic", holder))
        await bob.room.perform(TakeRole("ic", None))
        with pytest.raises(Refusal, match="nobody is"):
            await alice.room.perform(TakeRole("ic", None))


async def test_a_deed_done_by_the_other_is_refused_with_his_name(tmp_path: Path) -> None:
    async with opened(tmp_path) as alice, opened(tmp_path, actor="@bob") as bob:
        await alice.room.perform(Start("payment-failure"))
        await bob.room.adopt()
        await alice.room.perform(Acknowledge())
        with pytest.raises(Refusal, match="by @alice"):
            await bob.room.perform(Acknowledge())
        assert counts(bob)["acknowledged"] == 1, "the refusal was decided on what the other had written"


async def test_a_watch_is_taken_up_within_the_hour_and_not_after(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as first:
        await first.room.perform(Facts(lambda state: told_by(BREACH, state), actor="cockpit"))
        watch = first.room.incident
    clock.advance(3599)
    async with opened(tmp_path, clock=clock) as second:
        assert second.room.incident == watch
        assert second.room.state.thresholds["error-rate"][0].state == "breach"
    clock.advance(2)
    async with opened(tmp_path, clock=clock) as third:
        assert third.room.incident == ""
        await third.room.perform(Start("another"))
        assert third.room.incident != watch


async def test_a_watch_of_another_place_and_a_closed_incident_are_not_taken_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        await first.room.perform(Facts(lambda state: told_by(BREACH, state), actor="cockpit"))
    configure(tmp_path, context="prod-us")
    async with opened(tmp_path) as elsewhere:
        assert elsewhere.room.incident == ""
        await elsewhere.room.perform(Start("x"))
        await elsewhere.room.perform(Close("a test"))
    async with opened(tmp_path) as after:
        assert after.room.incident == ""


async def test_an_open_incident_keeps_its_place_whatever_the_configuration_becomes(tmp_path: Path) -> None:
    from cockpit.room.live.live import pinned

    async with opened(tmp_path) as first:
        await first.room.perform(Start("payment-failure"))
    configure(tmp_path, context="prod-us")
    async with opened(tmp_path) as second:
        assert second.room.target == kinds.Target(
            cluster="eu", context="prod-eu", namespace="production", selector="app=payment-service",
            deployment="payment-service", production=second.room.target.production if second.room.target else False,
        )  # fmt: skip
        config = pinned(second.plans.config, "payment-service", second.room.target)
        assert config.kubernetes["eu"].context == "prod-eu"
        assert second.plans.config.kubernetes["eu"].context == "prod-us"


async def test_read_only_writes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(Start("payment-failure"))
    before = (tmp_path / "record.db").read_bytes()
    async with opened(tmp_path, read_only=True) as reader:
        assert reader.room.state.name == "payment-failure"
        for request in (Write("x"), Acknowledge(), Facts(lambda state: told_by(BREACH, state))):
            with pytest.raises(Refusal, match="--read-only"):
                await reader.room.perform(request)
        await reader.room.refresh()
    assert (tmp_path / "record.db").read_bytes() == before
    assert not (tmp_path / "drafts").exists()


def test_the_shell_and_a_room_share_one_record(tmp_path: Path) -> None:
    async def declare() -> str:
        async with opened(tmp_path) as house:
            await house.room.perform(Start("payment-failure"))
            return house.room.label

    label = asyncio.run(declare())
    (tmp_path / "state" / "cockpit").mkdir(parents=True)
    (tmp_path / "record.db").rename(tmp_path / "state" / "cockpit" / "record.db")
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": ""}
    argv = [sys.executable, "-m", "cockpit", "incident", "show", "--json"]
    shown = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(shown.stdout)["label"] == label
