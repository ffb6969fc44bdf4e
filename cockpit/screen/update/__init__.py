"""The page on which a status update is written."""
