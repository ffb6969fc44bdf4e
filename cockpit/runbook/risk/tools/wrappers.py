"""Programs that run another program: what they do is what that does."""

from __future__ import annotations

import re

from cockpit.runbook.risk.call import Call, Rules
from cockpit.runbook.risk.environment import assignment, judge_variable
from cockpit.runbook.risk.judgement import Judgement, worst
from cockpit.runbook.risk.options import Options, Syntax, read, syntax, texts
from cockpit.runbook.risk.words import UNKNOWN, Word

_SHELL = syntax("-o -O --rcfile --init-file", first=True)
_SSH = syntax("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w -B", first=True)
_XARGS = syntax("-n -I -P -d -L -s -a -E --max-args --max-procs --replace --delimiter --arg-file", first=True)
_WATCH = syntax("-n --interval -q --equexit -s --shotsdir", first=True)
_ENV = syntax("-u --unset -C --chdir -S --split-string", first=True)
_SUDO = syntax("-u --user -g --group -h --host -p --prompt -C -r --role -t --type -T -U --other-user -R -D", first=True)
_PREFIXES: dict[str, Syntax] = {
    "time": syntax("-f --format -o --output", first=True),
    "nohup": syntax(first=True),
    "nice": syntax("-n --adjustment", first=True),
    "ionice": syntax("-c --class -n --classdata -p", first=True),
    "stdbuf": syntax("-i -o -e --input --output --error", first=True),
    "setsid": syntax(first=True),
    "unbuffer": syntax(first=True),
    "caffeinate": syntax("-t -w", first=True),
    "builtin": syntax(first=True),
    "chrt": syntax("-p -T -P -D", first=True),
}


def judge_prefix(call: Call) -> Judgement:
    """`nohup CMD`, `time CMD` and their like."""
    options = call.options(_PREFIXES[call.name])
    if call.name == "time" and options.may("-o", "--output"):
        return call.changes("-o", "writes a file")
    return _inner(call, options, options.operands)


def _inner(call: Call, options: Options, words: list[Word]) -> Judgement:
    """The command behind a wrapper's own options and `--`."""
    command = [*words, *(options.rest or ())]
    if not command:
        return call.reads()
    return call.command(command)


def judge_timeout(call: Call) -> Judgement:
    """`timeout [options] DURATION CMD`."""
    options = call.options(syntax("-k --kill-after -s --signal", first=True))
    command = [*options.operands, *(options.rest or ())]
    if len(command) < 2 or not command[0].fixed:
        return call.unknown()
    return call.command(command[1:])


def judge_sudo(call: Call) -> Judgement:
    """`sudo CMD`; without one, or with `-i`, a shell."""
    options = call.options(_SUDO)
    if options.may("-e", "--edit") or call.name == "sudoedit":
        return worst([call.changes("-e", "edits a file"), call.asks("-e")])
    if options.has("-l", "--list", "-v", "--validate", "-k", "-K", "-V", "--version") and not options.operands:
        return call.reads()
    command = [*options.operands, *(options.rest or ())]
    if not command:
        return call.asks()
    return _with_variables(call, command)


def judge_env(call: Call) -> Judgement:
    """`env [NAME=value…] CMD`."""
    options = call.options(_ENV)
    if options.may("-S", "--split-string"):
        return call.unknown("-S")
    return _with_variables(call, [*options.operands, *(options.rest or ())])


def _with_variables(call: Call, words: list[Word]) -> Judgement:
    judgements = []
    while words and (found := assignment(words[0])):
        judgements.append(judge_variable(*found))
        words = words[1:]
    judgements.append(call.command(words) if words else call.reads())
    return worst(judgements)


def judge_command(call: Call) -> Judgement:
    """`command CMD`; with `-v` it only looks for it."""
    options = call.options(syntax(first=True))
    if options.has("-v", "-V"):
        return call.reads("-v")
    return _inner(call, options, options.operands)


def judge_exec(call: Call) -> Judgement:
    """`exec CMD` runs it; alone it only redirects."""
    options = call.options(syntax("-a", first=True))
    return _inner(call, options, options.operands)


