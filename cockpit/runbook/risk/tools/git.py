"""git: most verbs that show something only read, unless an option runs a program or writes a file."""

from __future__ import annotations

from cockpit.runbook.risk.call import Call, Rules
from cockpit.runbook.risk.judgement import Judgement
from cockpit.runbook.risk.options import Options, names, read, syntax

_FRONT = syntax(
    "-C --git-dir --work-tree --namespace", "--no-pager --bare -P --no-optional-locks", strict=True, first=True
)
_READING = names(
    "log show diff status blame rev-parse describe ls-files ls-tree shortlog cat-file merge-base name-rev rev-list "
    "whatchanged version grep help"
)
_READING_PAIRS = names("stash:list stash:show remote:show reflog:show worktree:list")
_RUN = ("-O", "--open-files-in-pager", "--output", "--ext-diff", "--textconv", "--upload-pack", "--exec", "--filters")
_LISTS = {
    "branch": names("-a -r -v --list --all --remotes --show-current -l --contains"),
    "tag": names("-l --list -n --sort --contains"),
    "remote": names("-v --verbose"),
    "config": names("--get --list -l --get-all --get-regexp --show-origin --global --local"),
}
_DESTROYS = {
    "push": names("--force -f --delete -d --mirror --prune --force-with-lease"),
    "branch": names("-D -d --delete"),
    "tag": names("-d --delete"),
    "reset": names("--hard"),
    "checkout": names("-f --force"),
}


def judge_git(call: Call) -> Judgement:
    """`git`, by verb."""
    front = call.options(_FRONT)
    if unsure := call.unsure(front):
        return unsure
    verb = front.verb
    if front.has("-c", "--config-env", "--exec-path") or not verb:
        return call.unknown(front.early or verb, "depends on options that can run programs")
    options = read(front.operands[1:], syntax())
    if options.may(*_RUN):
        return call.changes(verb, "with these options writes or runs something")
    if destroying := _DESTROYS.get(verb, frozenset()) & {name for name, _ in options.given}:
        return call.destroys(f"{verb} {min(destroying)}")
    if verb in ("clean", "filter-branch"):
        return call.destroys(verb)
    second = options.operands[0].text if options.operands else ""
    if verb in _READING or f"{verb}:{second}" in _READING_PAIRS or _lists(verb, options):
        return call.reads(verb)
    return call.changes(verb)


def _lists(verb: str, options: Options) -> bool:
    """Whether a verb that also makes things only lists them: by its options, and with a name only where one says so."""
    known = _LISTS.get(verb)
    if known is None or any(name not in known for name, _ in options.given):
        return False
    if verb == "config":
        return options.has("--get", "--list", "-l", "--get-all", "--get-regexp")
    return not options.operands or options.has("--list", "-l", "--contains")


RULES: Rules = {"git": judge_git}
