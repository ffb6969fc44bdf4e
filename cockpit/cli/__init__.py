"""The command line, a file for each group; thin: what is done is done in the room."""
