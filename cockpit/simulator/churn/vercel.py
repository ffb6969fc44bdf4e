"""A stand-in for the host's command line: `vercel env|logs|cron`, for the simulated application alone.

It is copied as a program of its own into the simulator's folder, and reads whom to ask from `host.json` beside it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> int:
    """A duration such as 10m."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration such as 10m")
    return int(found[1]) * _UNITS[found[2]]


def ask(method: str, path: str, body: str | None = None) -> str:
    """Ask the host; raises urllib.error.URLError, OSError."""
    host = json.loads(Path(__file__).with_name("host.json").read_text(encoding="utf-8"))
    data = body.encode() if body is not None else None
    headers = {"Authorization": f"Bearer {host['token']}"}
    request = urllib.request.Request(host["url"] + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        text: str = answer.read().decode("utf-8", "replace")
        return text


def env(asked: argparse.Namespace) -> None:
    """Add, list or remove a setting."""
    if asked.verb == "ls":
        for name, value in sorted(json.loads(ask("GET", "/host/env")).items()):
            sys.stdout.write(f"{name}={value}\n")
        return
    if not asked.name:
        sys.exit(f"vercel env {asked.verb}: name a variable")
    path = f"/host/env/{urllib.parse.quote(asked.name, safe='')}"
    if asked.verb == "rm":
        ask("DELETE", path)
        sys.stdout.write(f"Removed {asked.name}\n")
        return
    value = asked.value if asked.value is not None else sys.stdin.readline().strip()
    ask("PUT", path, value)
    sys.stdout.write(f"Added {asked.name}\n")


def logs(asked: argparse.Namespace) -> None:
    """Print the log."""
    sys.stdout.write(ask("GET", f"/host/logs?since={asked.since}"))


def cron(asked: argparse.Namespace) -> None:
    """Pause or resume the crons."""
    ask("POST", f"/host/cron/{asked.verb}", "")
    sys.stdout.write(f"Crons {asked.verb}d\n")


def parser() -> argparse.ArgumentParser:
    """What it understands."""
    made = argparse.ArgumentParser("vercel", description="A stand-in for the simulated application.")
    commands = made.add_subparsers(required=True)
    of_env = commands.add_parser("env")
    of_env.add_argument("verb", choices=["add", "ls", "rm"])
    of_env.add_argument("name", nargs="?")
    of_env.add_argument("value", nargs="?")
    of_env.set_defaults(run=env)
    of_logs = commands.add_parser("logs")
    of_logs.add_argument("--app", default="")
    of_logs.add_argument("--since", type=seconds, default=3600)
    of_logs.set_defaults(run=logs)
    of_cron = commands.add_parser("cron")
    of_cron.add_argument("verb", choices=["pause", "resume"])
    of_cron.set_defaults(run=cron)
    return made


if __name__ == "__main__":
    arguments = parser().parse_args()
    try:
        arguments.run(arguments)
    except urllib.error.HTTPError as error:
        sys.exit(f"vercel: the host answers {error.code}: {error.read().decode('utf-8', 'replace')}")
    except OSError as error:
        sys.exit(f"vercel: the host cannot be asked: {error}")
