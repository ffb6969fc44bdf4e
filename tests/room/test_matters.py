"""Impact, services, hypotheses, action items, links, files, the review: what they become, and what is refused."""

from __future__ import annotations

import hashlib
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from cockpit.clock import ManualClock
from cockpit.incident import kinds
from cockpit.room import grammar
from cockpit.room.house import House
from cockpit.room.requests import Attach, Refusal
from cockpit.text import MASK
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio


async def do(house: House, line: str) -> kinds.Payload:
    """What the line became, as the record has it."""
    entries = await house.room.perform(grammar.parse(line, house.room.clock.now))
    payload = kinds.read(entries[-1])
    assert payload is not None
    return payload


async def refused(house: House, lines: dict[str, str]) -> None:
    """Each line is refused with these words, and nothing is written."""
    before = await house.store.position()
    for line, words in lines.items():
        with pytest.raises(Refusal, match=words):
            await do(house, line)
    assert await house.store.position() == before


async def test_the_impact_adds_up_and_keeps_what_is_not_said_again(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await refused(house, {"impact all cards": "no incident is declared"})
        await do(house, "start payment-failure p1")
        await do(house, "impact all cards --who merchants --how-many 'about 40 %' --since 01:55 --trend worse --data")
        await do(house, "impact --trend better --no-data --security")
        said = house.room.state.impact
        assert said is not None
        assert (said.text, said.who, said.how_many, said.trend) == ("all cards", "merchants", "about 40 %", "better")
        assert (said.since, said.data, said.security, said.regulatory) == (
            START - timedelta(minutes=5), False, True, None,
        )  # fmt: skip
        await refused(house, {"impact": "says nothing", "impact --trend sideways": "sideways", "impact ''": "nothing"})


async def test_services_are_affected_and_recover(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await do(house, "start payment-failure p1")
        await do(house, "affected checkout orders pile up")
        await refused(house, {
            "affected checkout": "checkout is affected already",
            "affected billing --recovered": "'billing' was not affected; affected are: checkout",
            "affected ''": "the service is empty",
        })  # fmt: skip
        await do(house, "affected checkout --recovered")
        assert house.room.state.affected["checkout"][0].state == "recovered"


async def test_a_hypothesis_is_opened_settled_by_evidence_and_opened_again(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await do(house, "start payment-failure p1")
        clock.advance(60)
        await do(house, "hypothesis the pool is exhausted")
        await do(house, "hypothesis the gateway is down")
        clock.advance(600)
        await refused(house, {
            "hypothesis H1": "--confirm EVIDENCE",
            "hypothesis H1 is wrong": "H1 is there already",
            "hypothesis H3 --confirm x": r"no hypothesis 'H3'; there are: H1 \(the pool is exhausted\), H2",
            "hypothesis H1 --confirm ''": "the evidence is empty",
            "hypothesis H1 --confirm x --eliminate y": "at a time",
            "hypothesis H1 --reopen": "H1 is open already",
            "hypothesis H1 --confirm x --at 02:00:30": "before it was opened",
        })  # fmt: skip
        await do(house, "hypothesis h2 --eliminate 'its page is green' --at 02:05")
        await do(house, "hypothesis H1 --confirm '100 of 100 in use'")
        await refused(house, {"hypothesis h2 --reopen --at 02:02": "before it was eliminated"})
        states = {each.label: (each.state, each.evidence) for each in house.room.state.hypotheses.values()}
        assert states == {"H1": ("confirmed", "100 of 100 in use"), "H2": ("eliminated", "its page is green")}
        await do(house, "hypothesis H2 --reopen")
        assert [each.state for each in house.room.state.hypotheses.values()] == ["confirmed", "open"]


async def test_action_items_are_tracked_until_they_are_done_also_after_the_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await do(house, "start payment-failure p1")
        await do(house, "close --false-alarm 'a test'")
        await do(house, "action-item raise the pool --owner bob --due 5d --term immediate")
        await do(house, "action-item write a runbook")
        (first, second) = house.room.state.action_items.values()
        assert (first.label, first.owner, first.due, first.term) == ("AI1", "@bob", date(2026, 3, 19), "immediate")
        await refused(house, {
            "action-item x --due 2026-03-13": "2026-03-13 is over",
            "action-item x --due soon": "'soon' is no day",
            "action-item x --owner 'bob smith'": "no handle",
            "action-item AI9 --done": r"no action item 'AI9'; there are: AI1 \(raise the pool\)",
            "action-item AI1": "AI1 is open already",
            "action-item AI1 more words": "AI1 is there already",
            "action-item AI1 --done --drop x": "at a time",
            "action-item AI1 --drop ''": "why it is dropped is empty",
            "action-item x --done": "which one",
        })  # fmt: skip
        await do(house, "action-item AI1 --owner @dba --due 2026-04-01")
        await do(house, "action-item ai2 --drop 'there is one'")
        await do(house, "action-item ai1 --done")
        first, second = house.room.state.action_items.values()
        assert (first.state, first.owner, first.due, first.term) == ("done", "@dba", date(2026, 4, 1), "immediate")
        assert (second.state, second.why) == ("dropped", "there is one")


async def test_links_lead_to_the_web_and_hold_no_secret(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await do(house, "start payment-failure p1")
        await do(house, "link https://grafana.example/d/1?from=now-1h the dashboard")
        (link, _) = house.room.state.links[0]
        assert (link.url, link.title) == ("https://grafana.example/d/1?from=now-1h", "the dashboard")
        await refused(house, {
            "link grafana.example": "no address",
            "link file:///etc/passwd": "no address",
            "link javascript:alert(1)": "no address",
            "link https://": "no address",
            "link 'https://a b/'": "no address",
            "link https://me:hunter2@example.com/": "user name or password",
            "link https://example.com/?token=abcdef123456": "looks like a secret",
            f"link https://example.com/{'x' * 2100}": "no address",
        })  # fmt: skip


async def test_a_text_file_is_kept_redacted_with_the_hash_of_what_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await do(house, "start payment-failure p1")
        file, content = tmp_path / "slow.log", b"pool exhausted\npassword=hunter2 \x1b[31mred\n"
        file.write_bytes(content)
        attached = await do(house, f"attach {file} --title 'the slow log'")
        assert isinstance(attached, kinds.Attachment)
        assert (attached.name, attached.title, attached.bytes) == ("slow.log", "the slow log", len(content))
        assert attached.sha256 == hashlib.sha256(content).hexdigest()
        assert attached.text == f"pool exhausted\npassword={MASK} red\n"
        (tmp_path / "big").write_bytes(b"x" * (256 * 1024 + 1))
        (tmp_path / "most").write_bytes(b"x\n" * (128 * 1024))
        (tmp_path / "binary").write_bytes(b"\x89PNG\x00\xff")
        (tmp_path / "empty").touch()
        os.mkfifo(tmp_path / "pipe")
        await refused(house, {
            f"attach {tmp_path}/big": "larger than 256 KB; .*`link URL`",
            f"attach {tmp_path}/binary": "no text in UTF-8; .*`link URL`",
            f"attach {tmp_path}/empty": "is empty",
            f"attach {tmp_path}/pipe": "no plain file",
            f"attach {tmp_path}": "no plain file",
            f"attach {tmp_path}/none": "No such file",
            "attach /dev/zero": "no plain file",
        })  # fmt: skip
        with pytest.raises(Refusal, match="no name of a file"):
            await house.room.perform(Attach(Path("a\0b")))
        await do(house, f"attach {tmp_path}/most")
    assert b"hunter2" not in (tmp_path / "record.db").read_bytes()


async def test_the_review_has_its_sections_and_the_severity_is_one_of_the_policys(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await do(house, "start payment-failure p1")
        await do(house, "review went-well the rollback took two minutes")
        await do(house, "review severity p0")
        assert {name: said.text for name, (said, _) in house.room.state.reviews.items()} == {
            "went-well": "the rollback took two minutes", "severity": "P0",
        }  # fmt: skip
        await refused(house, {
            "review severity p0 it was worse": "no severity of this policy",
            "review blame alice": "blame",
            "review lucky ''": "the text is empty",
        })  # fmt: skip


async def test_the_detection_is_said_once_and_lies_before_the_declaration(tmp_path: Path) -> None:
    clock = ManualClock(START)
    async with opened(tmp_path, clock=clock) as house:
        await do(house, "start payment-failure p1")
        clock.advance(60)
        await refused(house, {
            "detected customer two calls": "after the declaration: it was noticed before",
            "detected rumour --at -5m": "rumour",
        })  # fmt: skip
        await do(house, "detected customer two calls --at -12m")
        await refused(house, {"detected monitoring --at -10m": "detected by customer .* corrects that"})
        assert house.room.state.detected is not None
        assert house.room.state.detected.at == START - timedelta(minutes=11)


HOSTILE = {
    "right to left": "שלום ‮evil‬ مرحبا",
    "wide": "支付失敗 🔥 ｆｕｌｌ",
    "combining": "e" + "\u0301" * 300,
    "controls": "\x1b]0;owned\x07\x1b[2J red\x9b31m",
    "half of a pair": "half \ud83d of it",
    "markup": "[/bold] [type=x, v={'a[0]'}] | <b> `x`",
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize(
    "command", ["note {}", "status {}", "impact {} --who {}", "hypothesis {}", "action-item {}", "key-event {}",
                "affected pay {}", "review summary {}", "mitigate {}", "decide {}", "page {}"],
)  # fmt: skip
async def test_hostile_words_are_kept_harmless_or_refused(tmp_path: Path, case: str, command: str) -> None:
    async with opened(tmp_path) as house:
        await do(house, "start payment-failure p1")
        line = command.replace("{}", f'"{HOSTILE[case]}"')
        try:
            kept = str((await do(house, line)).fields())
        except Refusal as refusal:
            kept = str(refusal)
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in kept)
        assert kept.encode()
        assert (await house.store.verify()).sound


async def test_a_text_of_a_megabyte_is_a_file(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await do(house, "start payment-failure p1")
        long = "x" * 1_000_000
        await refused(house, {
            f"{command} {long}": "has 976 KB, more than 64; put it into a file and `attach FILE`"
            for command in ("note", "status", "impact", "hypothesis", "mitigate", "key-event", "page db")
        })  # fmt: skip
        await refused(house, {f"note {'é' * 40_000}": "has 78 KB"})
        await do(house, f"note {'x ' * 32_000}")
