"""`cockpit message`: preview and send what is told to others; beside them what became of it."""

from __future__ import annotations

import click

from cockpit.cli.context import share_with
from cockpit.cli.destinations import destinations
from cockpit.cli.meter import meter
from cockpit.cli.outbox import copy, list_messages, retry, settle
from cockpit.cli.sending import preview, send
from cockpit.cli.templates import templates


@click.group(help="What is told to others: destinations, preview, send, list, retry, settle, copy, meter, templates.")
def message() -> None:
    """The group."""


share_with(message)
for _command in (destinations, preview, send, list_messages, retry, settle, copy, meter, templates):
    message.add_command(share_with(_command))
