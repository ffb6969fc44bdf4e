"""`cockpit doctor` against a simulated outage: all that it says, held against what somebody has read.

After a change that is meant: `COCKPIT_GOLDEN=write pytest tests/cli/test_doctor.py`, and read what has changed.
"""

from __future__ import annotations

import os
import pty
import re
import termios
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from cockpit.screen.terminal.measuring import MARKS, marks_of
from tests.cli.shell import Shell

GOLDEN = Path(__file__).with_name("golden")
_MEASURED = (
    (r"[\d.]+ (?:ms|s)\b", "N ms"),
    (r"\d+ firing", "N firing"),
    (r"[\d.]+ GiB free", "N GiB free"),
    (r"\d\d:\d\dZ", "HH:MMZ"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\d+ of \d+ connections", "N of N connections"),
    (r"^(?:ok|warn|bad) +((?:signal|endpoint) \S+) +.*$", r"asked \1"),
    (r"^(?:ok|warn) +(clock of .*?) {2,}.*$", r"asked \1"),
)  # fmt: skip


def steady(printed: str, *folders: Path) -> str:
    """What was printed in an order of its own, without what is measured and where the test stands."""
    for folder in folders:
        printed = printed.replace(str(folder), "FOLDER")
    lines = []
    for line in printed.splitlines():
        for pattern, instead in _MEASURED:
            line = re.sub(pattern, instead, line)
        lines.append(line)
    return "\n".join(sorted(lines)) + "\n"


def held(name: str, said: str) -> None:
    """Hold `said` against the golden file, or write it."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("COCKPIT_GOLDEN") == "write":
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def with_terminal(shell: Shell) -> Shell:
    """A shell in a terminal of 100 columns that can do everything."""
    shell.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
                      "COLUMNS": "100", "LINES": "30"}  # fmt: skip
    return shell


def test_all_that_the_doctor_says_of_a_demo_that_works(shell: Shell, outage: Path) -> None:
    with_terminal(shell).environ["COCKPIT_CONFIG"] = str(outage / "cockpit.yaml")
    held("doctor", steady(shell("doctor").ok().out, shell.folder, outage))


def test_all_that_the_doctor_says_where_little_works(shell: Shell, outage: Path) -> None:
    """A viewer's login, a Prometheus and channels that are not there, a runbook that wants more than there is."""
    text = yaml.safe_load((outage / "cockpit.yaml").read_text())
    text["kubernetes"]["demo"]["context"] = "prod-eu-viewer"
    text["kubernetes"]["demo"]["kubeconfig"] = str(outage / "kubeconfig")
    text["prometheus"]["main"]["url"] = "http://127.0.0.1:9"
    text["channels"] = {
        "chat": {"type": "slack", "token": {"env": "NOWHERE"}, "channel": "#x"},
        "mail": {"type": "email", "host": "127.0.0.1", "port": 9, "security": "none", "from": "a@b.example",
                 "to": ["c@d.example"]},
        "paper": {"type": "file", "path": "cockpit.yaml/paper.txt"},
    }  # fmt: skip
    text["audiences"], text["targets"] = {"internal": ["chat"], "customers": []}, {}
    service = text["services"]["payment-service"]
    service["signals"] = {"error-rate": service["signals"]["error-rate"]}
    for name in ("endpoints", "thresholds", "alertmanager", "postgresql"):
        service.pop(name, None)
    (shell.folder / "cockpit.yaml").write_text(yaml.safe_dump(text))
    failed = with_terminal(shell)("doctor").failed("prometheus main", "channel chat", "channel mail", "channel paper")
    held("doctor_trouble", steady(failed.out, shell.folder, outage))


TERMINALS = {
    "none": ({"TERM": "dumb"}, ("warn", "terminal", "TERM is 'dumb'")),
    "small": ({"COLUMNS": "60", "LINES": "20"}, ("warn", "terminal", "60×20")),
    "ssh in tmux": ({"TMUX": "/tmp/x,1,0", "SSH_TTY": "/dev/pts/1"}, ("ok", "terminal", "through tmux and ssh")),
    "no utf-8": ({"LC_ALL": "de_DE.ISO-8859-1"}, ("warn", "letters", "drawn in ASCII")),
    "console": ({"TERM": "linux", "COLORTERM": ""}, ("ok", "letters", "no braille")),
    "no colours": ({"NO_COLOR": "1"}, ("ok", "colours", "NO_COLOR")),
    "no copying": ({"VTE_VERSION": "6800"}, ("warn", "copying", "no OSC 52")),
}


@pytest.mark.parametrize("name", TERMINALS)
def test_what_the_terminal_can_do(shell: Shell, name: str) -> None:
    environ, (state, what, words) = TERMINALS[name]
    shell.environ["COCKPIT_CONFIG"] = str(shell.folder / "cockpit.yaml")
    (shell.folder / "cockpit.yaml").write_text("version: 1\n")
    with_terminal(shell).environ |= environ
    found = {each["what"]: each for each in shell("doctor", "--json").failed("configuration").json}
    assert found[what]["state"] == state
    assert words in found[what]["said"]
    assert found[what]["mend"] or state == "ok"


@pytest.mark.parametrize(("cells", "state"), [(len(MARKS), "ok"), (len(MARKS) + 3, "warn"), (None, None)])
def test_the_terminal_is_asked_how_wide_our_marks_are(cells: int | None, state: str | None) -> None:
    """One that draws some of them in two cells is told of; one that does not answer is not waited for."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    try:
        with ThreadPoolExecutor(1) as pool:
            finding = pool.submit(marks_of, theirs)
            asked = b""
            while not asked.endswith(b"\x1b[6n"):
                asked += os.read(ours, 100)
            if cells is not None:
                os.write(ours, f"\x1b[24;{cells + 1}R".encode())
            found = finding.result(20)
        assert (found.state if found else None) == state
        assert termios.tcgetattr(theirs) == before
        assert os.read(ours, 100).endswith(b"\x1b[K"), "what was written is wiped"
    finally:
        os.close(ours)
        os.close(theirs)
    with open(os.devnull) as nothing:
        assert marks_of(nothing.fileno()) is None
