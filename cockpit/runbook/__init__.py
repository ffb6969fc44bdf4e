"""Runbooks: the model, the YAML reader, the library that finds them, and what they suggest."""
