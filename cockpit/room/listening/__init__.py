"""The webhook intake: who may send alerts, how much and how often, and what becomes of them in the record."""
