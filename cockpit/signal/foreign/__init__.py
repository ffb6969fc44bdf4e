"""What somebody else changes: told because no run of the cockpit made it."""
