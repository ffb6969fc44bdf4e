"""The record that several journals share: a PostgreSQL that takes each entry once, and tells the others."""
