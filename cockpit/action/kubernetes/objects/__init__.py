"""What is read of any object: as a list, in all its fields, with what it uses."""
