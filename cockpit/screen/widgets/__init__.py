"""What the screens are made of: lines, header, footer, prompt."""
