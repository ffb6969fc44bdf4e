"""The bundle: one incident's record in one file, which another cockpit verifies and takes in."""
