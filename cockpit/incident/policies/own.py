"""A team's own policies: what the configuration says, laid over the policy that it extends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypeVar

from cockpit.config import LevelConfig, PolicyConfig, TargetConfig
from cockpit.incident.calendar import USUAL, Calendar
from cockpit.incident.policies.model import (
    NEXT_BUSINESS_DAY,
    Call,
    Escalation,
    Level,
    Notice,
    Policy,
    Range,
    Target,
    Words,
    key_of,
)
from cockpit.values import replace

AnyCall = TypeVar("AnyCall", bound=Call)


def with_own(
    shipped: Mapping[str, Policy], own: Mapping[str, PolicyConfig], calendar: Calendar = USUAL
) -> dict[str, Policy]:
    """The shipped policies and a team's own ones, by name; all of them by `calendar`.

    Field by field: what a level of one's own says replaces what its base says, per audience and per person too; what it
    leaves out stays, and `none` takes away. Levels that the base does not have follow its own, in their order.

    Args:
        shipped: the policies of the documents.
        own: the `policies` of a configuration that was loaded, so that every base is there and none extends itself.
        calendar: the team's, which is the same for all policies.

    Raises:
        ValueError: a base is not there, or one is its own.
    """
    found = {name: replace(policy, calendar=calendar) for name, policy in shipped.items()}
    waiting = dict(own)
    while waiting:
        ready = [name for name, policy in waiting.items() if policy.extends is None or policy.extends in found]
        if not ready:
            raise ValueError(f"no base for the policies {', '.join(waiting)}; load() refuses such a configuration")
        for name in ready:
            given = waiting.pop(name)
            found[name] = _laid_over(
                found.get(given.extends or "", Policy("", "", "", {}, calendar=calendar)), name, given
            )
    return found


def _laid_over(base: Policy, name: str, given: PolicyConfig) -> Policy:
    levels = dict(base.levels)
    for key, level in given.levels.items():
        severity = key.upper()
        levels[severity] = _level(levels.get(severity) or Level(severity), level)
    return replace(base, name=name, title=name, levels=levels, extends=base.name)


def _level(base: Level, given: LevelConfig) -> Level:
    def one(name: str) -> Target | None:
        own: TargetConfig | None = getattr(given, name)
        known: Target | None = getattr(base, name)
        return known if own is None else _target(own)

    update = {**base.update, **{audience: _target(own) for audience, own in given.update.items()}}
    changed = {name for name in LevelConfig.model_fields if name in given.model_fields_set}
    return replace(
        base,
        acknowledge=one("acknowledge"),
        respond=one("respond"),
        resolve=one("resolve"),
        update={audience: cadence for audience, cadence in update.items() if cadence is not None},
        commander=base.commander if given.commander is None else given.commander,
        notify=_calls(Notice, base.notify, given.notify),
        escalate=_calls(Escalation, base.escalate, given.escalate),
        sources={name: lines for name, lines in base.sources.items() if name not in changed},
    )


def _calls(kind: type[AnyCall], base: Iterable[AnyCall], given: Mapping[str, TargetConfig]) -> tuple[AnyCall, ...]:
    """The base's calls, with a team's own in the place of those for the same people, called as the base calls them."""
    calls = {call.key: call for call in base}
    for who, own in given.items():
        key, target = key_of(who), _target(own)
        known = calls.get(key)
        if target is None:
            calls.pop(key, None)
        else:
            calls[key] = kind(known.who if known else who, target)
    return tuple(calls.values())


def _target(own: TargetConfig) -> Target | None:
    if own.kind == "none":
        return None
    if own.kind == "words":
        return Words(own.words)
    if own.kind == "next business day":
        return NEXT_BUSINESS_DAY
    return Range(timedelta(seconds=own.lower), timedelta(seconds=own.upper))
