"""The four panes of the cockpit: pods, signals, checklist, timeline."""
