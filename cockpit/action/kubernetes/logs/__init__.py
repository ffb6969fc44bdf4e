"""What is read in the logs of pods."""
