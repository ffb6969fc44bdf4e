"""Opsgenie: pages as alerts, and who is on call."""
