"""The toolkit's way to the terminal, for terminals that hang or are taken away: it never waits for one for long."""

from __future__ import annotations

import os

from textual.drivers.linux_driver import LinuxDriver

PATIENCE = 1.0
"""Seconds for which the end waits for a line to take what is still to be written; one that hangs may never."""


class TerminalDriver(LinuxDriver):
    """A driver that can be told to continue and to end whatever the line does."""

    def start_application_mode(self) -> None:
        """Take the terminal. What is written waits in a queue without an end: how much of a picture may wait is bounded
        by whoever draws (`lending.line_of`), and the last words of an end must hold up nobody."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is not None:
            self._writer_thread._queue.maxsize = 0

    def close(self) -> None:
        """Write what is still to be written, if the line takes it soon."""
        if (writer := self._writer_thread) is not None:
            writer._queue.put(None)
            writer.join(PATIENCE)

    def take_anew(self) -> bool:
        """Take the terminal again after a stop that nobody heard of, SIGSTOP; whether it was taken.

        Textual would start on it a second time, with a second thread for the keys and one for what is written, and
        would do so on a terminal that is gone as well: whoever takes that away sends SIGHUP and then SIGCONT. One that
        is lent is left to whom it was lent.
        """
        if not self._auto_restart or not os.isatty(self.fileno):
            return False
        self.suspend_application_mode()
        self.resume_application_mode()
        return True
