"""`cockpit message`: preview and send what is told to others; beside them what became of it."""

from __future__ import annotations

import click

from cockpit.cli.context import share_with
from cockpit.cli.message.destinations import destinations
from cockpit.cli.message.meter import meter
from cockpit.cli.message.outbox import copy, list_messages, retry, settle
from cockpit.cli.message.sending import preview, send
from cockpit.cli.message.templates import templates


@click.group(help="What is told to others: destinations, preview, send, list, retry, settle, copy, meter, templates.")
def message() -> None:
    """The group."""


share_with(message)
for _command in (destinations, preview, send, list_messages, retry, settle, copy, meter, templates):
    message.add_command(share_with(_command))
