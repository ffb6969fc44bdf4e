"""What is told to others, what became of it, and whom one can call."""
