"""What a shell does by itself."""

from __future__ import annotations

from cockpit.runbook.risk.call import Call, Rules, plain
from cockpit.runbook.risk.environment import assignment, judge_variable
from cockpit.runbook.risk.judgement import Judgement, reads, worst
from cockpit.runbook.risk.options import syntax

_PLAIN = (
    "cd pwd pushd popd dirs exit return break continue shift set unset wait jobs fg bg type hash getopts ulimit umask "
    "shopt times let test ["
)


def judge_builtin(call: Call) -> Judgement:
    """A builtin that only reads; a subscript such as `a[$(command)]` runs its command even from between quotes."""
    if any(each.fixed and ("$(" in each.text or "`" in each.text) for each in call.args):
        return call.unknown(why="with a command between quotes is not known")
    if call.name == "hash" and any(each.text.startswith("-p") for each in call.args):
        return call.changes("-p", "gives a name another program")
    return call.reads()


def judge_declaration(call: Call) -> Judgement:
    """`export NAME=value`: a variable, which may decide what others run."""
    letters = {letter for each in call.args if each.text.startswith("-") for letter in each.text}
    if "n" in letters and call.name in ("declare", "local", "typeset"):
        return call.changes("-n", "gives a variable another name")
    if (judgement := judge_builtin(call)).risk != "read-only":
        return judgement
    found = [each for each in map(assignment, call.args) if each is not None]
    names = [judge_variable(each.text, each) for each in call.args if each.fixed and not each.text.startswith("-")]
    dangerous = [judge_variable(name, value) for name, value in found]
    return worst([reads(f"`{call.name}` sets variables of the script"), *dangerous, *names])


def judge_printf(call: Call) -> Judgement:
    """`printf` prints; with `-v` it sets a variable to what nobody sees."""
    if call.args and call.args[0].text.startswith("-v"):
        return call.unknown("-v")
    return call.reads()


def judge_read_array(call: Call) -> Judgement:
    """`mapfile` reads lines; `-C` runs code for each."""
    options = call.options(syntax("-d -n -O -s -u -c -C"))
    return call.unknown("-C") if options.has("-C") or options.loose else call.reads()


def judge_source(call: Call) -> Judgement:
    """`source FILE` runs a file that is not seen here."""
    return call.unknown(call.args[0].text if call.args else "", "stands in a file")


def judge_alias(call: Call) -> Judgement:
    """`alias` lists; with a name it gives a word another meaning."""
    return call.changes(why="gives a word another meaning") if call.args else call.reads()


RULES: Rules = {
    **dict.fromkeys((":", "true", "false", "echo", "sleep"), plain),
    **dict.fromkeys(_PLAIN.split(), judge_builtin),
    **dict.fromkeys(("export", "declare", "local", "readonly", "typeset", "read"), judge_declaration),
    "printf": judge_printf,
    "mapfile": judge_read_array,
    "readarray": judge_read_array,
    "source": judge_source,
    ".": judge_source,
    "alias": judge_alias,
}
