"""The outbox: what the record holds for an audience is brought to its channels, once, however often it takes."""
