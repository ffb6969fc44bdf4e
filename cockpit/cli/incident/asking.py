"""What is asked at the terminal before a command is done: blanks, effects, and what the public should not read."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from cockpit.cli.context import Failure, Wrong
from cockpit.room.requests import Request, Several, alone, blanks, filled, left_out, warnings
from cockpit.room.room import Room
from cockpit.text import clean

__all__ = ["asked", "must_be_meant"]


def asked(request: Request, room: Room) -> tuple[Request, tuple[str, ...]]:
    """`request` as it is to be done, after all was asked once; and what is left out because nobody could be asked.

    Without a terminal what was named is done, and what the configuration would bring along is not.

    Raises:
        Wrong: what was named must be asked, and there is nobody to ask.
        Failure: the answer was no.
        Refusal: it cannot be done.
    """
    left: tuple[str, ...] = ()
    if sys.stdin.isatty():
        request = _confirmed(_filled(request, room), room)
    else:
        request, left = _unasked(request, room)
    despite = isinstance(request, Several) and request.despite
    must_be_meant(warnings(request, *room.eve(request)), despite=despite)
    return request, left


def _filled(request: Request, room: Room) -> Request:
    """Ask for the blanks of what others are told; one that is left empty is not asked again."""
    confirmed = isinstance(request, Several) and request.confirmed
    asked: dict[str, str] = {}
    while not confirmed and (open_ := [each for each in blanks(request, *room.eve(request)) if each[0] not in asked]):
        for name, hint in open_:
            asked[name] = click.prompt(f"{name} ({clean(hint)})", default="", show_default=False, err=True).strip()
        request = filled(request, {name: text for name, text in asked.items() if text})
    return request


def _confirmed(request: Request, room: Room) -> Request:
    """Show what a command with several effects does, and ask once; gives what is to be done of it."""
    effects = room.preview(request)
    if not effects:
        return request
    for effect in effects:
        click.echo(f"  {clean(effect)}", err=True)
    if alone(request) is request:
        if click.confirm("do all of this?", err=True):
            return request
    else:
        question = "do all of this? (y: yes, o: only what was named, n: nothing)"
        answer = click.prompt(question, type=click.Choice(["y", "o", "n"]), default="n", show_choices=False, err=True)
        if answer != "n":
            return request if answer == "y" else alone(request)
    raise Failure("nothing was recorded and nothing was sent")


def _unasked(request: Request, room: Room) -> tuple[Request, tuple[str, ...]]:
    """What can be done without asking, and what that leaves out."""
    effects = room.preview(request)
    if not effects:
        return request, ()
    bare = alone(request)
    if bare is request or (named := room.preview(bare)):
        what = "; ".join(map(clean, effects if bare is request else named))
        raise Wrong(f"there is no terminal to ask on; --yes does all of this unasked: it {what}")
    return bare, left_out(request, *room.eve(request))


def must_be_meant(found: Sequence[str], *, despite: bool = False) -> None:
    """Ask a second time about what the public would read and should not.

    Args:
        despite: it was said with the command that it is meant so.

    Raises:
        Wrong: there is nobody to ask.
        Failure: the answer was no.
    """
    if not found or despite:
        return
    said = "; ".join(map(clean, found))
    if not sys.stdin.isatty():
        raise Wrong(f"{said}; say it in other words, or --despite-warnings publishes it all the same")
    for warning in found:
        click.echo(f"  ! {clean(warning)}", err=True)
    if not click.confirm("publish it all the same?", err=True):
        raise Failure("nothing was recorded and nothing was sent")
