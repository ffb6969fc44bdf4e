"""A defect of the cockpit's own ends it with a line that says what to do; no value of a variable is shown or kept."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from cockpit.screen.defect import told
from tests.cli.shell import Shell
from tests.terminals import ESCAPES, Terminal

NOW = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
BROKEN = """
import sys
from cockpit.cli.root import run
from cockpit.screen.openers.pages import Openers

def broken(self):
    password = "hunter-two"
    raise KeyError("lost \\x1b[31m thing")

name = next(name for name in dir(Openers) if name.endswith("incidents") and name.startswith("action_"))
setattr(Openers, name, broken)
sys.exit(run(sys.argv[1:]))
"""


def broken() -> ValueError:
    """A defect in a function with a secret at hand."""
    password = "hunter-two"
    try:
        raise ValueError("no such row")
    except ValueError as error:
        assert password
        return error


def test_what_happened_is_written_down_for_its_owner_alone(tmp_path: Path) -> None:
    line = told(broken(), tmp_path, NOW)
    path = tmp_path / "defect-20260314T020000Z.txt"
    assert line.startswith("cockpit: a defect of its own ended it: ValueError: no such row (test_defect.py:")
    assert line.endswith(f"; start it again, and report {path}")
    assert "\n" not in line
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert "in broken" in text
    assert "hunter-two" not in text + line


def test_where_nothing_can_be_written_it_is_all_said(tmp_path: Path) -> None:
    line = told(broken(), tmp_path / "absent", NOW)
    assert "No such file or directory" in line
    assert "in broken" in line


def test_the_terminal_is_given_back_with_a_line_and_no_values(tmp_path: Path) -> None:
    shell = Shell(tmp_path).declared()
    script = tmp_path / "broken.py"
    script.write_text(BROKEN)
    env = shell.env(TERM="xterm-256color", LANG="C.UTF-8")
    with Terminal([sys.executable, str(script)], env=env, cwd=tmp_path) as terminal:
        terminal.shows("INVESTIGATING")
        terminal.send("i")
        terminal.expect("ended it: KeyError")
        assert terminal.process.wait(30) == 1
        text = ESCAPES.sub(b"", terminal.output).decode(errors="replace")
    assert "hunter-two" not in text
    assert "Traceback" not in text
    assert shell("incident", "note", "it goes on").ok()
    (kept,) = tmp_path.rglob("defect-*.txt")
    assert re.search(r"KeyError: 'lost .*thing'", kept.read_text())
