"""The war room: requests become entries here, signals come in here, and screens and commands speak to it alone."""
