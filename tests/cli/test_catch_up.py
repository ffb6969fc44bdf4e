"""`incident catch-up`: what others did meanwhile, without marking anything as seen."""

from __future__ import annotations

from cockpit.values import replace
from tests.cli.shell import Shell


def test_what_others_did_is_told_as_text_and_as_json(shell: Shell) -> None:
    shell.declared()
    bob = replace(shell, environ={"COCKPIT_AS": "@bob"})
    bob("incident", "role", "ops", "@bob").ok()
    bob("incident", "decide", "roll back to 1.4.1").ok()
    bob("incident", "ask", "@alice", "5m", "is", "replication", "caught", "up").ok()
    told = shell("incident", "catch-up").ok().out
    assert ", since your last entry at " in told.splitlines()[0]
    assert told.splitlines()[0].endswith("Z, 0 s ago: 3 entries by others") or "s ago: 3 entries by others" in told
    assert "\nAsked of you (1)\n" in told
    assert "@bob is operations lead, by @bob" in told
    assert "decided: roll back to 1.4.1" in told
    data = shell("incident", "catch-up", "--json").ok().json
    assert (data["entries"], [group["title"] for group in data["groups"]][:3]) == (
        3, ["Asked of you", "People", "Decided"],
    )  # fmt: skip
    refs = [line["ref"] for group in data["groups"] if group["title"] == "Decided" for line in group["lines"]]
    assert refs[0] in shell("incident", "timeline").ok().out
    assert shell("incident", "catch-up", "--since", "-1h", "--json").ok().json["since"].endswith("1 h ago")
    assert not (shell.journal.parent / "seen").exists()


def test_nothing_to_catch_up_with(shell: Shell) -> None:
    shell("incident", "catch-up").wrong("there is no incident")
    shell.declared()
    assert ": nothing new" in shell("incident", "catch-up").ok().out.splitlines()[0]
    shell("incident", "catch-up", "--since", "tomorrow").wrong("is no time")
