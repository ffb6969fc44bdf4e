"""One deployment: how it stands, what changes it, and whether that took hold."""
