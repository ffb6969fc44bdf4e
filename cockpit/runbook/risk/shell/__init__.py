"""Splits shell scripts into every command that they can run; what is not understood is refused, never guessed."""

from __future__ import annotations

from cockpit.runbook.risk.shell.grammar import parse
from cockpit.runbook.risk.shell.syntax import Redirect, Script, ShellError, Simple

__all__ = ["Redirect", "Script", "ShellError", "Simple", "parse"]
