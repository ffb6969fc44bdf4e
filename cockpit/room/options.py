"""What a cockpit or a command was started with: flags, environment, folder."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from platformdirs import user_state_path

from cockpit.room.refusal import Refusal


class Options(Struct, frozen=True):
    """Shared flags, as given. `environ` is the process's environment."""

    environ: Mapping[str, str]
    cwd: Path
    config: Path | None = None
    incident: str = ""
    unmerged: bool = False
    """The own record of a duplicate, though it was merged."""
    service: str = ""
    actor: str = ""
    role: str | None = None
    read_only: bool = False
    near: bool = False
    """A demo: messages reach nothing but this machine, whatever the configuration says."""
    shared: bool = False
    """Several people sit at this terminal: whoever types claims the keyboard first."""
    kubeconfig: Path | None = None
    context: str = ""
    namespace: str = ""
    selector: str = ""
    deployment: str = ""
    journal: Path | None = None

    @property
    def journal_path(self) -> Path:
        """Where the record is: `$XDG_STATE_HOME/cockpit/record.db`."""
        if self.journal is not None:
            return self.journal
        base = self.environ.get("XDG_STATE_HOME")
        return (Path(base) / "cockpit" if base else user_state_path("cockpit")) / "record.db"

    @property
    def shared_record(self) -> str:
        """The connection string of the shared record, where the configuration names none: `COCKPIT_RECORD`."""
        return self.environ.get("COCKPIT_RECORD", "")

    @property
    def handle(self) -> str:
        """Who acts: `--as`, `COCKPIT_AS`, else the login name; raises Refusal when none can be one."""
        from cockpit.room.requests import handle  # with all that is asked of a room: the first picture is without it

        given = self.actor or self.environ.get("COCKPIT_AS", "")
        if given:
            return handle(given)
        try:
            return handle(getpass.getuser())
        except (KeyError, OSError, ImportError, Refusal):
            return "@unknown"
