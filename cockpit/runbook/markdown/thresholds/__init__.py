"""Numbers of a document as thresholds: what is measured, how it is meant, and on which side it is bad."""
