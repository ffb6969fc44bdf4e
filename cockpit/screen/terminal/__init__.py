"""What is between the screens and the terminal: its abilities, marks, colours, wire, clipboard, bell."""
