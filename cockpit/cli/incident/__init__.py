"""Looking at an incident and doing what the grammar of the room asks for, from the shell."""
