"""The rows of a rollout: how it stands, the old and the new replica set side by side, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cockpit.incident.times import age, echo, span, time_of_day
from cockpit.room.views.rollout import ConditionRow, Reference, RolloutView, Side
from cockpit.room.views.sets import owners
from cockpit.screen.spans import Row, Span, Spans, Tone, fit, wrap
from cockpit.screen.terminal.glyphs import Glyphs

_COLUMNS = ("desired", "current", "ready", "available")
_SHORT = ("want", "have", "ready", "avail")
_TIGHT = 76
"""Below this many cells the counts have shorter titles, so that the states of the pods are in the picture."""


def absent_rows(view: RolloutView, now: datetime, width: int) -> list[Row]:
    """Why there is no deployment to show, and whose the pods are; loading is not missing, and neither is forbidden."""
    source = view.source
    since = age((now - source.since).total_seconds())
    if source.state == "loading":
        said: list[tuple[str, Tone]] = [(f"loading the deployment, {since} …", "quiet")]
    elif not view.name and view.where:
        nothing = "" if owners(view.pods) else ", so there is no rollout to show"
        said = [(f"no deployment is configured for this service{nothing}", "warn"),
                ("`deployment:` under the service's `kubernetes:` names it", "quiet")]  # fmt: skip
    elif source.state == "off":
        said = [("no cluster is configured", "warn"), (source.mend or "`cockpit init` writes one", "quiet")]
    else:
        said = [(f"unknown: {source.state} for {since}", "bad"), (source.detail, "plain"), (source.mend, "quiet")]
    rows = [Row("", (Span(f" {line}", tone),)) for text, tone in said if text for line in wrap(text, width - 1)]
    return [*rows, *owner_rows(view, width)]


def owner_rows(view: RolloutView, width: int) -> Iterator[Row]:
    """Whose the selected pods are, where they are not this deployment's."""
    if not view.owners or view.source.state == "loading":
        return
    whose = ", ".join(f"{number} of {who}" for who, number in view.owners.items()).replace(" of ", " pods of ", 1)
    head = "the selector also finds" if view.deployment else "the selector finds"
    for line in wrap(f"{head} {whose}", width - 1):
        yield Row("", (Span(f" {line}", "warn"),))


def state_rows(view: RolloutView, now: datetime, width: int, glyphs: Glyphs) -> Iterator[Row]:
    """How the rollout stands, since when, by which program, and how long it may take yet."""
    row, found = view.deployment, view.status
    if row is None or found is None:
        return
    if not view.source.trusted:
        when = f"as of {time_of_day(view.source.as_of)}Z" if view.source.as_of else "nothing is known now"
        for line in wrap(f"{view.source.state}, {when}: {view.source.detail}", width - 1):
            yield Row("", (Span(f" {line}", "warn"),))
    glyph, tone = _mark(found.state if view.source.trusted else "", glyphs)
    said = found.message if found.message.startswith(found.state) else f"{found.state}: {found.message}"
    said = said if view.source.trusted else f"when it was last known, {said}"
    if row.paused and found.state != "paused":
        said += "; paused: what is changed now does not roll out until it is resumed"
    for number, line in enumerate(wrap(said, width - 3)):
        yield Row("", (Span(f" {glyph if number == 0 else ' '} {line}", tone),))
    for line in wrap(_set(view, now), width - 3):
        yield Row("", (Span(f"   {line}"),))
    yield from _clock(view, now)
    if row.gitops:
        for line in wrap(f"{row.gitops} owns this deployment: it reverts what others change", width - 3):
            yield Row("", (Span(f"   {line}", "warn"),))


def _mark(state: str, glyphs: Glyphs) -> tuple[str, Tone]:
    """The glyph and tone of a rollout's state; of one that is not known now, those of what is unknown."""
    if state == "complete":
        return glyphs.good, "good"
    if state == "stalled":
        return glyphs.bad, "bad"
    return (glyphs.pending, "warn") if state else (glyphs.unknown, "quiet")


def _set(view: RolloutView, now: datetime) -> str:
    """Which revision is meant, and when its template was set by which program."""
    row, newest = view.deployment, view.newest
    if row is None:
        return ""
    who = f" by {row.changed_by}" if row.changed_by else ""
    since = f" {_moment(view.began, now)}, {age((now - view.began).total_seconds())} ago" if view.began else ""
    when = f", template set{since}{who}" if since or who else ", since when is not known"
    return f"rev {row.revision} ({newest.image if newest else row.image}){when}"


def _moment(at: datetime, now: datetime) -> str:
    """The time of day, and where it was on another one the date too."""
    return f"{time_of_day(at)}Z" if at.date() == now.date() else echo(at)


def _clock(view: RolloutView, now: datetime) -> Iterator[Row]:
    """The progress deadline: how long is left, or since when it is exceeded."""
    row = view.deployment
    if row is None or not view.source.trusted:
        return
    allowed = f"{age(row.detail.deadline)} without progress"
    progressing = row.detail.condition("Progressing")
    if view.status and view.status.state == "stalled":
        since = progressing.updated if progressing else None
        passed = f" {age((now - since).total_seconds())} ago" if since else ""
        yield Row("", (Span(f"   progress deadline exceeded{passed} ({allowed})", "bad"),))
    elif view.deadline:
        left = (view.deadline - now).total_seconds()
        word = f"stalled in {span(left)}" if left > 0 else f"stalled since {span(left)}, says the deadline"
        yield Row("", (Span(f"   {word} unless it gets on ({allowed})", "warn"),))


