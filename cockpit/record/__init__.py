"""The record where it is kept: the local journal, its verification, and drafts that survive a crash."""
