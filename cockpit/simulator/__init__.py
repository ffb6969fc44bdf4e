"""An outage in a box: loopback servers that speak the real APIs, with faults that the right action really mends."""
