"""What is typed after `/` to have something run, in the shell's own words: a silence, the end of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from cockpit.room.grammar.line import HELP, Answer, completed, explain, split, written
from cockpit.room.grammar.sessions import EndSession, database
from cockpit.room.refusal import Refusal

if TYPE_CHECKING:
    from cockpit.room.runs.jobs import Job, Jobs

SILENCE, DATABASE = "silence", "database"
END = f"{DATABASE} end"


def errand(line: str) -> Callable[[Jobs], Job] | None:
    """What a line asks to have run, as what makes it; None where it asks for something else.

    Raises:
        Answer: it asks how one of them is written.
        Refusal: it is not written so.
    """
    words = split(line)
    if words[:1] == [HELP] and words[1:2] in ([SILENCE], [DATABASE]):
        raise Answer(_silence_usage() if words[1] == SILENCE else _end_usage())
    if words[:1] == [SILENCE]:
        from cockpit.room.live.silencing import wanted  # what acts is imported when somebody acts

        asked = wanted(words[1:])
        return lambda jobs: jobs.silence(asked)
    return _session(words[1:]).job if words[:1] == [DATABASE] else None


def _session(words: Sequence[str]) -> EndSession:
    try:
        found = database.main(list(words), prog_name=DATABASE, standalone_mode=False, help_option_names=[])
    except click.ClickException as error:
        raise Refusal(explain(error)) from None
    if not isinstance(found, EndSession):
        raise Refusal(written(database.commands["end"], END))
    return found


def usages() -> Sequence[tuple[str, str]]:
    """How each is written, and what it is for."""
    silence = _silence_usage().partition(", as in")[0]
    helps = ("Alerts tell nobody for a while.", database.commands["end"].help or "")
    uses = (silence, written(database.commands["end"], END))
    return [(use.removeprefix("write: "), help) for use, help in zip(uses, helps, strict=True)]


def _silence_usage() -> str:
    from cockpit.room.live.silencing import USAGE

    return USAGE


def _end_usage() -> str:
    end = database.commands["end"]
    return f"{written(end, END)} · {end.help}"


def begun(line: str, alerts: Sequence[str]) -> list[str]:
    """What a line may go on with that begins like one of them.

    Args:
        alerts: the names of those that fire.
    """
    command, typed, _ = line.partition(" ")
    if not typed:
        return [each for each in (SILENCE, DATABASE) if command and each.startswith(command)]
    last = line.rpartition(" ")[2]
    if command == DATABASE:
        return completed(database, split(line)[1:] if last == "" else split(line)[1:-1], last)
    if command != SILENCE:
        return []
    names = dict.fromkeys(f"alertname={each}" for each in alerts)
    return [name for name in names if name.startswith(last) or name.removeprefix("alertname=").startswith(last)]
