"""Actions on the outside world: prepared as a plan, confirmed, recorded before and after, verified, undone."""
