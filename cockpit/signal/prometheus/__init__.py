"""Prometheus as a source: many queries on one clock, and their past."""
