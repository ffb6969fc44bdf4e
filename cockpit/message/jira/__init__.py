"""Jira: the incident's ticket, and issues for what follows."""
