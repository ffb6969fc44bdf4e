"""Message templates: Markdown-like files with a head of YAML, found by name, rendered from the record."""
