"""The command `cockpit`: its groups, the shared flags, and the cockpit itself when no command is named."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import Any

import click

from cockpit.cli.context import FAILED, WRONG, shared
from cockpit.cli.fullscreen.look import LOOK, THEMES, Look
from cockpit.text import clean

_COMMANDS = {
    "alerts": ("cockpit.cli.live.alerts", "alerts", "The service's alerts that fire now"),
    "contacts": ("cockpit.cli.message.contacts", "contacts", "Whom one can call: the ladder, targets, who is on call"),
    "database": ("cockpit.cli.live.database", "database", "The service's PostgreSQL: connections, locks, long work"),
    "demo": ("cockpit.cli.simulator.demo", "demo", "A cockpit on a simulated service that is breaking now"),
    "doctor": ("cockpit.cli.doctor", "doctor", "What is reachable, what you may do, and what to mend"),
    "drill": ("cockpit.cli.incident.drill", "drill", "Practice: an incident that is not real"),
    "export": ("cockpit.cli.papers.export", "export", "Write the record as Markdown, JSON, or a bundle"),
    "import": ("cockpit.cli.papers.bundle", "import_", "Take the incident of a bundle into the record"),
    "incident": ("cockpit.cli.incident.group", "incident", "The incident: declare it, say what happens, end it"),
    "init": ("cockpit.cli.init", "init", "Write cockpit.yaml from your kubeconfig"),
    "listen": ("cockpit.cli.live.listen", "listen", "Take alerts by webhooks into the record"),
    "logs": ("cockpit.cli.live.logs", "logs", "The log of a pod, or of all together"),
    "measures": ("cockpit.cli.papers.measures", "measures", "How incidents go: times, rates, and the plan's goals"),
    "message": ("cockpit.cli.message.group", "message", "What is told to others: preview, send, list, retry"),
    "open": ("cockpit.cli.fullscreen.open", "open_cockpit", ""),
    "review": ("cockpit.cli.papers.review", "review", "Write the review"),
    "rollout": ("cockpit.cli.live.rollout", "rollout", "The rollout, its revisions, and what changed"),
    "room": ("cockpit.cli.fullscreen.room", "room", "Start or join a room for several people, in tmux"),
    "runbook": ("cockpit.cli.runbook.group", "runbook", "Runbooks: list, show, check, and run their steps"),
    "signals": ("cockpit.cli.live.signals", "signals", "The pods, signals and endpoints as they are now"),
    "silence": ("cockpit.cli.live.silence", "silence", "Silence the service's alerts for a time"),
    "simulate": ("cockpit.cli.simulator.simulate", "simulate", "Serve a simulated cluster, Prometheus and providers"),
}
"""Where each command is, and what it is for in a few words; imported only when it is asked for."""


class Root(click.Group):
    """Commands are found by name and imported late; what is no command is an incident to open."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command but the one that has no name."""
        return [name for name in _COMMANDS if name != "open"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say what each is for without importing it: click would ask every one for its help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][2]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """`cockpit INC-2026-001` opens that incident."""
        if args and args[0] not in _COMMANDS and args[0].lower().startswith(("inc-", "0")):
            return "open", self.get_command(ctx, "open"), args
        return super().resolve_command(ctx, args)


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Without a command it opens the cockpit; with an incident's label, on that incident.",
)
@click.version_option(package_name="incident-cockpit", prog_name="cockpit")
@click.option(
    "--theme",
    type=click.Choice(THEMES),
    envvar="COCKPIT_THEME",
    default=None,
    help="Else by the terminal's colours: ansi with 16, dark with more.",
)
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.option("--ascii", "ascii", is_flag=True, help="Draw in ASCII, as where the locale has no UTF-8.")
@click.option(
    "--bell/--no-bell", default=True, envvar="COCKPIT_BELL", help="Ring and notify (OSC 9) when something is overdue."
)
@click.option("--shared", "several", is_flag=True, help="Several people sit here: K claims the keyboard first.")
@shared
@click.pass_context
def root(ctx: click.Context, theme: str | None, no_mouse: bool, ascii: bool, bell: bool, several: bool) -> Any:
    """One terminal for a production incident: pods, signals, checklists, runbook, messages, record."""
    if several and ctx.invoked_subcommand not in (None, "open", "demo", "room"):
        raise click.UsageError("--shared is for the cockpit, where K claims the keyboard; a command takes --as HANDLE")
    ctx.ensure_object(dict)["shared"] = several
    ctx.meta[LOOK] = Look(theme or "", mouse=not no_mouse, ascii=ascii, bell=bell)
    if ctx.invoked_subcommand is None:
        command = root.get_command(ctx, "open")
        assert command is not None
        return ctx.invoke(command)
    return None


def run(args: list[str]) -> int:
    """Run the command line; gives the exit code, with every error as one line on stderr."""
    try:
        given: Any = root.main(args, prog_name="cockpit", standalone_mode=False)
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.Abort:
        return 130
    except click.exceptions.NoArgsIsHelpError as error:  # a group was named and no command of it
        click.echo(error.format_message(), err=True)
        return WRONG
    except click.ClickException as error:
        click.echo(f"cockpit: {_sentence(error)}", err=True)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _print_no_more()
        return FAILED
    except OSError as error:  # commands explain what they know; what is left is an output that takes no more
        _print_no_more()
        click.echo(f"cockpit: {error.filename or 'standard output'}: {error.strerror or error}", err=True)
        return FAILED
    return given if isinstance(given, int) else 0


def _print_no_more() -> None:
    """Let what is still to be printed go nowhere, so that the interpreter's end does not fail on it once more."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _sentence(error: click.ClickException) -> str:
    """The error, in one line, with how to write it when it was written wrong."""
    text = clean(" ".join(error.format_message().split()))
    context = getattr(error, "ctx", None)
    if error.exit_code == WRONG and isinstance(error, click.UsageError) and context is not None:
        text += f" · `{context.command_path} --help` says how"
    return text
