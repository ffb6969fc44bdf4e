"""What is done within a cluster where its names resolve: a command, a port, a request, a service by proxy."""
