"""Measures in writing: those of one incident with what they stand on, and those of many as a table of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from cockpit.incident.cases import Group, Share, Spread
from cockpit.incident.goals import Goal
from cockpit.incident.measures import NOT_COMPUTABLE, TITLES, Judged, Measure, judgements, measures
from cockpit.incident.policies import Policy
from cockpit.scribe import parts
from cockpit.scribe.chart import LABEL, durations
from cockpit.scribe.escape import inline

MEANS = {"detect": "MTTD", "acknowledge": "MTTA", "mitigate": "MTTM", "resolve": "MTTR"}
"""The means that have a name of their own in the field."""
_RATES = {"first-severity": "severity", "response-target": "response"}
"""The shares that the table has, each under a head that fits; the others stand below it."""
WIDTH = 80
NONE = "-"
COUNTS = (
    "Months are UTC, of the declaration. Means and medians are of what is over and was no false alarm; n says for how "
    "many of them they are computable. Drills never count, a merged duplicate counts in the one that goes on. Of a "
    "reopened incident the first mitigation and the last resolution count. - is not computable."
)


_SIZES = ((86400, "d", "d"), (3600, "h", "h"), (60, "m", "min"), (1, "s", "s"))


def _two(seconds: float) -> Iterator[tuple[int, str, str]]:
    """The two largest units of a duration, each with how many, its letter and its sign."""
    left = round(seconds)
    first = next((n for n, (size, _, _) in enumerate(_SIZES) if left >= size), len(_SIZES) - 1)
    for size, letter, sign in _SIZES[first : first + 2]:
        many, left = divmod(left, size)
        if many or size == _SIZES[first][0]:
            yield many, letter, sign


def short(seconds: float) -> str:
    """A duration of at most eight characters for what lasts under three years: `1h 5m`, `3m 51s`."""
    return " ".join(f"{many}{letter}" for many, letter, _ in _two(seconds))


def exact(seconds: float) -> str:
    """A duration with SI's signs, to its second unit: `1 h 5 min`, `3 min 51 s`."""
    return " ".join(f"{many} {sign}" for many, _, sign in _two(seconds))


def value(each: Measure | Judged) -> str:
    """What it is, or why it is not computable; and what counted."""
    if isinstance(each, Judged):
        return each.why if each.value is None else "yes" if each.value else "no"
    said = each.why if each.seconds is None else exact(each.seconds)
    return f"{said} ({each.counts})" if each.counts else said


def measured(case: parts.Case, policy: Policy | None) -> str:
    """The section of a document: each measure of its incident, and the entries that it stands on, by their refs."""
    every: list[Measure | Judged] = [*measures(case.state), *judgements(case.state, policy, case.now)]
    rows = [(each.title, inline(value(each)), ", ".join(entry[-6:] for entry in each.entries)) for each in every]
    drill = "\n\nA drill counts in no measure of many." if case.state.drill else ""
    return f"{parts.heading(2, 'Measures')}\n\n{parts.table(('Measure', 'Value', 'Entries'), rows)}{drill}"


def table(groups: Sequence[Group], whole: Group, goals: Sequence[Goal], by: Sequence[str]) -> list[str]:
    """The lines of the table: durations, then rates, by group and of all, what was not computable, and the goals."""
    if not (whole.ended or whole.still_open or whole.false_alarms):
        return ["no incident counts: none was declared, or all were drills or merged into others"]
    rows = [("  ".join(group.key), group) for group in groups] if by else []
    rows.append(("all", whole))
    width = min(LABEL, max(cell_len(label) for label in (*(row[0] for row in rows), "  ".join(by))))
    lines = [_head("  ".join(by), width, ("", *MEANS.values()))]
    for label, group in rows:
        lines += _durations(label, width, group)
    lines += ["", _rates_head("  ".join(by), width)]
    lines += [_rates(label, width, group) for label, group in rows]
    lines += ["", *_more(whole), "", "Goals", *(line for goal in goals for line in _goal(goal)), ""]
    return [*lines, *textwrap.wrap(COUNTS, WIDTH)]


def chart(groups: Sequence[Group], *, width: int = WIDTH - 2, unicode: bool = True) -> list[str]:
    """A chart of each mean that is known for some group."""
    lines: list[str] = []
    for name, short_name in MEANS.items():
        bars = [("  ".join(group.key) or "all", _mean(group.spreads.get(name))) for group in groups]
        if any(mean is not None for _, mean in bars):
            title = f"{short_name}: mean {TITLES[name].lower()}"
            lines += [*([""] if lines else []), *durations(title, bars, width=width, unicode=unicode)]
    return lines or ["nothing to draw: no mean is computable"]


