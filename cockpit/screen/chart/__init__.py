"""The page of one signal: its course as a chart."""
