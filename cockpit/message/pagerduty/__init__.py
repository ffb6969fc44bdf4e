"""PagerDuty: pages, answers to them, and who is on call."""
