"""The page of one pod."""
