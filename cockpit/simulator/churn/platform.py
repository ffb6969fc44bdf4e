"""Where Churn Saver is hosted: its settings, its crons and its log, as the host's command line changes them."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta

DEFAULTS = {
    "WEBHOOK_PROCESSING_ENABLED": "true",
    "SCHEDULER_ENABLED": "true",
    "NOTIFICATIONS_ENABLED": "true",
    "READ_ONLY_MODE": "false",
    "ROLLBACK_MODE": "false",
}
"""The settings of production-incident-response-plan.md:121-207, as they are on a good day."""
_KEPT = 5000


class Platform:
    """The settings take effect at once: the application reads them for each thing that it does."""

    def __init__(self) -> None:
        self.settings = dict(DEFAULTS)
        self.crons_paused = False
        self._log: deque[tuple[datetime, str]] = deque(maxlen=_KEPT)

    def on(self, name: str) -> bool:
        """Whether a setting says yes."""
        return self.settings.get(name, DEFAULTS.get(name, "false")).strip().lower() == "true"

    def say(self, level: str, text: str) -> None:
        """Write a line of log."""
        self._log.append((datetime.now(UTC), f"{level} {text}"))

    def log(self, since: timedelta) -> list[str]:
        """The lines of the last so much time, the oldest first."""
        start = datetime.now(UTC) - since
        return [f"{at:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + f"Z {text}" for at, text in self._log if at >= start]
