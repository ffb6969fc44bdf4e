"""The outage in a box: alone, or with a cockpit over it."""
