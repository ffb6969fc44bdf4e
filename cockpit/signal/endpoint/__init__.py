"""Endpoints: whether the service and what it depends on answer, asked over HTTP and TCP, or read from a status page."""
