"""Runbooks from the shell: reading, importing and running their steps."""
