"""`cockpit message destinations`: who is to be told, why, and what is missing; nothing is written by it."""

from __future__ import annotations

from tests.cli.shell import Shell


def test_who_is_to_be_told_is_printed_with_why(shell: Shell) -> None:
    (shell.folder / "cockpit.yaml").write_text(
        f"version: 1\nchannels:\n  paper: {{type: file, path: {shell.folder}/messages.txt}}\n"
        "audiences:\n  customers: [paper]\n  regulators: [paper]\n"
    )
    told = shell.declared()
    before = len(told("incident", "timeline", "--json").ok().json)
    lines = told("message", "destinations").ok().out.splitlines()
    assert lines[0] == "[x] customers        by paper · status-page-initial"
    assert "within 5 minutes (payment-service-runbook.md:96)" in lines[1]
    assert "[ ] regulators       by paper · regulatory-notice" in lines
    assert any(line.strip().startswith("--set duty=TEXT") for line in lines)
    resolved = (
        told("message", "destinations", "--to", "resolved", "--set", "explanation=It was full", "--json").ok().json
    )
    customers = next(each for each in resolved if each["audience"] == "customers")
    assert (customers["ticked"], customers["template"]) == (True, "status-page-resolution")
    assert "It was full." in customers["message"]["text"]
    told("message", "destinations", "--set", "explanation").wrong("NAME=TEXT")
    assert len(told("incident", "timeline", "--json").ok().json) == before
