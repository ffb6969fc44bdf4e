"""The command line, a package for each subject; thin: what is done is done in the room."""
