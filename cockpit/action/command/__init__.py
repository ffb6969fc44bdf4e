"""Programs of this machine as steps: watched, bounded, and ended with everything that they started."""

from cockpit.action.command.program import Command

__all__ = ["Command"]
