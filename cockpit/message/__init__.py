"""What is told to whom: templates, audiences, channels, and the outbox that remembers what was delivered."""
