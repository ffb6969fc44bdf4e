"""The incident cockpit: one terminal for everything that responders need while production is broken."""