def judge_shell(call: Call) -> Judgement:
    """`sh -c CODE`, a script by its file, or what it is given to read."""
    args = [_long_as_short(each) for each in call.args]
    options = read(args, _SHELL)
    operands = [*options.operands, *(options.rest or ())]
    if options.may("--rcfile", "--init-file"):
        return call.unknown("--rcfile")
    if options.has("-c"):
        if not operands:
            return call.unknown("-c", "has no code")
        judgement = call.code(operands[0], lambda text: call.script_judged(text, call.stdin))
        loose = [each for each in operands[1:] if each.loose or each.text.startswith("-")]
        return worst([judgement, call.unknown("-c … " + loose[0].text)]) if loose else judgement
    if options.has("--version", "--help"):
        return call.reads("--version")
    if operands and not (options.has("-s") or operands[0].text in ("-", "/dev/stdin")):
        return call.unknown(operands[0].text, "stands in a file")
    if call.stdin is not None:
        return call.code(call.stdin, lambda text: call.script_judged(text, None))
    return call.asks()


def _long_as_short(word: Word) -> Word:
    """`bash +x` sets options as `-x` does."""
    return Word("-" + word.text[1:], word.fixed) if re.fullmatch(r"\+[A-Za-z]+", word.text) else word


def judge_eval(call: Call) -> Judgement:
    """`eval` reads its words as a script once more."""
    return call.code(_joined(call.args), lambda text: call.script_judged(text, call.stdin))


def judge_trap(call: Call) -> Judgement:
    """`trap CODE SIGNAL…` runs the code later."""
    args = call.args[1:] if call.args and call.args[0].text == "--" else call.args
    if len(args) < 2 or args[0].text in ("", "-", "-l", "-p"):
        return call.reads()
    return call.code(args[0], lambda text: call.script_judged(text, UNKNOWN))


def _joined(words: list[Word] | tuple[Word, ...]) -> Word:
    return Word(texts(words), fixed=all(each.fixed for each in words))


def judge_xargs(call: Call) -> Judgement:
    """`xargs CMD`: what is read becomes words of the command."""
    options = call.options(_XARGS)
    command = [*options.operands, *(options.rest or ())]
    if not command:
        return call.reads()
    replaced = [each.text for each in options.values("-I", "--replace")] or (["{}"] if options.has("-i") else [])
    if replaced:
        words = [_filled(each, replaced[-1]) for each in command]
    else:
        words = [*command, Word(UNKNOWN.text, fixed=False, loose=True)]
    return call.words_judged(words, UNKNOWN)


def _filled(word: Word, mark: str) -> Word:
    if not mark or mark not in word.text:
        return word
    return Word(word.text, fixed=False, loose=word.text.startswith(mark))


def judge_watch(call: Call) -> Judgement:
    """`watch CMD` gives its words to a shell, again and again."""
    options = call.options(_WATCH)
    command = [*options.operands, *(options.rest or ())]
    if not command:
        return call.unknown()
    if options.may("-x", "--exec"):
        judgement = call.command(command)
    else:
        judgement = call.code(_joined(command), lambda text: call.script_judged(text, None))
    return worst([judgement, call.asks(how="stream")])


def judge_ssh(call: Call) -> Judgement:
    """`ssh HOST CMD` is judged by the command, which a shell of the host reads; without one it is a terminal."""
    options = call.options(_SSH)
    if unsure := call.unsure(options):
        return unsure
    for value in options.values("-o"):
        if "command" in value.text.lower() or not value.fixed:
            return call.unknown("-o " + value.text)
    if options.has("-F", "-E", "-O", "-S"):
        return call.unknown(options.given[0][0])
    command = [*options.operands, *(options.rest or ())][1:]
    if command:
        return call.code(_joined(command), lambda text: call.script_judged(text, call.stdin))
    if options.has("-L", "-R", "-D", "-N", "-W"):
        return call.asks(how="forward")
    return call.code(call.stdin, lambda text: call.script_judged(text, None)) if call.stdin else call.asks()


def judge_su(call: Call) -> Judgement:
    """`su - USER -c CODE`, else a terminal."""
    options = call.options(syntax("-c --command -s --shell -g -G"))
    codes = options.values("-c", "--command")
    if not codes:
        return call.asks()
    return worst(call.code(each, lambda text: call.script_judged(text, call.stdin)) for each in codes)


RULES: Rules = {
    **dict.fromkeys(_PREFIXES, judge_prefix),
    **dict.fromkeys(("sudo", "doas", "sudoedit"), judge_sudo),
    **dict.fromkeys(("sh", "bash", "dash", "zsh", "ksh", "ash"), judge_shell),
    "timeout": judge_timeout,
    "gtimeout": judge_timeout,
    "env": judge_env,
    "command": judge_command,
    "exec": judge_exec,
    "eval": judge_eval,
    "trap": judge_trap,
    "xargs": judge_xargs,
    "watch": judge_watch,
    "ssh": judge_ssh,
    "su": judge_su,
}
