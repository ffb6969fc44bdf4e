"""A typed line: split into words, parsed into a request, explained, completed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click
from click.shell_completion import ShellComplete

from cockpit.room.grammar.params import NOW, incident
from cockpit.room.requests import (
    Refusal,
    Request,
)


def split(line: str) -> list[str]:
    """Split a typed line into words. A quote counts only where a word begins, so that "it's down" is what it says."""
    words, rest = [], line.strip()
    while rest:
        quote = rest[0] if rest[0] in "'\"" else ""
        end = rest.find(quote, 1) if quote else -1
        if quote and end > 0 and (end + 1 == len(rest) or rest[end + 1].isspace()):
            words.append(rest[1:end])
            rest = rest[end + 1 :].lstrip()
        else:
            word, _, rest = rest.partition(" ")
            words.append(word)
            rest = rest.lstrip()
    return words


def parse(line: str, now: Callable[[], datetime]) -> Request:
    """A line typed after `/` as a request. `incident` in front may be left out.

    Raises:
        Refusal: it is no command; the message says what is wrong and what would be right.
    """
    words = split(line)
    if words and words[0] == "incident":
        words = words[1:]
    if not words:
        raise Refusal("type a command, as in: note the rollback has begun")
    token = NOW.set(now)
    try:
        # Without --help, which would print on the screen's terminal; the refusal says how a command is written.
        request = incident.main(words, prog_name="", standalone_mode=False, help_option_names=[])
    except click.ClickException as error:
        raise Refusal(explain(error)) from None
    except click.exceptions.Exit:
        request = None
    finally:
        NOW.reset(token)
    if not hasattr(request, "decide"):
        raise Refusal(usage(words[0]))
    return request  # type: ignore[no-any-return]  # click gives what the command's function gave


def explain(error: click.ClickException) -> str:
    """A usage error in one line: what, and how it is written."""
    text = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    if context is not None and context.command is not incident:
        text = f"{text} · {usage(context.command.name or '')}"
    return text


def usage(name: str) -> str:
    """How a command is written, in one line."""
    command = incident.commands.get(name)
    if command is None:
        return f"commands: {', '.join(sorted(incident.commands))}"
    context = click.Context(command, info_name=name)
    return " ".join(["write:", name, *command.collect_usage_pieces(context)])


def complete(line: str) -> list[str]:
    """What the last word of `line` may become."""
    words = split(line)
    incomplete = "" if line.endswith(" ") or not words else words.pop()
    if words and words[0] == "incident":
        words = words[1:]
    found = ShellComplete(incident, {}, "incident", "_INCIDENT").get_completions(words, incomplete)
    return [item.value for item in found]
