"""The page of sources: how current each is."""
