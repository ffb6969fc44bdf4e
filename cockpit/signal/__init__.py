"""Live readings of a service: pods, rollout, metrics and their thresholds, each with its freshness."""
