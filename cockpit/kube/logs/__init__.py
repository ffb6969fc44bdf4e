"""Logs of containers: the end of one, or one followed; lines cleaned, redacted and bounded."""
