"""The policies section: a team's own severity schemes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from cockpit.config.lines import Location
from cockpit.config.values import Name, Strict, span

SHIPPED_POLICIES = frozenset(
    {"payment-service", "incident-response-plan", "payment-incident-management", "order-service"}
)
"""The policies that come with the cockpit, by name: one per source document (cockpit/incident/policies)."""


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """A target as it is written: seconds from and to, the next business day, words that are no time, or none."""

    kind: Literal["span", "next business day", "words", "none"]
    lower: float = 0.0
    upper: float = 0.0
    words: str = ""


def _target(value: Any) -> Any:
    """`30m`, `15m-30m`, `[15m, 30m]`, `immediately`, `next business day`, `none`, or `{words: within a few hours}`."""
    if isinstance(value, TargetConfig):
        return value
    if value in ("none", "next business day"):
        return TargetConfig(value)
    if value == "immediately":
        return TargetConfig("span")
    if isinstance(value, dict):
        words = value.get("words")
        if set(value) == {"words"} and isinstance(words, str) and words.strip():
            return TargetConfig("words", words=words.strip())
        raise PydanticCustomError("target", "is no target; words that are no time are written {words: a few hours}")
    try:
        return TargetConfig("span", *span(value))
    except PydanticCustomError as error:
        if error.type == "span":
            raise
        raise PydanticCustomError(
            "target", "is no target; write 30m, 15m-30m, immediately, next business day or none"
        ) from None


Target = Annotated[TargetConfig, BeforeValidator(_target)]
Targets = Annotated[dict[Name, Target], Field(default_factory=dict)]


class LevelConfig(Strict):
    """One severity. What stands here replaces what the policy extends; `none` takes a target away."""

    acknowledge: Target | None = None
    respond: Target | None = None
    resolve: Target | None = None
    update: Targets
    commander: Annotated[str, StringConstraints(max_length=200)] | None = None
    notify: Targets
    escalate: Targets


class PolicyConfig(Strict):
    """A team's own policy; `extends` names a shipped one or another of these."""

    extends: Name | None = None
    levels: dict[Name, LevelConfig] = Field(default_factory=dict)


def wrong_policies(policies: Mapping[str, PolicyConfig]) -> Iterator[tuple[Location, str]]:
    """What cannot be meant: a shipped policy's name, an unknown base, a circle, a level twice, no level at all."""
    circled: set[str] = set()
    for name, policy in policies.items():
        at = ("policies", name)
        if name in SHIPPED_POLICIES:
            yield at, f"`{name}` is a shipped policy; give your own another name and let it say `extends: {name}`"
        if policy.extends is not None and policy.extends not in SHIPPED_POLICIES | policies.keys():
            yield (*at, "extends"), unknown_policy(policy.extends, policies)
        circle = _circle(name, policies)
        if circle and name not in circled:
            circled |= set(circle)
            yield (*at, "extends"), f"`{name}` extends itself: {' → '.join((*circle, name))}; remove one `extends`"
        if policy.extends is None and not policy.levels:
            yield at, f"`{name}` has no levels; add `levels`, or `extends` with the policy that it starts from"
        seen: set[str] = set()
        for level in policy.levels:
            if level.upper() in seen:
                yield (*at, "levels", level), f"the level `{level.upper()}` stands here a second time; remove one"
            seen.add(level.upper())


def unknown_policy(name: str, policies: Mapping[str, PolicyConfig]) -> str:
    """That there is no such policy, and which there are."""
    known = ", ".join([*policies, *sorted(SHIPPED_POLICIES)])
    return f"there is no policy `{name}`; use one of {known}"


def _circle(name: str, policies: Mapping[str, PolicyConfig]) -> list[str]:
    """The policies through which `name` extends itself; nothing when it does not."""
    path = [name]
    while (base := policies[path[-1]].extends) in policies and base is not None and base not in SHIPPED_POLICIES:
        if base == name:
            return path
        if base in path:
            return []  # a circle further up; it is told where it closes
        path.append(base)
    return []
