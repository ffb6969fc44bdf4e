"""What is written of incidents that went by: exports, bundles, reviews, measures."""
