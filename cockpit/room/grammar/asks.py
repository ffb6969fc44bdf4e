"""The commands about time: asks with a name and a time, and clocks that are put off."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import click

from cockpit.incident.times import TimeError, duration
from cockpit.room.grammar.params import ASK, CLOCK, Said, at, incident, text_of
from cockpit.room.requests import Ask, Refusal, Request, SettleAsk, Snooze

_LABEL = re.compile(r"a\d+", re.IGNORECASE)


class Duration(click.ParamType[timedelta]):
    """How long: `5m`, `2h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it; what is no duration is a usage error."""
        if isinstance(value, timedelta):
            return value
        try:
            return duration(str(value))
        except TimeError as error:
            self.fail(str(error), param, ctx)


@incident.command(help="Ask somebody by a time: ask @dba 5m is replication caught up; then ask A1 --answer TEXT")
@click.option("--ack", is_flag=True, help="It is taken.")
@click.option("--answer", default=None, metavar="TEXT", help="The answer.")
@click.option("--withdraw", default=None, metavar="WHY", help="It is no longer needed; say why.")
@at
@click.argument("whom", type=ASK)
@click.argument("within", default="")
@click.argument("text", nargs=-1)
def ask(
    ack: bool, answer: str | None, withdraw: str | None, at: datetime | None, whom: str, within: str,
    text: tuple[str, ...],
) -> Request:  # fmt: skip
    """Ask, or settle an ask."""
    settled = {"acknowledged": "" if ack else None, "answered": answer, "withdrawn": withdraw}
    chosen = [(state, said) for state, said in settled.items() if said is not None]
    if len(chosen) > 1:
        raise Refusal("one of --ack, --answer and --withdraw at a time")
    if chosen:
        state, said = chosen[0]
        return SettleAsk(whom, state, text_of(tuple(word for word in (said, within, *text) if word)), at)
    if _LABEL.fullmatch(whom) and not within:
        raise Refusal(f"what of {whom}? --ack, --answer TEXT or --withdraw WHY")
    if not within or not text:
        raise Refusal("ask whom, by when, for what: as in ask @dba 5m is replication caught up")
    try:
        return Ask(whom, duration(within), text_of(text), at)
    except TimeError as error:
        raise Refusal(str(error)) from None


@incident.command(help="Put a clock off, with a reason: incident snooze page 10m --why drafting with legal")
@click.option("--why", cls=Said, required=True, help="Why it can wait.")
@click.argument("clock", type=CLOCK)
@click.argument("duration", type=Duration())
def snooze(why: str, clock: str, duration: timedelta) -> Request:
    """Put a clock off."""
    return Snooze(clock, duration, why)
