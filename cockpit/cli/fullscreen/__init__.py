"""The full-screen cockpit, alone or with several people in tmux."""
