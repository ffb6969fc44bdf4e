"""A credential plugin (`exec` of a kubeconfig's user), run so that it cannot touch the terminal.

The protocol is kubernetes.io/docs/reference/access-authn-authz/authentication, "client-go credential plugins".
"""

# The library says that it is typed, yet most of its configuration is not.
# mypy: disable-error-code="no-untyped-call, unused-ignore"

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kubernetes.config.config_exception import ConfigException
from kubernetes.config.exec_provider import ExecProvider

PLUGIN_TIMEOUT = 60.0
"""Seconds that a credential plugin may take; one that waits for a browser login is cut off there."""
_LAST_WORDS = 1.0
"""Seconds until the output of one that was ended counts as held by others."""


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
            out, said = process.communicate(timeout=PLUGIN_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            end(process)
            _left(process)
            raise LoginNeeded(
                f"credential plugin {name} took longer than {PLUGIN_TIMEOUT:.0f} s: it may wait for a login"
            ) from error
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


def _left(process: subprocess.Popen[bytes]) -> None:
    """Leave an ended plugin, also where what it has started in another session keeps its output open."""
    try:
        process.communicate(timeout=_LAST_WORDS)
    except subprocess.TimeoutExpired:
        for output in (process.stdout, process.stderr):
            if output:
                output.close()
        process.wait()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a plugin and what it has started."""
    with suppress(ProcessLookupError, PermissionError):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
