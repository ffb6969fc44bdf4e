"""A credential plugin (`exec` of a kubeconfig's user), run so that it cannot touch the terminal.

The protocol is kubernetes.io/docs/reference/access-authn-authz/authentication, "client-go credential plugins".
"""

# The library says that it is typed, yet most of its configuration is not.
# mypy: disable-error-code="no-untyped-call, unused-ignore"

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kubernetes.config.config_exception import ConfigException
from kubernetes.config.exec_provider import ExecProvider

PLUGIN_TIMEOUT = 60.0
"""Seconds that a credential plugin may take; one that waits for a browser login is cut off there."""
MOST = 1024 * 1024
"""Bytes of its output that are read; a credential has some thousands."""
_LOOK = 0.05
"""Seconds between two looks whether it has ended while others hold its outputs open."""


class LoginNeeded(ConfigException):  # type: ignore[misc]
    """No credentials were given, in words that a person can act on: mostly somebody must log in."""


class Plugin(ExecProvider):  # type: ignore[misc]
    """A credential plugin without input and without a terminal; what it says goes into the error.

    The library hands plugins the terminal when there is one, which a full-screen program cannot allow.

    Args:
        started: called with the process once it runs, so that it can be stopped from elsewhere.
    """

    def __init__(self, config: Any, cwd: str, cluster: Any, started: Callable[[subprocess.Popen[bytes]], None]) -> None:
        super().__init__(config, cwd, cluster)
        self._started = started

    def run(self, previous_response: Any = None) -> Any:
        """Give the plugin's `status`. Raises LoginNeeded or ConfigException with what it said."""
        self.env["KUBERNETES_EXEC_INFO"] = json.dumps(self._request())
        name = os.path.basename(self.args[0])
        code, out, error = self._ran(name)
        if code != 0:
            said = error.decode("utf-8", "replace").strip() or "nothing said"
            raise LoginNeeded(f"credential plugin {name} failed with exit status {code}: {said}")
        try:
            return json.loads(out)["status"]
        except (ValueError, KeyError, TypeError, RecursionError) as wrong:
            raise ConfigException(f"credential plugin {name} printed no ExecCredential with a status") from wrong

    def _ran(self, name: str) -> tuple[int, bytes, bytes]:
        """Exit status and output; in a session of its own, so that it has no terminal to open and ends as a whole."""
        try:
            process = subprocess.Popen(
                self.args,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.cwd,
                env=self.env,
                start_new_session=True,
            )
        except OSError as error:
            raise ConfigException(f"credential plugin {name} cannot be run: {error.strerror}") from error
        self._started(process)
        try:
            out, said = _collected(process, PLUGIN_TIMEOUT)
            if len(out) > MOST:
                raise ConfigException(f"credential plugin {name} printed more than {MOST >> 20} MiB: no credential is")
            process.wait(PLUGIN_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise LoginNeeded(
                f"credential plugin {name} took longer than {PLUGIN_TIMEOUT:.0f} s: it may wait for a login"
            ) from error
        finally:
            _left(process)
        return process.returncode, out, said

    def _request(self) -> dict[str, Any]:
        """The ExecCredential that tells the plugin who asks."""
        spec: dict[str, Any] = {"interactive": False}
        if self.cluster:
            spec["cluster"] = dict(self.cluster.value)
            for extension in spec["cluster"].pop("extensions", None) or []:
                if extension.get("name") == "client.authentication.k8s.io/exec":
                    spec["cluster"]["config"] = extension.get("extension")
        return {"apiVersion": self.api_version, "kind": "ExecCredential", "spec": spec}


def _collected(process: subprocess.Popen[bytes], within: float) -> tuple[bytes, bytes]:
    """What it writes on both outputs until it has ended; of each `MOST` bytes, and one more where there are more.

    What it leaves behind, a browser say, may hold its outputs open: that is not waited for.

    Raises:
        subprocess.TimeoutExpired: it has not ended `within` seconds.
    """
    assert process.stdout
    assert process.stderr
    taken = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    late = time.monotonic() + within
    with selectors.DefaultSelector() as waiting:
        for number in taken:
            waiting.register(number, selectors.EVENT_READ)
        while waiting.get_map():
            if time.monotonic() > late:
                raise subprocess.TimeoutExpired(process.args, within)
            ended = process.poll() is not None
            ready = waiting.select(0.0 if ended else _LOOK)
            for key, _ in ready:
                piece = os.read(key.fd, 65_536)
                taken[key.fd] += piece[: MOST + 1 - len(taken[key.fd])]
                if not piece:
                    waiting.unregister(key.fd)
            if ended and not ready:
                break
            if len(taken[process.stdout.fileno()]) > MOST:
                break
    return bytes(taken[process.stdout.fileno()]), bytes(taken[process.stderr.fileno()])


def _left(process: subprocess.Popen[bytes]) -> None:
    """Leave a plugin, also where what it has started in another session keeps its output open."""
    end(process)
    for output in (process.stdout, process.stderr):
        if output:
            output.close()
    process.wait()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a plugin and what it has started."""
    with suppress(ProcessLookupError, PermissionError):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
