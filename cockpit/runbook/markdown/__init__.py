"""Runbooks from Markdown as it stands: its blocks, its commands, and what else it says."""