def _head(label: str, width: int, names: Sequence[str]) -> str:
    return f"{_fit(label, width)} {names[0]:<6}" + "".join(f"{name:>11}" for name in names[1:])


def _durations(label: str, width: int, group: Group) -> Iterator[str]:
    """A line for the means, one for the medians, one that says of how many."""
    spreads = [group.spreads.get(name) for name in MEANS]
    yield _line(label, width, "mean", [_short(_mean(each)) for each in spreads])
    yield _line("", width, "median", [_short(each.median if each else None) for each in spreads])
    of = len(group.ended)
    yield _line("", width, "n", [f"{len(each.known) if each else 0}/{of}" for each in spreads])


def _line(label: str, width: int, name: str, cells: Sequence[str]) -> str:
    return f"{_fit(label, width)} {name:<6}" + "".join(f"{cell:>11}" for cell in cells)


def _mean(spread: Spread | None) -> float | None:
    return spread.mean if spread else None


def _short(seconds: float | None) -> str:
    return NONE if seconds is None else short(seconds)


def _rates_head(label: str, width: int) -> str:
    names = "".join(f"{name:>9}" for name in _RATES.values())
    return f"{_fit(label, width)} over open  false{names}  severities"


def _rates(label: str, width: int, group: Group) -> str:
    cells = "".join(f"{_percent(group.shares.get(name)):>9}" for name in _RATES)
    over = f"{len(group.ended) + len(group.false_alarms):>4} {len(group.still_open):>4}"
    head = f"{_fit(label, width)} {over} {_percent(group.shares['false-positive']):>6}{cells}  "
    severities = _severities(group)
    room = WIDTH - cell_len(head)
    return head + (severities if cell_len(severities) <= room else f"{set_cell_size(severities, room - 3)}...")


def _severities(group: Group) -> str:
    return " ".join(f"{name} {many}" for name, many in group.severities.items()) or NONE


def _percent(share: Share | None) -> str:
    return NONE if share is None or share.part is None else f"{share.part * 100:.0f} %"


def _more(whole: Group) -> Iterator[str]:
    """What the table has no room for: the numbers behind the shares, and why something was not computable."""
    yield from _wrapped(f"Severities: {_severities(whole)}")
    for name, share in whole.shares.items():
        apart = f", {share.unknown} not computable" if share.unknown else ""
        yield f"{TITLES[name]}: {_percent(share)} ({share.yes} of {share.of}{apart})"
    public = whole.spreads.get("first-update")
    if public is not None and public.mean is not None and public.median is not None:
        told = f"mean {short(public.mean)}, median {short(public.median)}, n {len(public.known)}"
        yield f"{TITLES['first-update']}: {told}"
    for name, spread in whole.spreads.items():
        if spread.unknown:
            why = _reasons(spread)
            of = f"{sum(spread.unknown.values())} of {len(whole.ended)}"
            yield from _wrapped(f"{TITLES[name]}: not computable for {of}: {why}")


def _reasons(spread: Spread) -> str:
    """The reasons with how many they hold for; two times that exclude each other differ in each incident."""
    found: dict[str, int] = {}
    for why, many in spread.unknown.items():
        reason = why.removeprefix(NOT_COMPUTABLE)
        reason = "it ended before it began" if reason.startswith("it ended ") else reason
        found[reason] = found.get(reason, 0) + many
    return ", ".join(f"{reason} ({many})" for reason, many in found.items())


def _goal(goal: Goal) -> list[str]:
    aim = f"{goal.goal * 100:.0f} %" if goal.at_least else f"{goal.goal * 100:+.0f} %"
    if goal.value is None:
        return _wrapped(f"{goal.title}: {goal.text} (goal {aim})")
    found = f"{goal.value * 100:.0f} %" if goal.at_least else f"{goal.value * 100:+.0f} %"
    reached = "reached" if goal.reached else "not reached"
    worst = " at the severity that is served worst" if goal.at_least else ""
    return _wrapped(f"{goal.title}: {reached}, {found}{worst} (goal {aim}): {goal.text}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ")


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 2)}.."
