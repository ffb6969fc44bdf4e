"""The Kubernetes client made ours: access, raw list and watch, slim rows, logs, rollouts."""
