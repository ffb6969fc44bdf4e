"""What a timeline is told of thresholds: each crossing once, one that flaps folded, how it settled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cockpit.config import Bound, Earlier
from cockpit.signal.changes import Change, ThresholdChanged
from cockpit.signal.flapping import MANY, QUIET, WINDOW
from cockpit.signal.readings import Round
from cockpit.signal.thresholds.crossings import Crossings
from cockpit.signal.thresholds.threshold import Normal, Rule, Sample

START = datetime(2026, 11, 21, 2, tzinfo=UTC)
RULE = Rule("p95", "p95", "seconds", Bound.model_validate("> 0.5"), Bound.model_validate("> 2"))


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


class Told:
    """Crossings of one threshold that is read every 15 s, as the board does it; what was told, with when."""

    def __init__(self) -> None:
        self.crossings = Crossings([RULE], {"p95": 45.0})
        self.second = 0.0
        self.changes: list[tuple[float, ThresholdChanged]] = []

    def read(self, *values: float) -> Told:
        for value in values:
            self.second += 15.0
            self._keep(self.crossings.take(Round({}, {"p95": Sample(at(self.second), value)})))
            self._keep(self.crossings.settled(at(self.second)))
        return self

    def _keep(self, changes: list[Change]) -> None:
        self.changes += [(self.second, each) for each in changes if isinstance(each, ThresholdChanged)]

    @property
    def words(self) -> list[tuple[str, str, int]]:
        return [(each.before, each.after, each.crossings) for _, each in self.changes]


def test_plain_crossings_are_told_each() -> None:
    told = Told().read(0.1, 0.1, 0.9, 3.0, 0.1)
    assert told.words == [("ok", "warning", 0), ("warning", "breach", 0), ("breach", "ok", 0)]
    assert [each.far for _, each in told.changes] == ["1.8 × the bound", "1.5 × the bound", ""]


def test_one_that_flaps_is_folded_and_told_again_when_it_settles() -> None:
    told = Told().read(0.1, *[0.9, 0.1] * 6)
    assert [count for _, _, count in told.words] == [0] * (MANY - 1) + [MANY]
    [state] = told.crossings.shown({})
    assert state.flapping.startswith("flaps: 12 crossings in 2")
    told.changes.clear()
    told.read(*[0.1] * (int(QUIET / 15) - 1))
    assert told.changes == []
    told.read(0.1)
    [(_, settled)] = told.changes
    assert (settled.settled, settled.after, settled.crossings, settled.before) == (True, "ok", 12, "warning")
    assert settled.lasted == 11 * 15.0
    assert told.crossings.shown({})[0].flapping == ""
    told.changes.clear()
    assert told.read(0.9).words == [("ok", "warning", 0)]


def test_what_is_worse_is_told_although_it_flaps() -> None:
    told = Told().read(0.1, *[0.9, 0.1] * 4)
    told.changes.clear()
    told.read(3.0, 0.1, 3.0, 0.1)
    assert [(each.after, each.crossings) for _, each in told.changes] == [("breach", 9)]


@given(st.lists(st.sampled_from([0.1, 0.9, 3.0]), min_size=1, max_size=300))
def test_however_it_flaps_a_window_holds_few_entries_and_the_end_is_true(values: list[float]) -> None:
    told = Told().read(*values)
    folded = [(second, each) for second, each in told.changes if each.crossings and not each.settled]
    for second, _ in folded:
        near = [each for when, each in folded if second <= when < second + WINDOW]
        assert len(near) <= 6  # at most two in a window, and one more for each that is worse, before and after a rest
    last = values[-1]
    told.read(*[last] * int(QUIET / 15 + 1))
    want = "breach" if last > 2 else "warning" if last > 0.5 else "ok"
    if told.changes:
        assert told.changes[-1][1].after == want
    else:
        assert want == "ok"


def test_a_baseline_that_comes_later_is_used_from_then_on() -> None:
    rule = Rule("rate", "rate", "per-minute", Bound.model_validate("< 80 % of normal"), None,
                baseline=Earlier(offset=3600.0))  # fmt: skip
    crossings = Crossings([rule], {"rate": 45.0})
    crossings.take(Round({}, {"rate": Sample(at(0), 600.0)}))
    assert crossings.shown({})[0].reason.startswith("what is normal is unknown")
    [told] = crossings.take(Round({}, {"rate": Sample(at(15), 600.0)}, {"rate": Normal(1000.0)}))
    assert isinstance(told, ThresholdChanged)
    assert (told.after, told.bound, told.far) == ("warning", "< 80 % of normal", "60 % of normal (1000/min, 1 h ago)")


def test_what_is_known_again_occurred_after_it_was_unknown() -> None:
    told = Told().read(0.1, 3.0, 3.0)
    nothing = [at(told.second + 15.0 * n) for n in range(1, 6)]
    for moment in nothing:
        told.crossings.take(Round({}, {"p95": Sample(moment, None, "no such series")}))
    [unknown] = told.crossings.silent({"p95": at(0)}, nothing[-1])
    assert isinstance(unknown, ThresholdChanged)
    assert (unknown.after, unknown.at) == ("unknown", nothing[0])
    told.second += 75.0
    told.changes.clear()
    [(second, back)] = told.read(3.0).changes
    assert (back.before, back.after, back.at) == ("unknown", "breach", at(second))
    assert told.crossings.shown({})[0].since == at(30.0)


def test_a_source_that_has_come_back_is_given_time_for_a_value() -> None:
    told = Told().read(0.1)
    told.crossings.take(Round({}, {"p95": Sample(at(100), None, "did not answer")}))
    assert told.crossings.silent({}, at(900)) == [], "its source says that it is lost"
    assert told.crossings.silent({"p95": at(890)}, at(900)) == []
    [unknown] = told.crossings.silent({"p95": at(890)}, at(980))
    assert isinstance(unknown, ThresholdChanged)
    assert (unknown.after, unknown.at) == ("unknown", at(100))


def test_what_is_unknown_to_and_fro_flaps_too() -> None:
    told = Told().read(0.1)
    for _ in range(4):
        for _ in range(5):
            told.second += 15.0
            told.crossings.take(Round({}, {"p95": Sample(at(told.second), None, "no such series")}))
            told._keep(told.crossings.silent({"p95": at(0)}, at(told.second)))
        told.read(0.1)
    assert all(each.lasted >= 0 and not each.settled for _, each in told.changes)
    assert [count for _, _, count in told.words] == [0] * (MANY - 1) + [MANY]


def test_a_past_that_is_filled_in_later_does_not_forget_what_began_before_it() -> None:
    rule = Rule("p95", "p95", "seconds", None, Bound.model_validate("> 2"), clear=Bound.model_validate("< 0.5"))
    crossings = Crossings([rule], {"p95": 45.0})
    values = [0.1, *[3.0] * 4, *[1.0] * 400]
    samples = [Sample(at(15.0 * number), value) for number, value in enumerate(values)]
    for sample in samples:
        crossings.take(Round({}, {"p95": sample}))
    crossings.take(Round({}, {"p95": Sample(at(6100.0), None, "did not answer")}))
    changes = crossings.take(Round({"p95": samples[-240:]}, {"p95": Sample(at(6200.0), 1.0)}))
    [state] = crossings.shown({})
    assert (changes, state.state, state.since) == ([], "breach", at(15.0))
    over = [Sample(each.at, 0.1) for each in samples[-100:]]
    [told] = crossings.take(Round({"p95": [*samples[-240:-100], *over]}, {"p95": Sample(at(6300.0), 0.1)}))
    assert isinstance(told, ThresholdChanged)
    assert (told.before, told.after, told.at) == ("breach", "ok", over[0].at)
