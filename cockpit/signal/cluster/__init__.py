"""The cluster as a source: pods, deployment, revisions, usage; folded into what a timeline says."""
