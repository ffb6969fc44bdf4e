"""The incident itself, pure: entries, the fold from record to state, policies, clocks, checklists. No I/O."""
