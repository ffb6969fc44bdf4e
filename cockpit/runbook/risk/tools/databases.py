"""Clients of SQL databases: what they do is what their statements do."""

from __future__ import annotations

import re

from cockpit.runbook.risk.call import Call, Rules, plain
from cockpit.runbook.risk.judgement import Judgement, reads, worst
from cockpit.runbook.risk.options import Options, read, syntax
from cockpit.runbook.risk.tools.verbs import verbs
from cockpit.runbook.risk.words import Word, is_null

_PSQL = syntax(
    "-h --host -p --port -U --username -d --dbname -c --command -f --file -v --set --variable "
    "-o --output -L --log-file "
    "-F --field-separator -R --record-separator -P --pset -T --table-attr"
)
_MYSQL = syntax(
    "-h --host -P --port -u --user -D --database -e --execute -S --socket --default-character-set --init-command"
)
_SQLITE = syntax("-separator -cmd -init -nullvalue -newline -mmap", letters=False)
_DUMP = syntax(
    "-h --host -p --port -U --username -d --dbname -t --table -n --schema -f --file -F --format -u --user -P"
)
_DUMP_WRITES = ("-f", "--file", "-r", "--result-file", "-T", "--tab", "-F", "--flush-logs", "--delete-master-logs")
_INTERPOLATED = re.compile(r"(?<!:):[A-Za-z_'\"{]")
_ADMIN = verbs(
    syntax("-h --host -P --port -u --user -S --socket", "-p", strict=True),
    "status, ping, processlist, extended-status, variables, version",
    "drop, kill, shutdown",
    words=1,
)
_PATRONI = verbs(
    syntax("-c --config-file -d --dcs-url"), "list, history, show-config, topology, version", "remove", words=1
)


def judge_psql(call: Call) -> Judgement:
    """`psql`: `-c`, what it is given to read, or a terminal."""
    options = call.options(_PSQL)
    if unsure := call.unsure(options):
        return unsure
    judgements = [_file(call, each) for each in options.values("-f", "--file")]
    judgements += [_statement(call, options, each) for each in options.values("-c", "--command")]
    judgements += [
        call.changes("-o", "writes a file") for each in options.values("-o", "--output", "-L", "--log-file")
        if not is_null(each)
    ]  # fmt: skip
    if options.has("-l", "--list", "-V", "--version", "--help"):
        judgements.append(call.reads("-l"))
    if options.has("-f", "--file", "-c", "--command", "-l", "--list", "-V", "--version", "--help"):
        return worst(judgements)
    return worst([*judgements, _read(call, options) if call.stdin else call.asks()])


def _file(call: Call, file: Word) -> Judgement:
    if file.fixed and file.text in ("-", "/dev/stdin") and call.stdin is not None:
        return _read(call, Options())
    return call.unknown(f"-f {file.text}", "stands in a file")


def _statement(call: Call, options: Options, statement: Word) -> Judgement:
    return call.code(statement, lambda text: _judged(call, options, text))


def _read(call: Call, options: Options) -> Judgement:
    return _statement(call, options, call.stdin or Word("", fixed=False))


def _judged(call: Call, options: Options, text: str) -> Judgement:
    from cockpit.runbook.risk.sql import judge_script

    if options.has("-v", "--set", "--variable") and _INTERPOLATED.search(text):
        return call.unknown("-v", "puts into the statement is not known")
    return judge_script(text)


def judge_mysql(call: Call) -> Judgement:
    """`mysql -e`, what it is given to read, or a terminal."""
    # A password stands right behind `-p`, and only there.
    options = read([each for each in call.args if not each.text.startswith("-p")], _MYSQL)
    if unsure := call.unsure(options):
        return unsure
    if options.may("--init-command", "--tee", "--pager"):
        return call.unknown(why="does by these options is not known")
    statements = options.values("-e", "--execute") or ([call.stdin] if call.stdin else [])
    if not statements:
        return call.asks()
    return worst(call.code(each, lambda text: _dialect(text, "mysql")) for each in statements)


def _dialect(text: str, dialect: str) -> Judgement:
    from cockpit.runbook.risk.sql import judge_statement

    return judge_statement(text, dialect)


def judge_sqlite(call: Call) -> Judgement:
    """`sqlite3 FILE [SQL]`; `.tables` and its like read."""
    options = call.options(_SQLITE)
    if options.loose or options.has("-init", "--init"):
        return call.unknown("-init")
    statements = options.values("-cmd", "--cmd") + options.operands[1:]
    if not statements and call.stdin:
        statements = [call.stdin]
    return worst(call.code(each, _sqlite) for each in statements) if statements else call.asks()


def _sqlite(text: str) -> Judgement:
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and all(_DOT.fullmatch(line.strip()) for line in lines):
        return reads("`sqlite3` shows what is there")
    return _dialect(text, "sqlite")


_DOT = re.compile(
    r"\.(tables|schema|indexes|indices|databases|headers|mode|stats|timer|show|help|quit|exit)( [\w.%*]+)*"
)


def judge_dump(call: Call) -> Judgement:
    """`pg_dump`, `mysqldump` print; with some options they write."""
    options = call.options(_DUMP)
    if unsure := call.unsure(options):
        return unsure
    writes = [name for name in _DUMP_WRITES if name != "-F" or call.name == "mysqldump"]
    return call.changes(why="writes a file") if options.may(*writes) else call.reads()


def judge_restore(call: Call) -> Judgement:
    """`pg_restore -l` lists."""
    lists = call.options(syntax()).has("-l", "--list")
    return call.reads("-l") if lists else call.changes()


def judge_drop(call: Call) -> Judgement:
    """`dropdb`."""
    return call.destroys(why="drops a database")


def judge_client(call: Call) -> Judgement:
    """Another client: a terminal, unless something is given to it."""
    return call.unknown() if call.stdin or len(call.args) > 1 else call.asks()


RULES: Rules = {
    "psql": judge_psql,
    "mysql": judge_mysql,
    "mariadb": judge_mysql,
    "sqlite3": judge_sqlite,
    "mysqladmin": _ADMIN.judge,
    "patronictl": _PATRONI.judge,
    "pgcli": judge_client,
    "mycli": judge_client,
    "pg_restore": judge_restore,
    "pg_isready": plain,
    **dict.fromkeys(("pg_dump", "pg_dumpall", "mysqldump"), judge_dump),
    **dict.fromkeys(("dropdb", "dropuser"), judge_drop),
}
