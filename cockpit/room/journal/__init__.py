"""Incidents as the journal has them: which is open here, which others there are, what is to be read of them."""
