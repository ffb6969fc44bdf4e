"""Who is on call: by the pagers of a configuration, and by a copy for when none answers."""
