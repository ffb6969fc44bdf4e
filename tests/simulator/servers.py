"""Loopback servers for tests: an ASGI application on a free port, and a cluster behind one."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from cockpit.simulator.cluster import EVERYTHING, READING, Cluster, Rule, User

ADMIN, VIEWER, NOBODY = "admin-token", "viewer-token", "nobody-token"
USERS = {
    ADMIN: User("admin", rules=(EVERYTHING,)),
    VIEWER: User("viewer", rules=(Rule(READING.verbs, ("",), ("configmaps",)),)),
    NOBODY: User("nobody"),
}


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI application on a free loopback port; gives its base address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="wsproto", timeout_graceful_shutdown=2
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()  # without its main loop and its pauses: many tests start and stop a server
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await _stop(server)


async def _stop(server: uvicorn.Server) -> None:
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    for _ in range(1000):
        if not (server.server_state.connections or server.server_state.tasks):
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"connections do not end: {server.server_state.connections}")


@dataclass(slots=True)
class Served:
    """A running cluster and where its API server listens."""

    cluster: Cluster
    url: str

    def kubeconfig(self, folder: Path, token: str = ADMIN) -> Path:
        """A kubeconfig file for kubectl and the Python client."""
        path = folder / f"kubeconfig-{token}"
        context = {"cluster": "simulated", "user": "me", "namespace": "default"}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "simulated", "cluster": {"server": self.url}}],
            "users": [{"name": "me", "user": {"token": token}}],
            "contexts": [{"name": "simulated", "context": context}],
            "current-context": "simulated",
        }
        path.write_text(json.dumps(config))
        return path


@asynccontextmanager
async def served_cluster(cluster: Cluster, anonymous: User | None = USERS[ADMIN]) -> AsyncIterator[Served]:
    """Run a cluster's controllers and serve its API; kubectl, which sends no token over plain HTTP, is `anonymous`."""
    running = asyncio.create_task(cluster.run())
    try:
        async with serving(cluster.app(USERS, anonymous)) as url:
            try:
                yield Served(cluster, url)
            finally:
                cluster.close()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@dataclass(slots=True)
class Output:
    """What a command printed."""

    code: int
    out: str
    err: str


async def run_command(*command: str, kubeconfig: Path, home: Path, timeout: float = 60, **environment: str) -> Output:
    """Run a command as a user with this kubeconfig would; raises TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "KUBECONFIG": str(kubeconfig), **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), timeout)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return Output(process.returncode or 0, out.decode(), err.decode())
