"""Pods: slim rows of them, what is wrong with each, what it uses, and one in full."""
