"""`cockpit message list`, `retry`, `settle` and `copy`: what became of messages, and what a person does about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cockpit.cli.context import house, run, say
from cockpit.cli.message.deliveries import must_be_sent, result_data, result_line
from cockpit.incident.deliveries import SENT, UNKNOWN, Attempt, Sent
from cockpit.incident.entry import stamp
from cockpit.incident.times import echo, time_of_day
from cockpit.room.requests import Refusal
from cockpit.text import clean


@click.command(name="list", help="What was sent, and what became of it on each channel.")
@click.option("--waiting", is_flag=True, help="Only what no channel has taken.")
def list_messages(waiting: bool) -> None:
    """Print the messages."""
    run(lambda: _list(waiting))


async def _list(waiting: bool) -> None:
    async with house(read_only=True) as opened:
        sent = [each for each in opened.room.state.messages.values() if not waiting or each.state != SENT]
        nothing = "every message was delivered" if waiting else "nothing was sent yet"
        say(
            "\n".join(line for each in sent for line in _lines(each)) or nothing, lambda: [_data(each) for each in sent]
        )


def _lines(sent: Sent) -> Iterator[str]:
    """A line for the message, and one for each channel where it did not arrive."""
    message = sent.message
    deed = f"{message.deed} " if message.deed != "tell" else ""
    yield f"{echo(sent.fact.at)} {sent.state:<8} {message.audience:<10} {deed}{clean(message.title)}  {message.message}"
    for attempt in sent.attempts if sent.state != SENT else ():
        yield f"    {_attempt(attempt)}"


def _attempt(attempt: Attempt) -> str:
    number = f", attempt {attempt.number}" if attempt.number else ""
    again = "asked again" if attempt.state == UNKNOWN else "again"
    later = f", {again} at {time_of_day(attempt.next_try)}Z" if attempt.next_try else ""
    where = f"{attempt.channel}: " if attempt.channel else ""
    return f"{where}{attempt.state}{number}{later}{f': {clean(attempt.words)}' if attempt.words else ''}"


def _data(sent: Sent) -> Mapping[str, Any]:
    attempts = [
        {
            "channel": each.channel, "state": each.state, "attempt": each.number, "at": stamp(each.fact.at),
            "next_try": stamp(each.next_try) if each.next_try else None, "words": each.words, "remote": each.remote,
        }
        for each in sent.attempts
    ]  # fmt: skip
    next_try = stamp(sent.next_try) if sent.next_try else None
    told = {"state": sent.state, "next_try": next_try, "attempts": attempts, "deliveries": sent.deliveries}
    return dict(sent.message.fields()) | told


@click.command(
    name="retry",
    help="Send a message again that no channel took, from its first channel on. Without an id all that wait; but for "
    "those of which nobody knows whether they arrived, which could arrive twice: name them, or `settle` them.",
)
@click.argument("id", default="")
def retry(id: str) -> None:
    """Retry one, or all that wait."""
    run(lambda: _retry(id))


async def _retry(id: str) -> None:
    async with house() as opened:
        waiting = [each for each in opened.room.state.messages.values() if each.delivered is None]
        ids = [id] if id else [each.message.message for each in waiting if each.state != UNKNOWN]
        if not ids and waiting:
            raise Refusal(
                "nobody knows whether the messages that are left arrived; `cockpit message list --waiting` shows them, "
                "`cockpit message settle ID arrived|lost` says what you found out"
            )
        if not ids:
            raise Refusal("every message was delivered")
        results = [await opened.delivering.retry(each) for each in ids]
        say("\n".join(map(result_line, results)), lambda: [result_data(result) for result in results])
        must_be_sent(results)


@click.command(
    name="settle",
    help="Say of a message of which nobody knows whether it arrived that it did, or that it was lost: then it is sent "
    "again.",
)
@click.argument("id")
@click.argument("found", type=click.Choice(["arrived", "lost"]))
def settle(id: str, found: str) -> None:
    """Settle one."""
    run(lambda: _settle(id, found))


async def _settle(id: str, found: str) -> None:
    async with house() as opened:
        result = await opened.delivering.settle(id, arrived=found == "arrived")
        said = "noted: it arrived" if found == "arrived" else result_line(result)
        say(said, lambda: result_data(result))
        must_be_sent([result])


@click.command(name="copy", help="Print a message to paste by hand when no channel works: audience, subject, words.")
@click.argument("id")
def copy(id: str) -> None:
    """Print it."""
    run(lambda: _copy(id))


async def _copy(id: str) -> None:
    async with house(read_only=True) as opened:
        text = opened.delivering.text_of(id)
        say(text, lambda: {"message": id, "text": text})
