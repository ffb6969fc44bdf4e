"""The deeds of the cockpit that open a page."""
