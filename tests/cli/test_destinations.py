"""`cockpit message destinations` and `templates`: who is to be told, why, by which words, and what is missing."""

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


def test_the_templates_are_listed_with_what_they_ask(shell: Shell) -> None:
    (shell.folder / "ours").mkdir()
    (shell.folder / "ours" / "house.md").write_text(
        "---\nname: house\naudience: customers\ntitle: T\n---\n{{ nope }}\n"
    )
    (shell.folder / "cockpit.yaml").write_text("version: 1\ntemplates: [ours]\n")
    lines = shell("message", "templates").ok().out.splitlines()
    assert "status-page-resolution       customers · resolution · incident-response-process.md:103-106" in lines
    assert "    --set explanation=TEXT  a brief explanation of what happened (needed)" in lines
    assert any(line.startswith("names of a template: actions, affected, ") for line in lines)
    assert lines[-1].startswith("broken: ")
    assert "house.md:6: 'nope' is neither a field" in lines[-1]
    found = shell("message", "templates", "customer-support", "--json").ok().json
    assert [each["audiences"] for each in found["templates"]] == [["support"]]
    shell("message", "templates", "house").wrong("house.md:6: 'nope'")
