"""The full-screen cockpit, in Textual: app, screens, panes and widgets, each with its style beside it."""
