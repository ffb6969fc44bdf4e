"""What statements of SQL can do, by their parse (sqlglot). What it does not parse is changing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cockpit.runbook.risk.judgement import Judgement, changes, destroys, reads, short, worst
from cockpit.runbook.risk.sql_functions import READING, SYNTAX

_LONGEST = 20_000
_QUERIES = (exp.Select, exp.SetOperation, exp.Values, exp.Subquery)
_TRANSACTION = (exp.Transaction, exp.Commit, exp.Rollback)
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Into)
_DIFFERENT = re.compile(r"/\*[!+]|/\*(?:(?!\*/).)*/\*|\b[uU]&['\"]|\b[eEbBxXnN]'(?:[^'\\]|'')*\\", re.S)
"""Comments that run or nest, and strings with escapes: databases and parsers may see their ends at different places."""
_META = re.compile(
    r"\\(d[a-zA-Z]*[+S]*|l\+?|dt\S*|x|timing|conninfo|q|pset|echo|encoding|a|t|z|sf\+?|sv\+?|\?|h)"
    r"(\s+[\w.*\"+?:=-]+)*\s*;?"
)
_SENDS = re.compile(r"\\gx?[ \t]*$", re.M)
"""`\\g` and `\\gx` without a file send the statement, as `;` does."""
_EXPLAIN = re.compile(r"EXPLAIN\b\s*(?P<options>\([^()]*\)|((ANALYZE|VERBOSE)\b\s*)*)(?P<statement>.*)", re.I | re.S)
_SHOWS = re.compile(r"SHOW\s+[\w.\s%'`=]+", re.I)
_PRAGMAS = re.compile(
    r"PRAGMA\s+(\w+\.)?(table_info|table_xinfo|index_list|index_info|foreign_key_list|database_list|integrity_check"
    r"|quick_check|foreign_key_check|compile_options|page_count|freelist_count)\s*(\(\s*['\"\w]*\s*\))?\s*",
    re.I,
)
_NAMED = re.compile(r"(\w+|\"(?:[^\"]|\"\")*\")\s*\(")
_LITERALS = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.S)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.S)


def judge_script(text: str) -> Judgement:
    """What psql does with a text: statements, and its own commands, which begin with a backslash."""
    lines = text.splitlines()
    meta = [line.strip() for line in lines if line.lstrip().startswith("\\")]
    rest = "\n".join(line for line in lines if not line.lstrip().startswith("\\"))
    judgements = [_meta(line) for line in meta]
    rest = _SENDS.sub(";", rest)
    if "\\" in _QUOTED.sub(" ", rest):
        judgements.append(changes("a command of psql stands behind a statement"))
    if rest.strip():
        judgements.append(judge_statement(rest))
    return worst(judgements)


def _meta(line: str) -> Judgement:
    if _META.fullmatch(line):
        return reads(f"`{short(line)}` shows what is there")
    return changes(f"`{short(line)}` of psql is not known to only read")


def judge_statement(text: str, dialect: str = "postgres") -> Judgement:
    """What one or more statements can do: the greatest of all.

    Args:
        dialect: of sqlglot: `postgres`, `mysql` or `sqlite`.
    """
    if len(text) > _LONGEST:
        return changes(f"the statement is longer than {_LONGEST:,} characters")
    if _DIFFERENT.search(text):
        return changes("the statement has comments or escapes that can be read in two ways")
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        statements = [each for each in sqlglot.parse(text, dialect=dialect) if each is not None]
        judgements = [_judge(each, dialect) for each in statements]
        return worst([*judgements, *_called(text, statements)])
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError):
        # sqlglot lets errors of its own code through on odd texts; each means that it has not understood.
        return changes("the statement is not understood")
    finally:
        logger.setLevel(level)


def _called(text: str, statements: list[exp.Expr]) -> Iterator[Judgement]:
    """Every name before a bracket once more, as it is written: sqlglot knows names as functions of other databases,
    which in this one may be anybody's.
    """
    named = {alias.name.lower() for each in statements for alias in each.find_all(exp.TableAlias)}
    for found in _NAMED.finditer(_LITERALS.sub(" ", text)):
        name = found[1].strip('"').lower()
        if name not in READING and name not in SYNTAX and name not in named:
            yield changes(f"the function `{short(name)}` changes something or is not known")


def _judge(statement: exp.Expr, dialect: str) -> Judgement:
    if isinstance(statement, exp.Semicolon):
        return reads("it is empty")
    if isinstance(statement, exp.Drop | exp.TruncateTable):
        return destroys(f"{_name(statement)} destroys")
    if isinstance(statement, exp.Command):
        return _command(statement, dialect)
    if isinstance(statement, exp.Show):
        return reads("SHOW only reads")
    if isinstance(statement, exp.Describe):
        return _judge(statement.this, dialect) if isinstance(statement.this, _QUERIES) else _described(statement)
    if isinstance(statement, exp.Pragma):
        shows = _PRAGMAS.fullmatch(statement.sql(dialect))
        return reads("PRAGMA shows") if shows else changes("PRAGMA may set something")
    if isinstance(statement, _TRANSACTION):
        return reads("it begins or ends a transaction")
    if isinstance(statement, exp.Column | exp.Alias):
        return changes("the statement is not understood")
    if isinstance(statement, exp.Copy):
        return _copy(statement, dialect)
    judgements = [_deed(each) for each in statement.find_all(*_CHANGES)]
    if isinstance(statement, _QUERIES):
        judgements += _query(statement)
    elif not judgements:
        judgements.append(changes(f"{_name(statement)} changes something"))
    return worst(judgements)


def _described(statement: exp.Describe) -> Judgement:
    return (
        reads("DESCRIBE only reads") if isinstance(statement.this, exp.Table) else changes("what it explains changes")
    )


def _name(statement: exp.Expr) -> str:
    return {"TruncateTable": "TRUNCATE"}.get(type(statement).__name__, type(statement).__name__.upper())


def _command(statement: exp.Command, dialect: str) -> Judgement:
    """What sqlglot does not take apart itself."""
    name = str(statement.this).upper()
    rest = statement.args.get("expression") or ""
    text = f"{name} {rest if isinstance(rest, str) else rest.name}".strip().rstrip(";").strip()
    found = _EXPLAIN.fullmatch(text)
    if found:
        inner = judge_statement(found["statement"], dialect) if found["statement"].strip() else changes("nothing")
        runs = re.search(r"\bANALY[SZ]E\b", found["options"] or "", re.I)
        plans = reads("EXPLAIN shows a plan")
        understood = inner.risk == "read-only" or re.match(r"(INSERT|UPDATE|DELETE|MERGE)\b", found["statement"], re.I)
        several = ";" in _QUOTED.sub(" ", found["statement"])
        return inner if runs or several or not understood else plans
    if _SHOWS.fullmatch(text):
        return reads("SHOW only reads")
    return changes(f"{name[:20]} changes something")


def _copy(statement: exp.Copy, dialect: str) -> Judgement:
    """`COPY (SELECT …) TO STDOUT` prints; any other COPY reads or writes files, runs programs or fills tables."""
    files = [each.name.upper() for each in statement.args.get("files") or ()]
    if isinstance(statement.this, exp.Subquery) and files == ["STDOUT"] and not statement.args.get("kind"):
        return _judge(statement.this, dialect)
    return changes("COPY writes or runs something")


def _deed(part: exp.Expr) -> Judgement:
    if isinstance(part, exp.Drop):
        return destroys("it drops something")
    if isinstance(part, exp.Delete) or (isinstance(part, exp.Merge) and _deletes(part)):
        return destroys("DELETE takes rows away")
    if isinstance(part, exp.Update) and not part.find_ancestor(exp.Merge) and not _picks(part):
        return destroys("UPDATE without a WHERE changes every row")
    return changes(f"{_name(part)} changes something")


def _deletes(merge: exp.Merge) -> bool:
    """Whether a MERGE has `WHEN … THEN DELETE`."""
    return any(when.args["then"].name.upper() == "DELETE" for when in merge.find_all(exp.When))


def _picks(update: exp.Update) -> bool:
    """Whether a WHERE names a column at all: `WHERE true` and `WHERE 1=1` pick nothing."""
    where = update.args.get("where")
    return where is not None and where.find(exp.Column) is not None


def _query(statement: exp.Expr) -> Iterator[Judgement]:
    yield reads("SELECT only reads")
    if any(lock is not None for lock in statement.find_all(exp.Lock)):
        yield changes("FOR UPDATE locks rows")
    for dot in statement.find_all(exp.Dot):
        schema = dot.this.name.lower() if isinstance(dot.this, exp.Identifier) else ""
        if isinstance(dot.expression, exp.Func) and schema != "pg_catalog":
            yield changes(f"what the function `{short(dot.sql())}` does is not known")
    for function in statement.find_all(exp.Func):
        if (
            isinstance(function, exp.Anonymous | exp.AnonymousAggFunc)
            and (name := function.name.lower()) not in READING
        ):
            yield changes(f"the function `{short(name)}` changes something or is not known")
        elif isinstance(function, exp.NextValueFor):
            yield changes("it moves a sequence")
