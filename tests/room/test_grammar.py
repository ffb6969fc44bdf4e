"""The `/` line: whatever is typed becomes a request or a refusal, and means what the shell would make of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cockpit.room import grammar, requests
from cockpit.room.requests import Refusal
from tests.stories import START

PIECES = st.sampled_from(
    ["incident", "start", "note", "status", "role", "check", "severity", "close", "--at", "--to", "--why", "--help",
     "--", "-h", "-12m", "03:41", "ic", "p1", "'", '"', "it's", "\\", "\x1b[0m", "\n", "\t", "=", "--at=-5m", "-",
     "@bob", "identified", "--false-alarm", "2999-01-01", "%", "$(x)", "\ud800", "é"]
)  # fmt: skip
LINES = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=8).map(" ".join))


def meant(line: str) -> object:
    """The request, or what was said instead."""
    try:
        return grammar.parse(line, lambda: START)
    except Refusal as refusal:
        return str(refusal)


@given(LINES)
@example("note --at -99999999999999999999999d x")
@example("note --at 0001-01-01T00:00+14:00 x")
@example("--help")
@example("start --help")
def test_any_line_is_a_request_or_a_refusal_in_one_line(line: str) -> None:
    made = meant(line)
    if isinstance(made, str):
        assert made.strip()
        assert "\n" not in made
    else:
        assert type(made).__module__.startswith(requests.__name__)


@given(LINES)
def test_completion_never_fails(line: str) -> None:
    assert all(isinstance(word, str) for word in grammar.complete(line))


@given(st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1), max_size=6))
def test_split_keeps_every_word(words: list[str]) -> None:
    typed = " ".join(words)
    if not any(word[0] in "'\"" for word in words):
        assert grammar.split(typed) == words
    assert "".join("".join(grammar.split(typed)).translate(QUOTES).split()) == "".join(words).translate(QUOTES)


QUOTES = str.maketrans("", "", "'\"")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("note it's down", ["note", "it's", "down"]),
        ("note 'it is' down", ["note", "it is", "down"]),
        ('start x --title "Payments fail"', ["start", "x", "--title", "Payments fail"]),
        ("note 'never closed", ["note", "'never", "closed"]),
        ('note "" x', ["note", "", "x"]),
        ("  note   wide  ", ["note", "wide"]),
        ("", []),
    ],
)
def test_a_quote_counts_only_where_a_word_begins(line: str, words: list[str]) -> None:
    assert grammar.split(line) == words


@given(LINES)
def test_a_line_means_the_same_with_and_without_incident_in_front(line: str) -> None:
    if grammar.split(line)[:1] != ["incident"]:
        assert meant(line) == meant(f"incident {line}")


SAME = (
    ("start", "payment-failure", "p1", "--title", "Payments fail", "--source", "customer", "--detected", "-12m"),
    ("ack",),
    ("status", "--to", "identified", "it is", "the pool"),
    ("mitigate", "doubled it"),
    ("resolve", "all well"),
    ("close",),
    ("close", "--false-alarm", "a test"),
    ("reopen", "not over"),
    ("severity", "p2", "--why", "half back"),
    ("role", "IC", "@bob"),
    ("note", "--at", "01:41", "x"),
    ("decide", "scale out"),
    ("check", "ic.initial.page", "--not-applicable", "alone"),
)


@pytest.mark.parametrize("words", SAME, ids=lambda words: " ".join(words[:2]))
def test_what_the_shell_splits_means_what_the_line_says(words: tuple[str, ...]) -> None:
    line = " ".join(f'"{word}"' if " " in word else word for word in words)
    token = grammar.NOW.set(lambda: START)
    try:
        by_shell = grammar.incident.main(list(words), prog_name="cockpit incident", standalone_mode=False)
    finally:
        grammar.NOW.reset(token)
    assert grammar.parse(line, lambda: START) == by_shell


def test_times_are_read_on_the_cockpits_clock() -> None:
    request = grammar.parse("note --at -12m the alarm", lambda: START)
    assert isinstance(request, requests.Write)
    assert request.at == START - timedelta(minutes=12)


def test_a_refusal_says_how_it_is_written() -> None:
    for line, words in {
        "lunch": "lunch",
        "note": "write: note",
        "severity": "write: severity",
        "note --at teatime x": "write: note",
        "note --help": "write: note",
        "": "type a command",
    }.items():
        with pytest.raises(Refusal, match=words):
            grammar.parse(line, lambda: START)


@pytest.mark.parametrize("line", ["--help", "-h", "note --help", "--version", "lunch"])
def test_nothing_is_printed_under_the_screen(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert isinstance(meant(line), str)
    assert capfd.readouterr() == ("", "")


def test_completion_knows_commands_and_items() -> None:
    assert "note" in grammar.complete("no")
    assert "severity" in grammar.complete("incident sev")
    token = grammar.KNOWN.set(grammar.Known(items=["ic.initial.page", "ic.initial.roles"]))
    try:
        assert grammar.complete("check ic.initial.p") == ["ic.initial.page"]
    finally:
        grammar.KNOWN.reset(token)
