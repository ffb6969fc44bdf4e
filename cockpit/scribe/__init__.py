"""The scribe: writes the record as a document for people, and as data for programs."""
