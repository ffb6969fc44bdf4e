"""The `/` line: whatever is typed becomes a request or a refusal, and means what the shell would make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.room import grammar, requests
from cockpit.room.grammar.examples import EXAMPLES
from cockpit.room.requests import Refusal
from tests.room.rooms import opened
from tests.stories import START

PIECES = st.sampled_from(
    ["incident", "start", "note", "status", "role", "check", "severity", "close", "--at", "--to", "--why", "--help",
     "--", "-h", "-12m", "03:41", "ic", "p1", "'", '"', "it's", "\\", "\x1b[0m", "\n", "\t", "=", "--at=-5m", "-",
     "@bob", "identified", "--false-alarm", "2999-01-01", "%", "$(x)", "\ud800", "é", "help", "impact", "--no-data",
     "hypothesis", "H1", "--confirm", "AI1", "action-item", "--due", "5d", "amend", "last", "redact", "merge", "page",
     "--announce", "--set", "a=b", "--yes", "attach", "/dev/zero", "link", "https://", "ask", "A1", "handover"]
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


@pytest.mark.parametrize("name", sorted(grammar.incident.commands))
def test_every_command_has_an_example_that_is_right(name: str) -> None:
    """Who lacks something reads it, and goes on from there."""
    made = meant(EXAMPLES[name])
    assert not isinstance(made, str), made
    assert EXAMPLES[name].split()[0] == name


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("note", "TEXT is missing, as in: note the gateway says no · write: note TEXT"),
        ("role", "one of ic, ops, comms, scribe, tl, oncall, support is missing, as in: role ic @alice"),
        ("snooze page 5m", "--why is missing, as in: snooze page 10m --why drafting with legal"),
        ("close --false-alarm", "Option '--false-alarm' requires an argument. · write: close [--false-alarm WHY]"),
        ("nonsense", "No such command 'nonsense'. · `help` lists them"),
    ],
)
def test_who_lacks_something_reads_how_to_go_on(line: str, said: str) -> None:
    assert str(meant(line)).startswith(said)


@pytest.mark.anyio
async def test_a_role_that_nobody_has_says_how_to_take_it(tmp_path: Path) -> None:
    async with opened(tmp_path, actor="@ada") as house:
        await house.room.perform(grammar.parse("start payment-failure p1", house.room.clock.now))
        with pytest.raises(Refusal, match="nobody is incident commander: `role ic @ada` takes it"):
            await house.room.perform(grammar.parse("role ic", house.room.clock.now))


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


KNOWN = grammar.Known(
    items=["ic.initial.page", "ic.initial.roles"], entries=["4f0a1c", "99bd02"], labels=["H1", "H2", "A1", "AI1"],
    incidents=["INC-2026-002"], handles=["@alice", "@dba"], clocks=["update:customers", "ack"],
    services=["checkout"], targets=["database-team"], severities=["P0", "P1"],
)  # fmt: skip


@pytest.fixture
def known() -> Iterator[None]:
    """Completion knows some names."""
    token = grammar.KNOWN.set(KNOWN)
    yield
    grammar.KNOWN.reset(token)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("no", ["note"]), ("incident sev", ["severity"]), ("he", ["help"]), ("help key", ["key-event"]),
        ("check ic.initial.p", ["ic.initial.page"]), ("severity p", ["P0", "P1"]), ("page da", ["database-team"]),
        ("amend ", ["last", "4f0a1c", "99bd02"]), ("redact 4", ["4f0a1c"]), ("hypothesis h", ["H1", "H2"]),
        ("hypothesis H1 --e", ["--eliminate"]), ("action-item a", ["AI1"]), ("merge inc", ["INC-2026-002"]),
        ("affected ch", ["checkout"]), ("role ic @a", ["@alice"]), ("role ic al", ["alice"]),
        ("status --to id", ["identified"]), ("impact --trend ", ["worse", "stable", "better"]),
        ("snooze up", ["update:customers"]), ("ask A", ["A1"]), ("review went", ["went-well", "went-wrong"]),
        ("start x p1 --page d", ["database-team"]), ('start x p1 --page "d', ['"database-team"']),
        ("detected cust", ["customer"]), ("lunch ", []),
    ],
)  # fmt: skip
def test_completion_offers_what_is_known(line: str, offered: list[str]) -> None:
    assert grammar.complete(line) == offered


WRONG = ("No such command", "No such option", "is not one of", "Got unexpected", "no day", "no time")


@given(st.data())
def test_what_was_completed_parses_further(data: st.DataObject) -> None:
    token = grammar.KNOWN.set(KNOWN)
    try:
        line = ""
        for _ in range(6):
            offered = grammar.complete(line) or grammar.complete(f"{line}-")
            if not offered:
                break
            line += f"{data.draw(st.sampled_from(offered))} "
            made = meant(line)
            if isinstance(made, str):
                assert not [wrong for wrong in WRONG if wrong in made], line
                assert "\n" not in made
    finally:
        grammar.KNOWN.reset(token)


def test_help_answers_in_the_line() -> None:
    for line, words in {
        "help": "commands: ack, ",
        "help note": "write: note TEXT... [--at WHEN] [--mirror] · Write a note.",
        "incident help status": "--to investigating|identified|mitigating|monitoring",
        "help lunch": "'lunch' is no command; commands: ",
    }.items():
        with pytest.raises(grammar.Answer, match=re.escape(words)):
            grammar.parse(line, lambda: START)
    assert all("\n" not in str(meant(f"help {name}")) for name in grammar.incident.commands)


WHOLE = {
    "severity p2 --why half of it is back": {("severity",)},
    'status --to identified "the pool is exhausted" --at -1m': {("status",)},
    "mitigate took the release back --at 02:00": {("mitigation",)},
    "impact all cards --who merchants --since -5m --trend worse --no-data": {("impact",)},
    "hypothesis the pool is exhausted": {("hypothesis",)},
    "action-item raise the pool --owner @dba --due 5d --term immediate": {("action-item",)},
    "link https://grafana.example/d/1 the dashboard": {("link",)},
    "note --at -5m it's down, said 'carol'": {("note",)},
    "amend last --text something else --why a slip": {("note",), ("hypothesis",)},
    "page database-team the pool is exhausted": {("page",)},
    "role ic @bob": {("role",)},
}


@pytest.mark.anyio
@pytest.mark.parametrize("line", WHOLE)
async def test_a_command_cut_off_anywhere_is_refused_or_whole(tmp_path: Path, line: str) -> None:
    async with opened(tmp_path) as house:
        await house.room.perform(requests.Start("payment-failure", "p1"))
        house.room.clock.advance(600)  # type: ignore[attr-defined]  # the clock that the test set
        await house.room.perform(requests.Write("the first note"))
        for length in range(1, len(line) + 1):
            before = await house.store.position()
            try:
                request = grammar.parse(line[:length], house.room.clock.now)
                written = await house.room.perform(request)
            except Refusal:
                assert await house.store.position() == before, line[:length]
            else:
                assert tuple(entry.kind for entry in written) in WHOLE[line], line[:length]
                assert await house.store.position() == before + len(written)
                assert all(kinds.read(entry) is not None for entry in written)
        assert (await house.store.verify()).sound


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("redact 4ec318 --why a name slipped in", 'redact 4ec318 --why "a name slipped in"'),
        ("amend last --text roll back to 1.4.1 --at -5m", 'amend last --at -5m --text "roll back to 1.4.1"'),
        ("severity p0 --why it got worse", 'severity --why "it got worse" p0'),
        ("role ic @bob --replace lost his link", 'role ic @bob --replace "lost his link"'),
        ("snooze page 10m --why drafting with legal", 'snooze --why "drafting with legal" page 10m'),
        ("hypothesis H1 --eliminate it is at 20", 'hypothesis H1 --eliminate "it is at 20"'),
        ("ask A1 --answer 40 s behind", 'ask A1 --answer "40 s behind"'),
        ("close --false-alarm it was a test", 'close --false-alarm "it was a test"'),
        ("check ic.a --not-applicable all in one room", 'check ic.a --not-applicable "all in one room"'),
    ],
)
def test_what_is_said_behind_an_option_needs_no_quotes(typed: str, quoted: str) -> None:
    assert grammar.parse(typed, lambda: START) == grammar.parse(quoted, lambda: START)
