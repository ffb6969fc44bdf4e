"""PostgreSQL as a source: its sessions, and signals that SQL reads."""
