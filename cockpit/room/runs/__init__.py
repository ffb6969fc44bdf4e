"""Runs: what a step needs, whose turn it is, its way into the record, and whether it helped."""
