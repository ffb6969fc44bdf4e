"""What the program itself has to say, as entries: signals, changes of others, alerts and what they propose."""
