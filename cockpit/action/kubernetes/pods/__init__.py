"""What is done to one pod or several: chosen, deleted, entered, reached."""
