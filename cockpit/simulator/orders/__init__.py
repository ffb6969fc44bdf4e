"""The order service of order-service-playbook.md: pods with real sessions in a real PostgreSQL."""
