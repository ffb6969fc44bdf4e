"""Alertmanager as a source: which alerts fire."""
