"""Deployments and sets: how far a rollout is, which revisions there are, and what differs between them."""