def side_rows(view: RolloutView, width: int) -> Iterator[Row]:
    """The replica sets side by side: what comes, what goes, how the pods of each are; and who scales them."""
    sides = view.sides
    if not sides:
        yield Row("", (Span(" the replica sets are not known", "warn"),))
        return
    tight = width < _TIGHT
    columns, cells, rev = (_SHORT, 5, "") if tight else (_COLUMNS, 9, "rev ")
    names = [f"{'new' if side.new else 'old'} {rev}{side.row.revision} {side.row.image}" for side in sides]
    longest = min(max(map(len, names)), max(12, width // 3))
    titles = " ".join(f"{title:>{cells}}" for title in columns)
    yield Row("", (Span(f" {' ' * longest} {titles}  pods", "quiet"),))
    for side, name in zip(sides, names, strict=True):
        row = side.row
        numbers = " ".join(f"{value:>{cells}}" for value in (row.wanted, row.replicas, row.ready, row.available))
        short = row.ready < max(row.wanted, row.replicas)
        tone: Tone = "quiet" if not view.source.trusted else "warn" if short else "plain"
        head = (Span(f" {fit(name, longest)} ", "strong" if side.new else "plain"), Span(numbers, tone), Span("  "))
        yield Row("", (*head, *_pods(side, trusted=view.pods.source.trusted)))
    if view.around.autoscaler:
        yield Row("", (Span(f" autoscaler {view.around.autoscaler}", "quiet"),))


def _pods(side: Side, *, trusted: bool) -> Spans:
    if not side.pods:
        return (Span("none", "quiet"),)
    spans: list[Span] = []
    for word, number in side.pods:
        tone: Tone = "good" if word == "ready" else "warn" if word in ("starting", "ending") else "bad"
        spans.append(Span(f"{' · ' if spans else ''}{number} {word}", tone if trusted else "quiet"))
    return tuple(spans)


def condition_rows(view: RolloutView, now: datetime, width: int) -> Iterator[Row]:
    """The conditions in words: those that do not hold first."""
    conditions = view.deployment.detail.conditions if view.deployment else ()
    if conditions:
        yield from (Row("", ()), Row("conditions", (Span(" Conditions", "accent"),)))
    for each in sorted(conditions, key=lambda each: (not _alarms(each), each.type)):
        since = f" for {age((now - each.since).total_seconds())}" if each.since else ""
        state = {"True": each.type, "False": f"not {each.type}"}.get(each.status, f"{each.type} unknown")
        text = f"{state}{since}: {each.message or each.reason}"
        for number, line in enumerate(wrap(text, width - 5)):
            yield Row("", (Span(f"{'   ' if number == 0 else '     '}{line}", "bad" if _alarms(each) else "quiet"),))


def _alarms(condition: ConditionRow) -> bool:
    """Whether it speaks of trouble: ReplicaFailure by being true, the others by not being."""
    return condition.holds if condition.type == "ReplicaFailure" else not condition.holds


def around_rows(view: RolloutView, now: datetime, width: int) -> Iterator[Row]:
    """The config maps and secrets that the pods are made with."""
    if not view.around.references:
        return
    yield Row("", ())
    title, source = " Config maps and secrets of its pods", view.changes
    old = source is not None and not source.trusted and source.as_of
    as_of = (Span(f", as of {time_of_day(source.as_of)}Z", "warn"),) if old and source and source.as_of else ()
    yield Row("around", (Span(title, "accent"), *as_of))
    longest = max(len(each.name) for each in view.around.references)
    for each in view.around.references:
        said, tone = _reference(each, view.began, now)
        name = f"   {each.kind:<10} {fit(each.name, min(longest, max(10, width // 3)))}  "
        for number, line in enumerate(wrap(said, max(10, width - len(name) - 1))):
            start = name if number == 0 else " " * len(name)
            key = f"around {each.kind} {each.name}" if number == 0 else ""
            yield Row(key, (Span(start), Span(line, tone)))


def _reference(each: Reference, began: datetime | None, now: datetime) -> tuple[str, Tone]:
    if each.state == "forbidden":
        return "not watched: you may not see it", "quiet"
    if each.state == "unwatched":
        return f"not watched: {each.detail}; `kubectl describe` says how it is now", "warn"
    if each.state == "missing":
        return "missing: pods that need it do not start", "bad"
    if each.state == "unknown":
        return each.detail or "being read …", "quiet"
    if each.changed_at is None:
        return "there; when it was changed is not known", "quiet"
    when = f"changed {age((now - each.changed_at).total_seconds())} ago" + (f" by {each.by}" if each.by else "")
    if began is not None and each.changed_at > began:
        return f"{when}, after this release: pods that started before may run with the old values", "warn"
    return when, "quiet"
