"""What a document left open in a command: found, named, and put back as parameters."""
