"""What reaches into pods: commands, forwarded ports, and requests through the server."""
