"""What is to be run: fences and lines as commands, statements and requests."""
