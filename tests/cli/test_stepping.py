"""`runbook run` and `undo`, `incident done` and `mitigations`: what is asked, what is printed, and the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Done, Shell
from tests.shop import program, script, shop, step

STEPS = (
    step("look", script('echo "looks for $ORDER"'), parameters=[{"name": "order", "pattern": "ord_[0-9]+"}]),
    step("mend", script('echo "$WORDS" >> "$HOME/door"'), kind="mitigate", risk="changing", undo_step="back",
         parameters=[{"name": "words", "default": "mended"}]),
    step("back", script('echo back >> "$HOME/door"'), risk="changing"),
    step("drop", script('echo dropped >> "$HOME/door"'), risk="destructive"),
    step("fail", script("echo why; exit 3")),
    step("vendor", manual="Ask the vendor"),
    step("pause", program("vercel", "cron", "pause"), kind="mitigate"),
)  # fmt: skip


@pytest.fixture
def here(shell: Shell) -> Shell:
    """A shop with an incident."""
    shop(shell.folder, *STEPS)
    return shell.declared()


def door(shell: Shell) -> list[str]:
    """What the steps wrote."""
    path = shell.folder / "door"
    return path.read_text().splitlines() if path.exists() else []


def kinds(shell: Shell) -> list[str]:
    """The kinds of what was recorded of runs."""
    entries = shell("incident", "timeline", "--all", "--json").ok().json
    told = [entry["kind"] for entry in entries]
    return [kind for kind in told if kind in ("run-intent", "run-result", "run-verified", "step-done")]


def ran(here: Shell, *words: str) -> Done:
    """A run that was done; on stderr stands at most that it is under way, which is told when it takes a moment."""
    done = here("runbook", "run", *words)
    assert done.code == 0, done
    assert all(line.startswith("… ") for line in done.err.splitlines()), done
    return done


def test_reading_needs_no_question(here: Shell) -> None:
    """Its value is given, its output printed; as JSON with how it stands."""
    assert ran(here, "look", "--set", "order=ord_7").out == "looks for ord_7\nsucceeded\n"
    done = ran(here, "shop", "look", "--set", "order=ord_7", "--json").json
    assert (done["standing"], done["result"]["outcome"], done["result"]["exit"]) == ("succeeded", "succeeded", 0)
    assert done["result"]["output"] == "looks for ord_7"
    assert "look" not in door(here)


def test_a_value_that_is_missing_or_wrong_is_a_wrong_request(here: Shell) -> None:
    """Exit code 2, and nothing is recorded."""
    here("runbook", "run", "look").wrong("it needs order", "--set order=VALUE")
    here("runbook", "run", "look", "--set", "order=7; rm x").wrong("order (`7; rm x` does not match ord_[0-9]+)")
    here("runbook", "run", "look", "--set", "other=1").wrong("takes no value `other`; it takes order")
    here("runbook", "run", "nothing").wrong("no step 'nothing'", "runbook show")
    here("runbook", "run", "vendor").wrong("is done by hand", "incident done vendor")
    assert kinds(here) == []


def test_a_dry_run_shows_and_does_nothing(here: Shell) -> None:
    """Also of what is destructive, without any answer."""
    shown = here("runbook", "run", "mend", "--dry-run").ok().out
    assert shown.splitlines()[:2] == [
        "mind: a shell reads it: bash",
        '$ WORDS=mended bash -c \'echo "$WORDS" >> "$HOME/door"\'',
    ]
    plan = here("runbook", "run", "drop", "--dry-run", "--json").ok().json
    assert (plan["risk"], plan["object"], plan["refusals"]) == ("destructive", "script/drop", [])
    assert (door(here), kinds(here)) == ([], [])


def test_a_change_is_done_only_with_a_yes(here: Shell) -> None:
    """There is no terminal to ask on: the missing answer is named, and nothing is recorded."""
    done = here("runbook", "run", "mend")
    assert done.code == 1
    assert "not done: it changes something and was not confirmed; answer it with --yes" in done.err.splitlines()[-1]
    assert "$ WORDS=mended" in done.err, "what would be done was shown"
    assert (door(here), kinds(here)) == ([], [])
    done = here("runbook", "run", "mend", "--set", "words=it's; done", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, "verified")
    assert door(here) == ["it's; done"]
    assert kinds(here) == ["run-intent", "run-result", "run-verified"]


def test_what_is_destructive_wants_the_name(here: Shell) -> None:
    """Neither a yes nor another name is enough."""
    for given in (("--yes",), ("--yes", "--confirm", "dro")):
        done = here("runbook", "run", "drop", *given)
        assert done.code == 1
        assert "wants the target's name: drop; answer it with --confirm drop" in done.err.splitlines()[-1]
    assert door(here) == []
    done = here("runbook", "run", "drop", "--confirm", "drop", "--json")
    assert (done.code, done.json["standing"], done.json["verified"]["verdict"]) == (0, "verified", "verified")
    assert door(here) == ["dropped"]


def test_what_fails_ends_with_1(here: Shell) -> None:
    """Its output is printed all the same, and the last line says why."""
    done = here("runbook", "run", "fail", "--yes")
    assert (done.code, done.out.splitlines()[0]) == (1, "why")
    assert done.err.splitlines()[-1].startswith("cockpit: Fail: ")
    assert here("runbook", "run", "fail", "--yes", "--json").json["result"]["exit"] == 3


def test_a_tool_that_is_missing_is_said_with_the_text_to_copy(here: Shell) -> None:
    """What the shipped runbook needs, too; then the step is done by hand."""
    here.environ["PATH"] = "/usr/bin:/bin"
    here("runbook", "run", "pause", "--yes").failed("`vercel` is not installed here", "by hand: vercel cron pause")
    assert kinds(here) == []
    told = here("incident", "done", "pause", "in", "the", "console").ok().out
    assert "Pause, done by hand" in told
    done = here("incident", "done", "vendor", "--json").ok().json
    assert (done["entries"][0]["kind"], done["entries"][0]["payload"]["step"]) == ("step-done", "vendor")
    here("incident", "done", "vendr").wrong("did you mean `vendor`?")
    here("incident", "done").wrong("STEP")
    assert kinds(here) == ["step-done", "step-done"]


def test_mitigations_and_undo(here: Shell) -> None:
    """What is in place is listed, the latest first; undoing takes it from the list, and is never done unasked."""
    here("runbook", "run", "mend", "--yes")
    here("runbook", "run", "drop", "--confirm", "drop")
    listed = here("incident", "mitigations", "--json").ok().json
    assert [each["step"] for each in listed] == ["drop", "mend"]
    assert {(each["outcome"], each["by"], each["stays"]) for each in listed} == {("succeeded", "@alice", False)}
    lines = here("incident", "mitigations").ok().out.splitlines()
    assert lines[0].startswith("run      Drop, @alice ")
    assert " · effect unknown: no cockpit saw how it was before · " in lines[0], "so that nobody waits for a verdict"
    assert "echo dropped" in lines[1]
    asked = here("runbook", "undo")
    assert asked.code == 1
    assert "echo back" in asked.err
    assert "not confirmed; answer it with --yes" in asked.err
    assert door(here) == ["mended", "dropped"]
    done = here("runbook", "undo", "--yes", "--json")
    assert (done.code, done.json["standing"]) == (0, "verified")
    assert door(here) == ["mended", "dropped", "back"]
    assert [each["step"] for each in here("incident", "mitigations", "--json").ok().json] == ["drop"]
    here("runbook", "undo", "--yes").failed("nothing was changed here that can be undone")
    assert len(door(here)) == 3


def test_resolving_asks_about_what_is_in_place(here: Shell) -> None:
    """Without an answer it is a wrong request that names the change."""
    here("runbook", "run", "mend", "--yes")
    here("incident", "resolve", "all is well").wrong("still in place: Mend", "runbook undo", "--stays")
    here("incident", "resolve", "all is well", "--stays", "all").ok()
    assert here("incident", "mitigations", "--json").ok().json[0]["stays"] is True


def test_without_an_incident_there_is_nothing_to_mark(shell: Shell) -> None:
    """Each says what to do."""
    shop(shell.folder, *STEPS)
    shell("incident", "mitigations").wrong("no incident is declared")
    shell("incident", "done", "vendor").wrong("declare")


def test_a_step_of_the_shipped_runbooks_names_the_tool_that_it_lacks(shell: Shell, tmp_path: Path) -> None:
    """The document's own commands are what is to be copied."""
    shell.environ["PATH"] = "/usr/bin:/bin"
    (tmp_path / "cockpit.yaml").write_text(
        f"version: 1\nrunbooks: [{ROOT / 'runbooks'}]\nservices:\n  churn: {{runbook: churn-saver}}\n"
    )
    shell.declared()
    done = shell("runbook", "run", "scheduler.pause", "--yes")
    assert done.code == 1
    assert "`vercel` is not installed here" in done.err
    assert "by hand: vercel" in done.err
