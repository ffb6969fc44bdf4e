"""The pages about messages: what was told and how it went, the clocks, whom to call."""
