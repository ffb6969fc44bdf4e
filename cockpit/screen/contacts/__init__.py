"""The page of whom one can call."""
