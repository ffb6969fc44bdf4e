"""What a shell does by itself."""

from __future__ import annotations

from cockpit.runbook.risk.call import Call, Rules, plain
from cockpit.runbook.risk.environment import assignment, judge_variable
from cockpit.runbook.risk.judgement import Judgement, reads, worst
from cockpit.runbook.risk.options import syntax

_PLAIN = (
    ": true false test [ echo cd pwd pushd popd dirs exit return break continue shift set unset wait jobs fg bg "
    "type hash getopts ulimit umask shopt times let sleep logout history"
)


def judge_declaration(call: Call) -> Judgement:
    """`export NAME=value`: a variable, which may decide what others run."""
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
    **dict.fromkeys(_PLAIN.split(), plain),
    **dict.fromkeys(("export", "declare", "local", "readonly", "typeset", "read"), judge_declaration),
    "printf": judge_printf,
    "mapfile": judge_read_array,
    "readarray": judge_read_array,
    "source": judge_source,
    ".": judge_source,
    "alias": judge_alias,
}
