"""The command `cockpit`: hands over to the command line, and turns what goes wrong into one line and an exit code."""

from __future__ import annotations

import gc
import os
import sys

COLLECT_AFTER = 20_000
"""Allocations between two collections of garbage: loading modules allocates much and leaves none to collect."""


def main() -> None:
    """Run the command line; exits 0 when done, 1 when what was asked for failed, 2 when the request was wrong."""
    gc.set_threshold(COLLECT_AFTER)
    # Else pydantic looks through the metadata of every installed package for plugins before it makes the first model.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from cockpit.cli.root import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
