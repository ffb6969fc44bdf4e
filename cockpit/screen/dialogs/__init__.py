"""Small screens over the cockpit that ask for one thing and give it back."""
