"""Severity schemes of a document: what levels are called, what defines them, what is promised for each."""
