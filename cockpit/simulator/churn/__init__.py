"""Churn Saver of production-incident-response-plan.md: an HTTP application with settings, crons and a real database."""
