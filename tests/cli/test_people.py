"""Who does what, from the shell: a role given, handed over and taken; an ask; a clock put off; a page by hand."""

from __future__ import annotations

from tests.cli.shell import Shell

PLAN = "{version: 1, services: {payment-service: {runbook: payment-service, policy: incident-response-plan}}}"


def test_command_is_handed_over_between_two_shells(shell: Shell) -> None:
    (shell.folder / "cockpit.yaml").write_text(PLAN)
    bob = Shell(shell.folder, {"COCKPIT_AS": "@bob"})
    shell.declared()
    assert "IC nobody (P1: Senior engineer on-call commands)" in shell("incident", "show").ok().out
    shell("incident", "role", "ic", "alice").ok()
    bob("incident", "role", "ic", "@bob").wrong("held by @alice", "`handover ic @bob`", "`--replace WHY`")
    bob("incident", "handover", "ic", "@bob").wrong("held by @alice, and only they can offer it")
    shell("incident", "handover", "ic", "@bob", "my", "shift", "ends").ok()
    shell("incident", "handover", "ic", "--accept").wrong("is offered to @bob, not to @alice")
    accepted = bob("incident", "handover", "ic", "--accept", "--json").ok().json["entries"]
    assert [(entry["kind"], entry["actor"]) for entry in accepted] == [("handover", "@bob"), ("role", "@bob")]
    assert shell("incident", "show", "--json").ok().json["roles"] == {"ic": "@bob"}


def test_what_is_asked_put_off_and_paged_by_hand_is_said(shell: Shell) -> None:
    shell.declared()
    asked = shell("incident", "ask", "@dba", "5m", "is", "replication", "caught", "up").ok().out
    assert "A1 @dba asked by " in asked
    shell("incident", "snooze", "page", "20m", "--why", "legal reads it").ok()
    paged = shell("incident", "page", "network-team", "the link is down").ok().out
    assert "by hand: nothing was sent, no channel reaches them" in paged
    shown = shell("incident", "show").ok().out
    for words in ("page: running, 19:", "snoozed until then: legal reads it", "A1 @dba: running", "A1 @dba opened"):
        assert words in shown, shown
    assert "A1 @dba answered: 40 s behind" in shell("incident", "ask", "a1", "--answer", "40 s behind").ok().out
    shell("--shared", "incident", "note", "who am I").wrong("--shared is for the cockpit", "--as HANDLE")
    shell("incident", "role", "ic", "bob\x1b[2J").wrong("is no handle")
