"""What is seen of the service as it is now, and what is done to what is seen."""
