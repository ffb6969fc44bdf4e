"""What the screens see: plain views, so that no screen knows a source."""
