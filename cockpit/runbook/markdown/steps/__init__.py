"""Sections as scenarios, and what stands in them as steps."""
