"""The page of the rollout: how it goes, its revisions, what changed."""
