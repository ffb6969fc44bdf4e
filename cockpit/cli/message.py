"""`cockpit message`: preview and send what is told to others; beside them what became of it."""

from __future__ import annotations

import click

from cockpit.cli.context import Wrong, house, only_one_open, run, say, share_with
from cockpit.cli.deliveries import must_be_sent, result_data, result_line
from cockpit.cli.meter import meter
from cockpit.cli.outbox import copy, list_messages, retry, settle
from cockpit.incident.terms import Status
from cockpit.incident.times import echo
from cockpit.room.messages import TO, Composed, Update


@click.group(help="What is told to others: preview, send, list, retry, settle, copy, meter.")
def message() -> None:
    """The group."""


share_with(message)


def _composing(command: click.Command) -> click.Command:
    message.add_command(share_with(command))
    return command


for _command in (list_messages, retry, settle, copy, meter):
    _composing(_command)

_TEMPLATE = click.option("--template", default="", help="Which one; else the one that comes next.")
_FIELD = click.option("--set", "fields", multiple=True, metavar="NAME=TEXT", help="A blank of the template.")
_STATUS = click.option("--to", "to", type=click.Choice([s.value for s in TO]), default=None, help="The new status.")


@_composing
@click.command(name="preview", help="Show the message as it would be sent; nothing is sent or recorded.")
@_TEMPLATE
@_FIELD
@_STATUS
def preview(template: str, fields: tuple[str, ...], to: str | None) -> None:
    """Print it."""
    run(lambda: _preview(template, fields, to))


async def _preview(template: str, fields: tuple[str, ...], to: str | None) -> None:
    async with house(read_only=True) as opened:
        status = Status(to) if to else None
        name = template or opened.messages.suggested(status)
        composed = opened.messages.compose(name, _given(fields), status)
        say(_text(composed), lambda: composed.payload().fields())


def _given(fields: tuple[str, ...]) -> dict[str, str]:
    pairs = [field.partition("=") for field in fields]
    if wrong := next((name for name, equals, _ in pairs if not equals), None):
        raise Wrong(f"--set {wrong}: write it as NAME=TEXT")
    return {name: value for name, _, value in pairs}


def _text(composed: Composed) -> str:
    rendered = composed.rendered
    promised = f", promises the next by {echo(composed.promised)}" if composed.promised else ""
    head = f"to {composed.audience} by {' → '.join(composed.channels)}{promised} ({composed.template})"
    status = f" [{rendered.status}]" if rendered.status else ""
    return f"{head}\n\n{rendered.title}{status}\n\n{rendered.text}"


@_composing
@click.command(name="send", help="Record a status update and send its message; it asks first.")
@_TEMPLATE
@_FIELD
@_STATUS
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--break-glass", default="", metavar="WHY", help="Resolve though your roles do not let you; the record says so."
)
@click.argument("text", nargs=-1)
def send(
    template: str, fields: tuple[str, ...], to: str | None, yes: bool, break_glass: str, text: tuple[str, ...]
) -> None:
    """Send it."""
    run(lambda: _send(template, fields, to, yes, " ".join(text), break_glass))


async def _send(template: str, fields: tuple[str, ...], to: str | None, yes: bool, text: str, break_glass: str) -> None:
    async with house() as opened:
        await only_one_open(opened)
        status = Status(to) if to else None
        name = template or opened.messages.suggested(status)
        composed = opened.messages.compose(name, _given(fields), status)
        standing = status or (opened.room.state.status if text else None)
        update = Update(composed, standing, text, break_glass=break_glass)
        opened.room.permit(update)
        if not yes:
            click.echo(_text(composed), err=True)
            click.confirm("send it?", abort=True, err=True)
        result = await opened.messages.send(update)
        assert result is not None
        say(result_line(result), lambda: result_data(result))
        must_be_sent([result])
