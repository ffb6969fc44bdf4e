"""A cockpit is killed while a step runs: the intent stands, its outcome is unknown, and nothing is run a second time.

What was done is counted where it arrives: by the cluster, the database, a server, and in a file that a program writes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from replay import answering, kubeconfig, serving
from screen.flying import flying
from screen.tmux import session
from starlette.requests import Request
from starlette.responses import Response

from tests.action.breaking import Proxy
from tests.cli.shell import Done, Shell
from tests.conftest import eventually
from tests.postgres import running
from tests.shop import cluster, script, shop, step
from tests.simcluster import NAME, NAMESPACE, living

pytestmark = pytest.mark.anyio

Fact = Callable[[], object] | Callable[[], Awaitable[object]]


async def asked(shell: Shell, *args: object) -> Done:
    """Run a command while the loop goes on serving whatever it speaks with."""
    return await asyncio.to_thread(shell, *args)


async def killed_while(shell: Shell, under_way: Fact) -> None:
    """An incident is declared, `mend` is run, and the command is killed as soon as `under_way`."""
    (await asked(shell, "incident", "start", "trouble", "p1")).ok()
    argv = shell.argv("runbook", "run", "mend", "--yes")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=shell.folder, env=shell.env(), stdin=quiet, stdout=quiet, stderr=quiet
    )
    try:
        await eventually(under_way)
    finally:
        process.kill()
        await process.wait()
    assert process.returncode == -signal.SIGKILL, "it had come to its end by itself"


async def told_as_unknown(shell: Shell) -> None:
    """The record has the intent and no result, is sound, and says everywhere that nobody knows how it ended."""
    entries = (await asked(shell, "incident", "timeline", "--all", "--json")).ok().json
    kinds = [entry["kind"] for entry in entries if entry["kind"].startswith("run-")]
    assert kinds.count("run-intent") == 1
    assert "run-result" not in kinds
    (await asked(shell, "incident", "verify")).ok()
    [change] = (await asked(shell, "incident", "mitigations", "--json")).ok().json
    assert (change["step"], change["outcome"], change["risk"]) == ("mend", "unknown", "changing")
    assert "Mend" in (mitigations := (await asked(shell, "incident", "mitigations")).ok().out)
    assert "(outcome unknown)" in mitigations
    assert "outcome unknown: the record holds no result" in (await asked(shell, "export")).ok().out


async def opened_again(shell: Shell, live: str = "Timeline") -> None:
    """A cockpit is opened on the record, looks at the step that was cut off once it shows `live`, and is left."""
    async with flying(shell.folder, shell.folder / "cockpit.yaml", actor="@bob", journal=shell.journal) as cockpit:
        await cockpit.sees("▸ Mend", live)
        await cockpit.press("a")
        await cockpit.sees("? mitigate")
        await cockpit.press("enter")
        await cockpit.sees("last run", "by @alice: outcome unknown")
        kinds = [kind for kind in cockpit.kinds if kind in ("run-intent", "run-result")]
        assert kinds == ["run-intent"]


async def test_a_program(tmp_path: Path) -> None:
    """It goes on by itself, as a program does whose parent is killed; it is not started again."""
    shop(tmp_path, step("mend", script('echo $$ >> "$HOME/ran"; sleep 300'), kind="mitigate", risk="changing"))
    shell, ran = Shell(tmp_path), tmp_path / "ran"
    try:
        await killed_while(shell, lambda: ran.exists() and ran.read_text().strip())
        await told_as_unknown(shell)
        await opened_again(shell)
        assert len(ran.read_text().split()) == 1
    finally:
        for each in ran.read_text().split() if ran.exists() else ():
            with suppress(ProcessLookupError):
                os.kill(int(each), signal.SIGKILL)


async def test_a_request(tmp_path: Path) -> None:
    """The server has it and never answers."""
    arrived: list[str] = []

    async def hold(request: Request) -> Response:
        arrived.append(f"{request.method} {request.url.path}")
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits for so long")

    async with serving(answering(hold)) as address:
        action = {"kind": "http", "method": "POST", "url": f"{address}/settle"}
        shop(tmp_path, step("mend", action, kind="mitigate", timeout="10m"))
        shell = Shell(tmp_path)
        await killed_while(shell, lambda: arrived)
        await told_as_unknown(shell)
        await opened_again(shell)
    assert arrived == ["POST /settle"]


async def test_a_statement(tmp_path: Path) -> None:
    """A sequence counts how often it was begun: it is not rolled back with its transaction."""
    with running() as server:
        dsn = server.dsn(urlsplit(server.database()).path.removeprefix("/"))
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE SEQUENCE begun")

            def begun() -> int:
                row = connection.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM begun").fetchone()
                return int(row[0]) if row else 0

            action = {"kind": "sql", "statement": "SELECT nextval('begun'), pg_sleep(300)", "timeout": "10m"}
            where = {"main": {"dsn": {"env": "SHOP"}, "write_dsn": {"env": "SHOP"}}}
            mend = step("mend", action, kind="mitigate", timeout="10m")
            shop(tmp_path, mend, service={"postgresql": "main"}, postgresql=where)
            shell = Shell(tmp_path, {"SHOP": dsn})
            await killed_while(shell, begun)
            await told_as_unknown(shell)
            await opened_again(shell)
            assert begun() == 1


async def test_a_change_of_the_cluster(tmp_path: Path) -> None:
    """The deployment was scaled and its answer never came; what runs is as the one request made it."""
    sent: list[str] = []
    proxy = Proxy("hold", overtake=lambda: sent.append("PATCH"))
    async with living(tmp_path) as alive, proxy.before(int(alive.server.rpartition(":")[2])) as port:
        kubeconfig(tmp_path, f"http://127.0.0.1:{port}")
        action = {"kind": "kubernetes", "verb": "scale", "replicas": 5}
        shop(tmp_path, step("mend", action, kind="mitigate"), **cluster(tmp_path))
        shell = Shell(tmp_path)
        await killed_while(shell, proxy.taken.is_set)
        proxy.what = "pass"
        await told_as_unknown(shell)
        await opened_again(shell, "5 ready")
        found = alive.cluster.get("deployments", NAMESPACE, NAME)
        assert found is not None
        assert (found["spec"]["replicas"], sent) == (5, ["PATCH"])


@pytest.mark.tmux
@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
async def test_a_cockpit_that_is_flown_by_keys(tmp_path: Path) -> None:
    """The screen is killed while it shows the output of its step."""
    shop(tmp_path, step("mend", script('echo "$$" >> "$HOME/ran"; echo begun; sleep 300'), kind="mitigate"))
    shell, ran = Shell(tmp_path), tmp_path / "ran"
    (await asked(shell, "incident", "start", "trouble", "p1")).ok()

    def fly() -> None:
        with session(tmp_path) as tmux:
            tmux.shell(f"export XDG_STATE_HOME={tmp_path / 'state'}")
            tmux.cockpit("--config", "cockpit.yaml", "--as", "@alice")
            tmux.sees("4 Timeline")
            tmux.keys("a")
            tmux.sees("mitigate Mend")
            tmux.keys("Enter")
            tmux.sees("no (default)")
            tmux.keys("y")
            tmux.sees("begun", "X cancel")
            tmux.waits(lambda: ran.exists() and ran.read_text().strip(), lambda: tmux.picture)  # it did begin
            os.kill(tmux.pid, signal.SIGKILL)
            tmux.sees("it ended with 137")

    try:
        await asyncio.to_thread(fly)
        await told_as_unknown(shell)
        await opened_again(shell)
        assert len(ran.read_text().split()) == 1
    finally:
        for each in ran.read_text().split() if ran.exists() else ():
            with suppress(ProcessLookupError):
                os.kill(int(each), signal.SIGKILL)
