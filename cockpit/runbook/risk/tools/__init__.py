"""The rules that judge programs, a file for each kind; `RULES` in each says which."""
