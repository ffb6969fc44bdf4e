"""Slack: a bot's posts and rooms, and plain webhooks."""
