"""`cockpit message meter`: what each audience really heard last, in lines and as JSON."""

from __future__ import annotations

import re

from tests.cli.shell import Shell


def test_the_meter_is_printed(shell: Shell) -> None:
    (shell.folder / "cockpit.yaml").write_text(
        "version: 1\nchannels:\n  paper: {type: file, path: "
        f"{shell.folder}/messages.txt}}\naudiences:\n  customers: [paper]\n"
    )
    assert shell("message", "meter").ok().out.strip() == "no incident is declared: nobody is to be told"
    told = shell.declared()
    before = told("message", "meter", "--json").ok().json
    (gauge,) = [each for each in before["audiences"] if each["audience"] == "customers"]
    assert (gauge["told"], gauge["standing"], before["silence"]) == (None, "running", None)
    told("message", "send", "--yes").ok()
    after = told("message", "meter", "--json").ok().json
    (gauge,) = [each for each in after["audiences"] if each["audience"] == "customers"]
    assert gauge["told"] is not None
    assert gauge["waiting"] == gauge["undelivered"] == 0
    line = next(line for line in told("message", "meter").ok().out.splitlines() if line.startswith("customers"))
    assert re.search(r"told \d+:\d\d ago", line)


def test_what_only_a_file_took_in_the_place_of_a_channel_has_told_nobody(shell: Shell) -> None:
    """A line in a file is not the status page."""
    (shell.folder / "folder").mkdir()
    channels = "{page: {type: file, path: folder}, paper: {type: file, path: told.txt}}"
    (shell.folder / "cockpit.yaml").write_text(
        f"version: 1\nchannels: {channels}\naudiences: {{customers: [page, paper]}}\n"
    )
    told = shell.declared()
    told("message", "send", "--yes")
    line = next(line for line in told("message", "meter").ok().out.splitlines() if line.startswith("customers"))
    assert "told nothing" in line
    assert "1 not delivered" in line
    (gauge,) = [each for each in told("message", "meter", "--json").ok().json["audiences"] if each["undelivered"]]
    assert (gauge["audience"], gauge["told"], gauge["fallen_to"]) == ("customers", None, "")
