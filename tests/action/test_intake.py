"""Bytes into lines, in whatever pieces they come: the same text, no half of a secret, and no more than the limit."""

from __future__ import annotations

import asyncio
import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cockpit.action.intake import Intake
from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.spool import Spool
from cockpit.clock import SystemClock


def taken(chunks: list[bytes], secrets: dict[str, str] | None = None, most: int | None = None) -> tuple[str, Intake]:
    """The output that the chunks become."""

    async def take() -> tuple[str, Intake]:
        live = Live(SystemClock())
        intake = Intake(live, Masking(secrets or {}), Spool(None, "run", live), most)
        for chunk in chunks:
            await intake.take(chunk)
        await intake.end()
        return live.output.text(), intake

    return asyncio.run(take())


def cut(data: bytes, seed: int) -> list[bytes]:
    """The data in random pieces."""
    choice = random.Random(seed)
    pieces = []
    while data:
        size = choice.choice([1, 2, 3, 50, 5000])
        pieces.append(data[:size])
        data = data[size:]
    return pieces


@given(st.text(alphabet="aé☃\r\n ", max_size=60), st.integers(0, 1000))
@example("a\r\nb\rc\n", 1)
def test_the_pieces_do_not_matter(text: str, seed: int) -> None:
    data = text.encode()
    assert taken(cut(data, seed))[0] == taken([data])[0]


def test_line_ends_of_all_kinds_end_lines() -> None:
    assert taken([b"a\r", b"\nb\rc\nd"])[0] == "a\nb\nc\nd"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30_000), st.integers(0, 30_000), st.integers(0, 1000))
@example(16_383, 0, 1)
def test_no_piece_of_a_secret_comes_through_wherever_a_long_line_is_cut(before: int, after: int, seed: int) -> None:
    secret = "Zq7-wholly_secret/value"
    data = b"x" * before + secret.encode() + b"y" * after
    output, _ = taken(cut(data, seed), {"api-key": secret})
    assert output.replace("\n", "").count("$API_KEY") == 1
    assert not set("Zq7-/lv") & set(output.replace("$API_KEY", "").replace("\n", ""))


@settings(deadline=None)
@given(st.integers(0, 60_000), st.integers(1, 20_000))
def test_past_the_limit_bytes_are_counted_and_the_end_is_kept(size: int, most: int) -> None:
    data = b"".join(b"line %d\n" % number for number in range(size // 8 + 1)) + b"the end"
    output, intake = taken(cut(data, size), most=most)
    assert intake.taken + intake.dropped == len(data)
    assert output.endswith("the end")
    if not intake.dropped:
        assert output == data.decode()
        return
    assert intake.taken <= most
    begins, _, rest = output.partition("… ")
    number, _, ends = rest.partition(" bytes left out, they were never taken …\n")
    assert data.startswith(begins.encode())
    assert data.endswith(ends.encode())
    assert len(begins) + int(number) + len(ends) == len(data)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 200), st.integers(0, 200), st.booleans())
def test_no_piece_of_a_secret_stands_at_the_limit(at: int, most: int, in_lines: bool) -> None:
    secret = "Zq7-wholly_secret/value"
    filling = b"x" * 40_000 if not in_lines else b"x\n" * 20_000
    data = b"x" * at + secret.encode() + filling + secret.encode() + b"x" * (16 * 1024 - at)
    output, _ = taken([data], {"api-key": secret}, most)
    shown = "".join(line for line in output.splitlines() if "bytes left out" not in line)
    assert not set("Zq7-/lv") & set(shown.replace("$API_KEY", ""))
