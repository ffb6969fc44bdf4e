"""In a real tmux: an editor and a shell get the terminal and give it back, and what goes on is stopped by a key."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from screen.tmux import PROMPT, Tmux, session

from tests.conftest import eventually
from tests.shop import Step, cluster, program, shop, step
from tests.simcluster import NAMESPACE, Living, living

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.tmux,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

CONFIG = "payment-config"
PAGE = " a act "
"""What stands in the cockpit's footer."""


@contextmanager
def opened(folder: Path, **environ: object) -> Iterator[Tmux]:
    """A cockpit on the shop of `folder` with an incident declared, its steps on the screen."""
    with session(folder) as tmux:
        for name, value in environ.items():
            tmux.shell(f"export {name}={value}")
        tmux.cockpit("--config", "cockpit.yaml", "--as", "@ada")
        tmux.sees(PAGE, "4 Timeline")
        tmux.keys("D")
        tmux.sees("Declare an incident")
        tmux.keys("Enter")
        tmux.sees("INVESTIGATING")
        yield tmux


def chosen(tmux: Tmux) -> None:
    """Open the only step; right behind an escape an `a` is another key, so it is pressed until it is one."""
    tmux.waits(lambda: "shop.yaml:7" in tmux.picture or tmux.keys("a"), lambda: tmux.picture)
    tmux.keys("Enter")


def executable(path: Path, text: str) -> Path:
    """A program of the test's own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def home(tmux: Tmux, *words: str) -> str:
    """Go back to the cockpit, over whatever lies between, which then shows `words`."""
    tmux.waits(lambda: PAGE in tmux.picture or tmux.keys("Escape"), lambda: tmux.picture)
    return tmux.sees(PAGE, "4 Timeline", *words)


def left(tmux: Tmux) -> None:
    """Leave the cockpit; the shell is there as it was."""
    home(tmux)
    tmux.waits(lambda: tmux.keys("q") or "it ended with 0" in tmux.picture, lambda: tmux.picture)
    tmux.sees(PROMPT)
    assert tmux.modes()["alternate_on"] == "0"


def bytes_of_record(folder: Path) -> bytes:
    """All that stands in the record's file."""
    with closing(sqlite3.connect(folder / "cockpit" / "record.db")) as connection:
        return "\n".join(connection.iterdump()).encode()


@asynccontextmanager
async def with_config(folder: Path, *steps: Step) -> AsyncIterator[Living]:
    """A cluster with a config map, and a shop in it."""
    async with living(folder) as alive:
        metadata = {"name": CONFIG, "namespace": NAMESPACE}
        data = {"mode": "live", "limit": "10"}
        alive.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
        shop(folder, *steps, **cluster(folder))
        yield alive


def data(alive: Living) -> dict[str, str]:
    """What the config map holds."""
    found: dict[str, Any] | None = alive.cluster.get("configmaps", NAMESPACE, CONFIG)
    assert found is not None
    return dict(found["data"])


def edit() -> Step:
    """A step that opens an editor."""
    return step("edit", {"kind": "kubernetes", "verb": "edit-config-map", "name": CONFIG}, kind="mitigate")


async def in_tmux(flight: Callable[[], None]) -> None:
    """Fly while the loop goes on being the cluster."""
    await asyncio.to_thread(flight)


async def test_a_config_map_is_edited_in_the_editor_of_the_user(tmp_path: Path) -> None:
    """The editor has the terminal; the difference stands in the preview; only `y` changes anything."""
    editor = executable(tmp_path / "editor", 'test -t 0 && test -t 1 && echo "extra: added" >> "$1"')

    async with with_config(tmp_path, edit()) as alive:

        def fly() -> None:
            with opened(tmp_path, EDITOR=editor) as tmux:
                tmux.sees("3/3 ready")
                chosen(tmux)
                tmux.sees("extra: none → added", "no (default)", "accepted by the server")
                tmux.keys("Enter")
                assert "extra" not in data(alive)
                tmux.keys("y")
                tmux.sees("verified", "undo")
                assert data(alive) == {"mode": "live", "limit": "10", "extra": "added"}
                left(tmux)

        await in_tmux(fly)


async def test_an_editor_that_changes_nothing_or_fails_changes_nothing(tmp_path: Path) -> None:
    """It is said why, and the text of one that failed stays."""
    editor = executable(tmp_path / "editor", 'test ! -e fails || { echo "mode: off" > "$1"; exit 3; }')

    async with with_config(tmp_path, edit()) as alive:

        def fly() -> None:
            with opened(tmp_path, EDITOR=editor) as tmux:
                tmux.sees("3/3 ready")
                chosen(tmux)
                tmux.sees("nothing was changed in the editor")
                home(tmux)
                (tmp_path / "fails").touch()
                chosen(tmux)
                tmux.sees("ended with 3", "the text is in")
                left(tmux)

        await in_tmux(fly)
        assert data(alive) == {"mode": "live", "limit": "10"}
    assert b"run-intent" not in bytes_of_record(tmp_path)


async def test_a_shell_in_a_pod_has_the_terminal_and_gives_it_back(tmp_path: Path) -> None:
    """What is typed goes to it alone, what it shows is not recorded, and its end paints the cockpit again."""
    says = 'test -t 0 && test -t 1 || exit 9\necho "$@"\nprintf "pod# "\nread line\necho "you typed $line"; read line'
    executable(tmp_path / "bin" / "kubectl", says)
    shell = step("shell", program("kubectl", "exec", "-it", "pod-1", "--", "sh", tty=True), risk="interactive")
    shop(tmp_path, shell)

    def fly() -> None:
        with opened(tmp_path, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}") as tmux:
            chosen(tmux)
            tmux.sees("kubectl exec -it pod-1 -- sh", "it gets the whole terminal")
            tmux.keys("y")
            seen = tmux.sees("exec -it pod-1 -- sh\npod#")
            assert "Timeline" not in seen
            tmux.type("q D secret-word")
            tmux.keys("Enter")
            tmux.sees("you typed q D secret-word")
            tmux.keys("Enter")
            tmux.sees("exit 0", "not recorded")
            seen = home(tmux, "Shell exit 0")
            assert "you typed" not in seen
            left(tmux)

    await in_tmux(fly)
    assert b"secret-word" not in bytes_of_record(tmp_path)


@pytest.mark.parametrize("key", ["X", "Escape"])
async def test_what_goes_on_is_stopped_by_a_key(tmp_path: Path, key: str) -> None:
    """A log that is followed comes line by line; stopping it ends the program, which is its success."""
    log, pid = tmp_path / "log", tmp_path / "follows"
    log.write_text("first line\n")
    executable(tmp_path / "bin" / "kubectl", f'echo $$ > "{pid}"; exec tail -f "{log}"')
    shop(tmp_path, step("follow", program("kubectl", "logs", "-f", "pod-1")))

    def fly() -> None:
        with opened(tmp_path, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}") as tmux:
            chosen(tmux)
            tmux.sees("kubectl logs -f pod-1", "first line", "goes on until it is stopped", "X stops it")
            with log.open("a") as more:
                more.write("second line\n")
            tmux.sees("second line")
            tmux.keys(key)
            if key == "X":
                tmux.sees("esc back")
            home(tmux, "Follow exit 0")
            left(tmux)

    await in_tmux(fly)
    await eventually(lambda: not Path(f"/proc/{pid.read_text().strip()}").exists())
