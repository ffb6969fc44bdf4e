"""Captured output: the hash and the count are of the whole redacted output, however little of it is kept."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.action.output import CAP, Output
from cockpit.text import MASK, safe

LINES = st.lists(st.one_of(st.text(max_size=200), st.integers(0, 60_000).map(lambda n: "é" * n)), max_size=30)


@given(LINES, st.integers(1, 7))
@settings(max_examples=150, deadline=None)
def test_hash_and_count_are_of_the_whole_redacted_output(lines: list[str], batch: int) -> None:
    """Whatever is written and in whatever batches, the cap changes neither hash nor count."""
    output = Output()
    shown = [line for at in range(0, len(lines), batch) for line in output.add(lines[at : at + batch])]
    whole = "\n".join(shown).encode()
    assert output.sha256 == hashlib.sha256(whole).hexdigest()
    assert output.bytes == len(whole)
    assert len(output.text().encode()) <= CAP
    if len(whole) <= CAP // 2:
        assert output.text().encode() == whole


@given(LINES)
@settings(max_examples=100, deadline=None)
def test_what_is_left_out_is_said_exactly(lines: list[str]) -> None:
    """The kept beginning and end, and the stated number between them, make up the whole."""
    output = Output()
    whole = "\n".join(output.add(lines))
    text = output.text()
    if text == whole:
        return
    head, rest = text.split("\n… ", 1)
    count, tail = rest.split(" bytes left out …\n", 1)
    assert whole.startswith(head)
    assert whole.endswith(tail)
    assert len(head.encode()) + int(count) + len(tail.encode()) == output.bytes


def test_the_beginning_and_the_end_are_kept() -> None:
    """A log's last lines say why it died; its first say what started."""
    output = Output()
    output.add(["starting 1.4.2", *(f"line {n} {'x' * 100}" for n in range(5000)), "panic: nil map"])
    assert output.text().startswith("starting 1.4.2\nline 0 ")
    assert output.text().endswith("\npanic: nil map")


def test_a_private_key_over_several_lines_leaves_one_mask() -> None:
    """Redaction line by line would let the key's body through."""
    output = Output()
    shown = output.add(["before -----BEGIN RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA7"])
    shown += output.add(["Zm9vYmFy", "-----END RSA PRIVATE KEY-----", "after"])
    assert shown == (f"before {MASK}", "after")


def test_lines_come_out_safe() -> None:
    """Control sequences and secrets reach neither the screen nor the record."""
    hostile = "\x1b]0;owned\x07\x1b[2Jpassword=hunter2 \u202egnp"
    output = Output()
    assert output.add([hostile]) == (safe(hostile),)
    assert "hunter2" not in output.text()
    assert "\x1b" not in output.text()
