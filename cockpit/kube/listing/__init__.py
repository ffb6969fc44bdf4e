"""Collections of the API, listed page by page and then watched: how they stay current, and how current they are."""
