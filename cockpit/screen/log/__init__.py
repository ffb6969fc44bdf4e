"""The page of a log."""
