"""What becomes of objects that are written: decoded, patched, filled in, refused, kept."""
