"""What must hold for any script: nothing crashes, nothing hides, and a real shell runs nothing that was not seen."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cockpit.runbook.actions import RISKS
from cockpit.runbook.risk import risk_of_argv, risk_of_shell, risk_of_sql
from cockpit.runbook.risk.shell import ShellError, parse

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BASH, DASH = shutil.which("bash"), shutil.which("dash")

READING = st.sampled_from(
    [
        "kubectl get pods",
        "ls -la",
        "grep x f",
        "X=1",
        "curl -s http://x",
        "echo 'a b'",
        'psql -c "SELECT 1"',
        "cat f | sort",
        "for i in 1 2; do echo $i; done",
        "kubectl logs x --tail=5 2>/dev/null",
    ]
)
CHANGING = st.sampled_from(
    [
        "rm -rf x",
        "kubectl delete pod x",
        "kubectl apply -f x",
        "frobnicate",
        "psql -c 'DROP TABLE x'",
        "sed -i s/a/b/ f",
        "curl -X POST http://x",
        "echo x > f",
        "find . -delete",
        "redis-cli FLUSHALL",
        "/usr/bin/rm x",
        "\\rm x",
        "systemctl stop x",
    ]
)
ANY = st.one_of(READING, CHANGING)
HOLDERS = [
    lambda inner: f"bash -c {shlex.quote(inner)}",
    lambda inner: f"kubectl exec x -- sh -c {shlex.quote(inner)}",
    lambda inner: f"ssh host {shlex.quote(inner)}",
    lambda inner: f"sudo sh -c {shlex.quote(inner)}",
    lambda inner: f"watch {shlex.quote(inner)}",
    lambda inner: f"eval {shlex.quote(inner)}",
    lambda inner: f"echo $( {inner})",
    lambda inner: f'echo "a $( {inner}) b"',
    lambda inner: f"X=$( {inner})",
    lambda inner: f"cat <<EOF\n$( {inner})\nEOF\n",
    lambda inner: f"sh <<'EOF'\n{inner}\nEOF\n",
    lambda inner: f"kubectl exec -i x -- sh <<'EOF'\n{inner}\nEOF\n",
    lambda inner: f"cat <({inner})",
    lambda inner: f"( {inner} )",
    lambda inner: f"{{ {inner}\n}}",
    lambda inner: f"if true; then {inner}\nfi",
    lambda inner: f"if {inner}\nthen ls; fi",
    lambda inner: f"for i in a; do {inner}\ndone",
    lambda inner: f"case x in x) {inner}\n;; esac",
    lambda inner: f"f() {{ {inner}\n}}; f",
    lambda inner: f"ls && {inner}",
    lambda inner: f"ls | {inner}",
    lambda inner: f"! {inner}",
    lambda inner: f"ls & {inner}",
    lambda inner: f"trap {shlex.quote(inner)} EXIT",
    lambda inner: f"timeout 5 sh -c {shlex.quote(inner)}",
    lambda inner: f"ls # a comment\n{inner}",
    lambda inner: f"printf %s {shlex.quote(inner)} | sh",
    lambda inner: f"docker exec x sh -c {shlex.quote(inner)}",
    lambda inner: f"find . -exec sh -c {shlex.quote(inner)} \\;",
    lambda inner: f"echo ${{x:-$( {inner})}}",
]
HELD = st.recursive(CHANGING, lambda inner: st.builds(lambda hold, held: hold(held), st.sampled_from(HOLDERS), inner))

PIECES = [
    "k2", "k3", "a", "x=", "'", '"', "\\", "$(", ")", "`", "|", "||", "&&", "&", ";", "#", "{", "}", "(", "$", "=",
    "${x:-", "$((", "))", "<(", "!", "$x", "*", "[[", "]]", "-", "1", ",", "..", ";;", " ", "\n", "\\\n", "\t", "<<E\n",
    "<<'E'\n", "\nE\n", "<<-E\n", "\n\tE\n", "<<<", "if ", "; then ", "; fi\n", "case x in ", "x) ", "; esac\n",
    "for i in a; do ", "; done\n", "{ ", "; }\n", ">/dev/null ", "$'", '$"',
]  # fmt: skip
"""What a shell tells apart, for texts that mean nothing."""
SALAD = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)

WORDS = [
    "k2", "k3", "k4", "a", "'k2'", '"k3"', "`k2`", "$(k3)", '"a $(k4) b"', "$x", "x=1", "$((1+2))", "${x:-k2}",
    "${x:-$(k3)}", "\\k2", "k\\\n2", "$'a'", '"`k2`"', "<(k3)", ">/dev/null", "2>/dev/null", "<<<a", "a'b\"c'd",
    "a\"'\"b", "#a", "a#b", "{a,b}", "$", "!", "*", "[[ a = b ]]", "[[ a && k2 ]]", "[[ $x =~ (a|b) ]]", "((k3))",
    "$'a\\'",    '"${x:-"$(k4)"}"', "$(( $(k2) ))",
    "`echo \\`k3\\``", "$(case x in x) k2;; esac)", '"$(echo ")" ; k4)"',
]  # fmt: skip
BETWEEN = [" ", " ", " ", "; ", " | ", " && ", " || ", "\n", " & ", "", "\\\n", " |\n", " # c\n"]
AROUND = [
    "{}", "( {} )", "{{ {}; }}", "if k2; then {}; fi", "for i in a; do {}; done", "g() {{ {}; }}; g",
    "case x in x) {};; esac", "cat <<E\n{}\nE\n", "cat <<'E'\n{}\nE\n", "k2 <<E; {}\nbody\nE\n",
    "k3 <<-E | {}\n\tb\n\tE\n", "! {}", "$({})", 'echo "$({})"', "`{}`", "while k2; do {}; done",
]  # fmt: skip
LINE = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(BETWEEN)), min_size=1, max_size=4).map(
    lambda parts: "".join(word + by for word, by in parts)
)
SCRIPT = st.recursive(
    LINE,
    lambda inner: st.builds(lambda around, held: around.format(held), st.sampled_from(AROUND), inner),
    max_leaves=3,
)
"""Scripts that mostly mean something, of programs that do not exist."""


def level(risk: str) -> int:
    return RISKS.index(risk)  # type: ignore[arg-type]


@QUICK
@given(st.one_of(st.text(max_size=60), SALAD, SCRIPT))
def test_no_text_crashes_the_judges(text: str) -> None:
    assert risk_of_shell(text) in RISKS
    assert risk_of_sql(text) in RISKS
    assert risk_of_argv(text.split()) in RISKS
    assert risk_of_argv(["awk", text]) in RISKS
    assert risk_of_argv(["sed", text]) in RISKS


@QUICK
@given(ANY, ANY, st.sampled_from(["; ", " | ", " && ", " || ", "\n", " & "]))
def test_what_is_joined_is_never_less_than_its_parts(one: str, other: str, by: str) -> None:
    joined = level(risk_of_shell(one + by + other))
    assert joined >= max(level(risk_of_shell(one)), level(risk_of_shell(other)))


@QUICK
@given(HELD)
def test_nothing_that_runs_a_changing_command_only_reads(script: str) -> None:
    assert level(risk_of_shell(script)) >= level("changing")


@QUICK
@given(st.lists(READING, min_size=1, max_size=4), CHANGING, st.integers(0, 3))
def test_a_changing_command_is_found_among_reading_ones(reading: list[str], changing: str, at: int) -> None:
    commands = [*reading[:at], changing, *reading[at:]]
    assert level(risk_of_shell("\n".join(commands))) >= level(risk_of_shell(changing))


@QUICK
@given(st.sampled_from(["DROP TABLE t", "DELETE FROM t", "UPDATE t SET a=1 WHERE b=2", "SELECT unknown_function(1)"]),
       st.sampled_from(["{}", "SELECT 1; {}", "{}; SELECT 1", "EXPLAIN ANALYZE {}", "BEGIN; {}; COMMIT", "/* a */ {}",
                        "-- a\n{}", "SELECT ';'; {}", "SELECT $$ ; $$; {}"]))  # fmt: skip
def test_a_changing_statement_is_found(statement: str, around: str) -> None:
    text = around.format(statement)
    assert level(risk_of_sql(text)) >= level("changing")
    assert level(risk_of_shell(f"psql -c {shlex.quote(text)}")) >= level("changing")


def _run_by(shell: str, script: str, folder: Path) -> set[str]:
    """The programs that a shell looks for; it finds none of them."""
    done = subprocess.run(
        [shell, *(["--norc", "--noprofile"] if shell == BASH else []), "-c", script],
        cwd=folder, env={"PATH": "/nowhere", "LC_ALL": "C"}, capture_output=True, timeout=20, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    lines = done.stderr.decode("utf-8", "replace")
    return set(re.findall(r"(?:line )?\d+: (\S+?): (?:command )?not found", lines))


def _seen(script: str) -> set[str] | None:
    """The programs that are seen in it; None where it is refused, or where one is only known when it runs."""
    try:
        commands = parse(script).commands
    except ShellError:
        return None
    names = [command.words[0] for command in commands if command.words]
    return {word.text for word in names} if all(word.fixed for word in names) else None


@pytest.mark.parametrize("shell", [each for each in (BASH, DASH) if each])
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.one_of(SCRIPT, SCRIPT, SALAD))
@example(script="cat <<E\n`k2`\nE\n")
@example(script="k2 <<E; k3\n$(k4)\nE\nk2")
@example(script='k2 "$(k3 "`k4`")"')
@example(script="case x in (x) k2;; *) k3;; esac")
@example(script="k\\\n2")
def test_a_real_shell_runs_nothing_that_was_not_seen(shell: str, script: str, tmp_path: Path) -> None:
    seen = _seen(script)
    if seen is None:
        return
    found = _run_by(shell, script, tmp_path)
    assert {each for each in found if re.fullmatch(r"[\w'\"]+", each)} <= seen, os.path.basename(shell)


HEAVY = [
    "eval " * 6000, "sudo " * 6000, "$(" * 15000, "{" * 30000, "[" * 30000, "`" * 30000, "${x:-" * 6000, "'a'" * 10000,
    "if ls; then " * 2500, "cat <<E\n" * 4000, ";".join(f"a{n}=$a{n + 1}" for n in range(3000)) + ";a3000=-x",
    "psql -c '" + "$a$ " * 5000 + "'", "awk '" + "/" * 4900 + "'", "sed '" + "[" * 4900 + "'", "ls|" * 10000 + "ls",
]  # fmt: skip


@pytest.mark.parametrize("script", HEAVY, ids=[each[:12] for each in HEAVY])
def test_what_is_made_to_be_heavy_is_refused_or_judged_at_once(script: str) -> None:
    """Each took seconds, or all of the stack, before there was a bound; the test hangs where one is missing."""
    assert risk_of_shell(script) == "changing" or script.startswith("ls|")
