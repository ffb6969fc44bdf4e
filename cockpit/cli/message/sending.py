"""`cockpit message preview` and `send`: what audiences would read, and the status update that tells them."""

from __future__ import annotations

import click

from cockpit.cli.context import Wrong, house, only_one_open, run, say
from cockpit.cli.incident.asking import must_be_meant
from cockpit.cli.message.deliveries import must_be_sent, result_data, result_line
from cockpit.incident.kinds import Message
from cockpit.incident.terms import Status
from cockpit.incident.times import echo
from cockpit.message.delivery.result import Result
from cockpit.room.house import House
from cockpit.room.messages.sending import TO, Composed, Update, Wishes, ready
from cockpit.room.requests import Refusal, does, warnings
from cockpit.text import clean

_TEMPLATE = click.option("--template", default="", help="Which one; else the one that comes next.")
_TELL = click.option("--tell", "told", multiple=True, metavar="AUDIENCE", help="Who is told, each by what fits; again.")
_FIELD = click.option("--set", "fields", multiple=True, metavar="NAME=TEXT", help="A blank of the template.")
_STATUS = click.option("--to", "to", type=click.Choice([s.value for s in TO]), default=None, help="The new status.")


@click.command(name="preview", help="Show the message as it would be sent; nothing is sent or recorded.")
@_TEMPLATE
@_TELL
@_FIELD
@_STATUS
@click.argument("text", nargs=-1)
def preview(
    template: str, told: tuple[str, ...], fields: tuple[str, ...], to: str | None, text: tuple[str, ...]
) -> None:
    """Print it."""
    run(lambda: _preview(template, told, fields, to, " ".join(text)))


async def _preview(template: str, told: tuple[str, ...], fields: tuple[str, ...], to: str | None, text: str) -> None:
    async with house(read_only=True) as opened:
        composed = _composed(opened, template, told, _given(fields), Status(to) if to else None, text)
        found = [dict(each.payload().fields()) for each in composed]
        warned = [f"! {each}" for each in _warned(opened, Update(composed))]
        say("\n\n".join([*map(_text, composed), *warned]), lambda: found if told else found[0])


def _warned(opened: House, update: Update) -> tuple[str, ...]:
    """What of it is not for the public; nothing before there is an incident to send it on."""
    try:
        return warnings(update, *opened.room.eve(update))
    except Refusal:
        return ()


def _given(fields: tuple[str, ...]) -> dict[str, str]:
    pairs = [field.partition("=") for field in fields]
    if wrong := next((name for name, equals, _ in pairs if not equals), None):
        raise Wrong(f"--set {wrong}: write it as NAME=TEXT")
    return {name: value for name, _, value in pairs}


def _composed(
    opened: House, template: str, told: tuple[str, ...], fields: dict[str, str], status: Status | None, text: str
) -> tuple[Composed, ...]:
    """The messages: to those who are named, else to whom the template is for; raises Refusal."""
    messages = opened.messages
    if not told:
        return (messages.compose(template or messages.suggested(status), fields, status, text=text),)
    if unknown := [name for name in told if name not in messages.audiences()]:
        known = ", ".join(messages.audiences()) or "none"
        raise Refusal(f"there is no audience '{clean(unknown[0])[:40]}'; there are {known}")
    wishes = Wishes(fields, {name: template for name in told if template})
    every = {each.audience: each for each in messages.destinations(status, text, wishes)}
    return ready([every[name] for name in dict.fromkeys(told)], fields)


def _text(composed: Composed) -> str:
    rendered = composed.rendered
    promised = f", promises the next by {echo(composed.promised)}" if composed.promised else ""
    head = f"to {composed.audience} by {' → '.join(composed.channels)}{promised} ({composed.template})"
    status = f" [{rendered.status}]" if rendered.status else ""
    return f"{head}\n\n{rendered.title}{status}\n\n{rendered.text}"


@click.command(name="send", help="Record a status update and send its messages; it asks first.")
@_TEMPLATE
@_TELL
@_FIELD
@_STATUS
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--despite-warnings", "despite", is_flag=True, help="Publish what is not for the public, too.")
@click.option(
    "--break-glass", default="", metavar="WHY", help="Resolve though your roles do not let you; the record says so."
)
@click.argument("text", nargs=-1)
def send(
    template: str, told: tuple[str, ...], fields: tuple[str, ...], to: str | None, yes: bool, despite: bool,
    break_glass: str, text: tuple[str, ...],
) -> None:  # fmt: skip
    """Send it."""
    said = " ".join(text)

    async def sent() -> None:
        async with house() as opened:
            await only_one_open(opened)
            status = Status(to) if to else None
            composed = _composed(opened, template, told, _given(fields), status, said)
            standing = status or (opened.room.state.status if said else None)
            await _send(opened, Update(composed, standing, said, break_glass=break_glass), yes, despite)

    run(sent)


async def _send(opened: House, update: Update, yes: bool, despite: bool) -> None:
    opened.room.permit(update)
    if not yes:
        click.echo("\n\n".join(map(_text, update.messages)), err=True)
        told = {each.id for each in update.messages}
        written = [each for each in opened.room.rehearsed(update) if isinstance(each, Message)]
        for also in (does(each) for each in written if each.message not in told):
            click.echo(f"  also {clean(also)}", err=True)
        click.confirm("send it?" if len(update.messages) == 1 else "send all of them?", abort=True, err=True)
    must_be_meant(warnings(update, *opened.room.eve(update)), despite=despite)
    results = await opened.messages.send_all(update)
    say("\n".join(map(result_line, results)), lambda: _data(results, len(update.messages)))
    must_be_sent(results)


def _data(results: list[Result], messages: int) -> object:
    """What became of one message with what else was done, or of each of several."""
    told = [result_data(result) for result in results]
    if messages > 1:
        return told
    return {**told[0], "others": told[1:]} if told[1:] else told[0]
