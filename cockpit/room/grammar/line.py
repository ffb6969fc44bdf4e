"""A typed line: split into words, parsed into a request, explained, completed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click
from click.shell_completion import ShellComplete

from cockpit.room.grammar import asks, edits, lifecycle, matters, pages, people, scope, steps, words
from cockpit.room.grammar.examples import EXAMPLES
from cockpit.room.grammar.params import NOW, incident
from cockpit.room.refusal import Refusal
from cockpit.text import clean

if TYPE_CHECKING:
    from cockpit.room.requests import Request

__all__ = ["HELP", "Answer", "complete", "completed", "explain", "incident", "parse", "split", "usage", "written"]

_COMMANDS = (asks, edits, lifecycle, matters, pages, people, scope, steps, words)
"""Imported so that each adds its commands to the group."""

HELP = "help"
"""The word that asks how a command is written."""


class Answer(Refusal):
    """What `help` was asked for: there is nothing to record, and nothing is wrong."""


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
        Answer: it asks for help; the message is the help.
        Refusal: it is no command; the message says what is wrong and what would be right.
    """
    words = _commanded(line)
    if not words:
        raise Refusal("type a command, as in: note the rollback has begun")
    if words[0] == HELP:
        raise Answer(_help(words[1] if len(words) > 1 else ""))
    token = NOW.set(now)
    try:
        # Without --help, which would print on the screen's terminal; the refusal says how a command is written.
        request = incident.main(words, prog_name="", standalone_mode=False, help_option_names=[])
    except click.ClickException as error:
        raise Refusal(explain(error, words[0])) from None
    except click.exceptions.Exit:
        request = None
    finally:
        NOW.reset(token)
    if not hasattr(request, "decide"):
        raise Refusal(usage(words[0]))
    return request  # type: ignore[no-any-return]  # click gives what the command's function gave


def _commanded(line: str) -> list[str]:
    """The line's words, without `incident` in front."""
    words = split(line)
    return words[1:] if words[:1] == ["incident"] else words


def _help(name: str) -> str:
    """What a command is for and how it is written; without a name, which commands there are."""
    command = incident.commands.get(name)
    if command is None:
        unknown = f"'{clean(name)[:40]}' is no command; " if name else ""
        return f"{unknown}{usage('')} · help COMMAND says how each is written"
    return f"{usage(name)} · {' '.join((command.help or '').split())}"


def explain(error: click.ClickException, name: str = "") -> str:
    """A usage error in one line: what, for what is missing an example, and how it is written.

    Args:
        name: the incident's command that was typed; empty for a command of another group.
    """
    text = clean(" ".join(error.format_message().split()))
    if isinstance(error, click.MissingParameter) and error.param is not None and name in EXAMPLES and not error.message:
        text = f"{_missed(error.param)} is missing, as in: {EXAMPLES[name]}"
    context = getattr(error, "ctx", None)
    if context is not None and context.command is not incident:
        return f"{text} · {written(context.command, context.command_path.strip())}"
    if context is not None:
        return f"{text} · `{HELP}` lists them"
    return f"{text} · {usage(name)}" if name in incident.commands else text


def _missed(param: click.Parameter) -> str:
    """What a parameter takes: its choices, or its name."""
    if isinstance(param, click.Option):
        return param.opts[0]
    choices = param.type.choices if isinstance(param.type, click.Choice) else ()
    return f"one of {', '.join(map(str, choices))}" if choices else (param.human_readable_name.rstrip(".").upper())


def usage(name: str) -> str:
    """How a command is written, in one line: its arguments, and its options with what they take."""
    command = incident.commands.get(name)
    if command is None:
        return f"commands: {', '.join(sorted(incident.commands))}"
    return written(command, name)


def written(command: click.Command, name: str) -> str:
    """How a command of that name is written, in one line: `usage` of one that is known."""
    context = click.Context(command, info_name=name)
    options = [_option(param, context) for param in command.params if isinstance(param, click.Option)]
    arguments = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    return " ".join(["write:", name, *arguments, *(f"[{option}]" for option in options if option)])


def _option(option: click.Option, context: click.Context) -> str:
    """`--to investigating|identified`, `--why TEXT`, `--drill`; nothing for one that is not shown."""
    if option.hidden:
        return ""
    names = "/".join((option.opts[0], *option.secondary_opts))
    if option.is_flag:
        return names
    choices = option.type.choices if isinstance(option.type, click.Choice) else ()
    takes = "|".join(map(str, choices)) or option.metavar or option.type.name.upper()
    return f"{names} {takes}{'…' if option.multiple else ''}"


def complete(line: str) -> list[str]:
    """What the last word of `line` may become."""
    words = split(line)
    incomplete = "" if line.endswith(" ") or not words else words.pop()
    if words[:1] == ["incident"]:
        words = words[1:]
    if words[:1] == [HELP]:
        return [name for name in sorted(incident.commands) if name.startswith(incomplete) and len(words) == 1]
    quoted = incomplete[:1] in ("'", '"')
    begun = incomplete[1:] if quoted else incomplete
    if words and words[0] not in incident.commands:
        return []
    names = completed(incident, words, begun)
    if not words and HELP.startswith(incomplete):
        names.append(HELP)
    return [f'"{name}"' if quoted or " " in name else name for name in dict.fromkeys(names)]


def completed(group: click.Group, words: list[str], begun: str) -> list[str]:
    """What a word that has `begun` may become after the others of a group's command."""
    found = ShellComplete(group, {"help_option_names": []}, "", "").get_completions(words, begun)
    return [item.value for item in found if item.type == "plain"]  # files are no names that the room knows
