"""Command lines that are read and copied: what the shell makes of them is what was meant."""

from __future__ import annotations

import shlex
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from cockpit.action.quoting import joined, quoted


@given(st.text())
def test_a_shell_reads_the_same_word(text: str) -> None:
    assert shlex.split(quoted(text)) == [text]


def test_single_quotes_stand_in_double_ones_where_the_shell_reads_nothing_else() -> None:
    assert quoted("WHERE a = 'b'") == """"WHERE a = 'b'\""""
    assert quoted("'$(id)'") == shlex.quote("'$(id)'")


def test_the_name_of_a_secret_is_filled_in_by_the_shell_and_nothing_else_is() -> None:
    line = joined(
        ["printf", "%s|", "key: s3cr3t", "$HOME", "a`id`s3cr3t"], ["printf", "%s|", "key: $KEY", "$HOME", "a`id`$KEY"]
    )
    assert "s3cr3t" not in line
    done = subprocess.run(
        ["sh", "-c", line], env={"KEY": "s3cr3t", "HOME": "/h"}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "key: s3cr3t|$HOME|a`id`$KEY|"
