"""The document itself: bytes as text, text as blocks and lines, blocks under their headings."""
