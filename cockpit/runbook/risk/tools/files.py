"""Programs for text and files: most only read, whatever they are told; some write where an option says so."""

from __future__ import annotations

import re

from cockpit.runbook.risk.call import Call, Rules, plain
from cockpit.runbook.risk.judgement import Judgement, changes, short, worst
from cockpit.runbook.risk.options import syntax
from cockpit.runbook.risk.words import Word, is_null

_PLAIN = (
    "grep egrep fgrep zgrep wc head cat zcat tac cut tr ls df du stat basename dirname seq expr base64 base32 md5sum "
    "sha1sum sha256sum sha512sum cksum column paste comm join fold fmt nl rev diff cmp strings od hexdump jq realpath "
    "readlink file numfmt getconf locale egrep which whereis tree wc true groups"
)
_WRITES = {
    "sort": ("-o", "--output", "--compress-program"),
    "yq": ("-i", "--inplace", "-s", "--split-exp"),
    "rg": ("--pre", "--hostname-bin"),
    "file": ("-C", "--compile"),
    "tree": ("-o",),
}
_SORT = syntax("-k --key -t --field-separator -S --buffer-size -T --temporary-directory -o --output --parallel")
_TAIL = syntax("-n --lines -c --bytes -s --sleep-interval --pid")
_DATE = syntax("-d --date -r --reference -f -v -s --set -I")
_FIND_WRITES = ("-fprint", "-fprint0", "-fprintf", "-fls")
_FIND_RUNS = ("-exec", "-execdir", "-ok", "-okdir")
_OLD_TAIL = re.compile(r"[-+]\d*[bcl]?f")


def judge_unless(call: Call) -> Judgement:
    """A program that reads unless one of a few options is given."""
    options = call.options(_SORT if call.name == "sort" else syntax())
    if unsure := call.unsure(options):
        return unsure
    if options.may(*_WRITES[call.name]):
        return call.changes(why="with these options writes or runs something")
    return call.reads()


def judge_uniq(call: Call) -> Judgement:
    """`uniq IN OUT` writes OUT."""
    options = call.options(syntax("-f --skip-fields -s --skip-chars -w --check-chars"))
    if unsure := call.unsure(options):
        return unsure
    return call.changes(why="writes its second file") if len(options.operands) > 1 else call.reads()


def judge_tee(call: Call) -> Judgement:
    """`tee FILE` writes it."""
    options = call.options(syntax())
    files = [*options.operands, *(options.rest or ())]
    if all(is_null(each) for each in files):
        return call.reads()
    return call.changes(files[0].text, "writes a file")


def judge_tail(call: Call) -> Judgement:
    """`tail -f` goes on."""
    options = call.options(_TAIL)
    old = any(_OLD_TAIL.fullmatch(each.text) for each in call.args)
    if old or options.may("-f", "--follow", "-F", "--retry"):
        return call.asks("-f", "stream")
    return call.reads()


def judge_date(call: Call) -> Judgement:
    """`date` shows the time; with `-s` or a number it sets it."""
    options = call.options(_DATE)
    if unsure := call.unsure(options):
        return unsure
    if options.may("-s", "--set") or any(not each.text.startswith("+") for each in options.operands):
        return call.changes(why="sets the clock")
    return call.reads()


def judge_find(call: Call) -> Judgement:
    """`find` reads; `-delete` destroys, and `-exec` does what its command does."""
    judgements, index = [call.reads()], 0
    while index < len(call.args):
        word = call.args[index]
        index += 1
        if word.loose:
            judgements.append(changes(f"`{short(word.text)}` may hold options of `find`"))
        if word.text == "-delete":
            judgements.append(call.destroys("-delete"))
        elif word.text in _FIND_WRITES:
            judgements.append(call.changes(word.text, "writes a file"))
        elif word.text in _FIND_RUNS:
            command: list[Word] = []
            while index < len(call.args) and not _ends(call.args, index):
                command.append(_found(call.args[index]))
                index += 1
            judgements.append(call.words_judged(command, None) if command else call.unknown(word.text))
    return worst(judgements)


def _ends(args: tuple[Word, ...], index: int) -> bool:
    """`;` ends a command, and `+` right behind `{}`."""
    text = args[index].text
    return text == ";" or (text == "+" and args[index - 1].text == "{}")


def _found(word: Word) -> Word:
    """`{}` is the path of a file, which no option can be: it begins with what `find` was given."""
    return Word(word.text, fixed=False) if "{}" in word.text else word


def judge_xxd(call: Call) -> Judgement:
    """`xxd IN OUT` writes OUT."""
    return call.changes(why="may write a file") if len(call.args) > 1 or call.options(syntax()).loose else call.reads()


def judge_remove(call: Call) -> Judgement:
    """`rm` and its like."""
    return call.destroys(why="deletes")


RULES: Rules = {
    **dict.fromkeys(_PLAIN.split(), plain),
    **dict.fromkeys(_WRITES, judge_unless),
    **dict.fromkeys(("rm", "rmdir", "unlink", "shred", "dd", "mkfs", "wipefs", "truncate", "fdisk"), judge_remove),
    "uniq": judge_uniq,
    "tee": judge_tee,
    "tail": judge_tail,
    "date": judge_date,
    "find": judge_find,
    "xxd": judge_xxd,
}
