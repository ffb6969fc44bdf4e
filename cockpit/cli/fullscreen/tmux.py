"""A room in tmux: a session with the cockpit, the timeline as it grows, and a shell, which several people look at.

Programs are given to tmux as words, never as a line for a shell; the environment, which may hold secrets, goes in by
standard input, so that no list of processes shows it.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MARK, PART, ZOOMED = "@cockpit", "@cockpit-part", "@cockpit-zoomed"
"""tmux's user options: which incident a session of ours is on; which part a pane is; whether we zoomed it."""
WIDE, TALL = 150, 40
"""From how many columns the parts stand side by side, and else from how many lines one above the other."""
_OUTER = ("TERM", "TERMCAP", "TMUX", "TMUX_PANE", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "VTE_VERSION",
          "STY", "WINDOW", "COLUMNS", "LINES", "PWD", "OLDPWD", "SHLVL", "_")  # fmt: skip
"""What describes the terminal around tmux, or the shell that started us: not what is inside."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class TmuxError(Exception):
    """tmux refused; its own words."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the three programs of a room."""

    name: str
    argv: Sequence[str]


@dataclass(frozen=True, slots=True)
class Tmux:
    """tmux's own command line.

    Args:
        program: where tmux is.
        socket: its server's socket; None for the usual one.
    """

    program: str
    socket: Path | None = None

    def argv(self, *words: str) -> list[str]:
        """A command of tmux."""
        return [self.program, *(["-S", str(self.socket)] if self.socket else []), *words]

    def __call__(self, *words: str, stdin: str | None = None) -> str:
        """Run a command of tmux, and give what it printed; raises TmuxError."""
        try:
            done = subprocess.run(self.argv(*words), input=stdin, capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TmuxError(str(error)) from error
        if done.returncode:
            raise TmuxError(" ".join(done.stderr.split()) or f"{words[0]} failed")
        return done.stdout.strip()

    def tries(self, *words: str) -> bool:
        """Run a command that an older tmux may not know; gives whether it was done."""
        try:
            self(*words)
        except TmuxError:
            return False
        return True

    def has(self, name: str) -> bool:
        """Whether there is a session of that name."""
        return self.tries("has-session", "-t", f"={name}")

    def incident_of(self, name: str) -> str | None:
        """Which incident a room was opened on, empty for whichever is open; None for a session that is no room."""
        said = self("show-options", "-qv", "-t", f"={name}:", MARK)
        return said.removeprefix("room:") if said.startswith("room:") else None


def build(
    tmux: Tmux, name: str, incident: str, parts: Sequence[Part], size: tuple[int, int], environ: Mapping[str, str],
    folder: Path,
) -> None:  # fmt: skip
    """Make the session `name`, its parts laid out for a terminal of `size` columns and lines.

    Args:
        tmux: whose session it becomes.
        incident: what the room is on; empty for whichever is open.
        parts: the programs; the first is the one that everybody looks at.
        environ: what they get, but for what describes the terminal.
        folder: where they run.

    Raises:
        TmuxError: there is such a session already, or tmux refuses.
    """
    columns, lines = size
    sized = ("-x", str(columns), "-y", str(lines))
    tmux("new-session", "-d", "-s", name, "-n", parts[0].name, *sized, "-c", str(folder), "sleep", "600")
    try:
        tmux("source-file", "-", stdin=_settings(name, environ))
        tmux("set-option", "-t", f"={name}:", MARK, f"room:{incident}")
        # Words of their own from here on: the first pane waited for the environment that its program gets.
        first = tmux("display-message", "-p", "-t", f"={name}:", "#{pane_id}")
        tmux("respawn-pane", "-k", "-t", first, "-c", str(folder), "--", *parts[0].argv)
        _lay_out(tmux, name, first, parts, size, folder)
    except TmuxError:
        tmux.tries("kill-session", "-t", f"={name}")
        raise


def revive(tmux: Tmux, name: str) -> None:
    """Start again what ended in a room: somebody left the cockpit there."""
    shown = tmux("list-panes", "-s", "-t", f"={name}:", "-F", "#{pane_dead} #{pane_id}")
    for dead, pane in (line.split() for line in shown.splitlines()):
        if dead == "1":
            tmux("respawn-pane", "-t", pane)


def _settings(name: str, environ: Mapping[str, str]) -> str:
    """The environment in tmux's command language, where single quotes keep all that is between them."""
    lines = []
    for variable, value in environ.items():
        if variable in _OUTER or not _VARIABLE.fullmatch(variable) or not value.isprintable():
            continue
        quoted = value.replace("'", "'\\''")
        lines.append(f"set-environment -t '={name}:' {variable} '{quoted}'")
    return "\n".join(lines) + "\n"


def _lay_out(
    tmux: Tmux, name: str, first: str, parts: Sequence[Part], size: tuple[int, int], folder: Path
) -> None:  # fmt: skip
    """The other parts: beside the first, below it, or where there is room for neither in windows of their own."""
    layout = "main-vertical" if size[0] >= WIDE else "main-horizontal" if size[1] >= TALL else ""
    panes = [first]
    made = ("-d", "-P", "-F", "#{pane_id}", "-c", str(folder))
    for part in parts[1:]:
        if layout:
            panes.append(tmux("split-window", *made, "-t", panes[-1], "--", *part.argv))
            tmux("select-layout", "-t", first, layout)  # at once, so that there is room for the next
        else:
            panes.append(tmux("new-window", *made, "-t", f"={name}:", "-n", part.name, "--", *part.argv))
    for part, pane in zip(parts, panes, strict=True):
        _set_up(tmux, pane, part)
    if layout:
        _keep_in_size(tmux, first, layout, size)
    tmux("select-pane", "-t", first)


def _set_up(tmux: Tmux, pane: str, part: Part) -> None:
    """A pane for several people: as large as the smallest terminal, what ended stays to be read, copies go through."""
    tmux("set-option", "-w", "-t", pane, "window-size", "smallest")
    tmux.tries("set-option", "-p", "-t", pane, PART, part.name)
    tmux.tries("set-option", "-p", "-t", pane, "remain-on-exit", "on" if part.name != "shell" else "off")
    tmux.tries("set-option", "-w", "-t", pane, "allow-passthrough", "on")  # tmux 3.3: notifications by OSC 9


def _keep_in_size(tmux: Tmux, pane: str, layout: str, size: tuple[int, int]) -> None:
    """Two thirds for the cockpit; in a terminal too small for three parts only the one that is in front."""
    side, cells = ("width", size[0]) if layout == "main-vertical" else ("height", size[1])
    tmux("set-option", "-w", "-t", pane, f"main-pane-{side}", str(cells * 2 // 3))
    tmux.tries("set-option", "-w", "-t", pane, f"main-pane-{side}", "66%")
    tmux("select-layout", "-t", pane, layout)
    least = (WIDE if side == "width" else TALL) * 3 // 4
    small = f"#{{e|<:#{{window_{side}}},{least}}}"
    zoom = f"resize-pane -Z ; set-option -w {ZOOMED} 1"
    back = f"resize-pane -Z ; select-layout {layout} ; set-option -w -u {ZOOMED}"
    grown = f"if-shell -F '#{{&&:#{{window_zoomed_flag}},#{{{ZOOMED}}}}}' '{back}'"
    hook = f"if-shell -F '{small}' \"if-shell -F '#{{window_zoomed_flag}}' '' '{zoom}'\" \"{grown}\""
    tmux.tries("set-hook", "-w", "-t", pane, "window-resized", hook)
