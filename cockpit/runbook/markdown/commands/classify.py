"""What a fence holds, by its content: its tag is a hint that often is missing or wrong."""

from __future__ import annotations

import re
from typing import Literal

from cockpit.runbook.markdown.commands.recognise import is_command, looks_like_program

Content = Literal["shell", "session", "sql", "http", "config", "query", "code", "output", "text"]
"""`session`: commands behind prompts with their output. `query`: PromQL or LogQL. `code`: another language's."""

_SHELL_TAGS = frozenset({"bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "shellscript", "ksh"})
_CONFIG_TAGS = frozenset(
    {"yaml", "yml", "json", "toml", "ini", "hcl", "conf", "cfg", "properties", "xml", "dockerfile", "docker", "nginx"}
    | {"env", "dotenv", "terraform", "diff", "csv", "jsonc", "json5", "alertmanager"}
)
_QUERY_TAGS = frozenset({"promql", "logql", "kusto", "kql", "lucene", "spl"})
_SQL_TAGS = frozenset({"sql", "postgresql", "postgres", "pgsql", "plpgsql", "psql", "mysql"})
_PICTURE_TAGS = frozenset({"mermaid", "plantuml", "dot", "graphviz", "ascii", "text", "txt", "plaintext", "log"})

PROMPT = re.compile(r"^\s*(?:[\w.-]+@[\w.-]+[:~\w/.-]*\s?)?[$] +(?=\S)|^\s*[\w.-]+@[\w.-]+[:~\w/. -]*# +(?=\S)")
_SQL_PROMPT = re.compile(r"^\s*(?:\w+[=-][#>]|mysql>|sqlite>|MariaDB \[\w+\]>)\s")
_SQL_BEGIN = re.compile(
    r"(?:SELECT|WITH|INSERT\s+INTO|UPDATE|DELETE\s+FROM|ALTER\s|CREATE\s|DROP\s|EXPLAIN|VACUUM|ANALYZE|REINDEX|SHOW\s|TRUNCATE|"
    r"BEGIN\b|COMMIT\b|ROLLBACK\b|SET\s|GRANT\s|REVOKE\s|CALL\s|DO\s+\$|COPY\s|KILL\s|OPTIMIZE\s|CHECKPOINT|REFRESH\s)"
)
_SQL_BODY = re.compile(
    r"(?is)\bselect\b.+\bfrom\b|\bselect\s+\w+\s*\(|\bupdate\b.+\bset\b|\bdelete\s+from\b|\binsert\s+into\b"
)
_HTTP = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(?:https?://|/)\S*")
_QUERY = re.compile(
    r"\b(?:rate|irate|increase|histogram_quantile|sum_over_time|count_over_time|avg_over_time)\s*\("
    r"|\b(?:sum|avg|max|min|count|topk)\s*(?:by\s*)?\(|^\{\w+\s*=~?\s*\"|^[a-z_:]+(?:\{[^}]*\})?\s*[<>=!]=?\s*[\d.]+$"
)
_CONFIG_LINE = re.compile(
    r"^\s*(?:- )?(?:[\"']?[\w./-]+[\"']?\s*:(?:\s|$)|[\w.-]+\s*=\s*\S|\[+[\w. \"-]+\]+$|[}\]{\[],?$|- \S)"
)
_CODE_LINE = re.compile(
    r"^\s*(?:import \w|from \w+ import|def \w+\(|class \w+|const \w|let \w|var \w|async |await |public |private "
    r"|func \w|package \w|use \w+::|return\b|@\w+|}\s*(?:else|catch)|#include|fn \w+\(|interface \w"
    r"|export (?:const|default|async))"
    r"|^\s*//|;\s*$|=>\s*\{?\s*$"
)
_OUTPUT_LINE = re.compile(
    r"^\s*(?:\d{4}-\d\d-\d\d[T ]\d|\[?\d\d:\d\d:\d\d|[A-Z][A-Z-]+(?:\s{2,}[A-Z][A-Z() -]+)+\s*$|\d{1,3}(?:\.\d{1,3}){3}"
    r"|(?:ERROR|WARN|INFO|FATAL|DEBUG)\b|at [\w.$]+\(|Traceback |[│├└┌┐┘─═╔╗║▼→↓+|]{2,}|\s*[│├└┌▼↓|])"
)
_COLUMNS = re.compile(r"\S {2,}\S+ {2,}\S|^[A-Z][A-Z_]+(?: +[A-Z][A-Z_()-]+)+$")
"""How tables look that programs print."""
_PROGRAM = re.compile(r"(?:[~./\w$\"{-][\w./${}\"@:+-]*)(?:\s|$)")


def content_of(text: str, tag: str) -> Content:
    """What a fence with that tag holds."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    tag = tag.split()[0].strip("{}.:").lower() if tag.split() else ""
    words = [line for line in lines if not re.match(r"(?:#(?!!)|--|//|/\*)", line)]
    if not words:
        return "text"
    if any(_SQL_PROMPT.match(line) for line in lines):
        return "session"
    if any(PROMPT.match(line) for line in lines):
        return "session"
    if _is_sql(words, tag):
        return "sql"
    if _HTTP.match(words[0]):
        return "http"
    return _other(words, tag)


def is_sql_word(text: str) -> bool:
    """Whether a line begins with a keyword of SQL in capitals."""
    return bool(_SQL_BEGIN.match(text))


def begins_sql(text: str) -> bool:
    """Whether a line among commands of a shell is a statement: its keyword in capitals, and the body of one."""
    return bool(_SQL_BEGIN.match(text) and (_SQL_BODY.search(text) or text.rstrip().endswith(";")))


def _is_sql(words: list[str], tag: str) -> bool:
    first = words[0]
    if looks_like_program(first):
        return False
    if tag in _SQL_TAGS:
        return bool(_SQL_BEGIN.match(first.upper()))
    begins = _SQL_BEGIN.match(first) or (_SQL_BEGIN.match(first.upper()) and first.endswith(";"))
    return bool(begins and (_SQL_BODY.search("\n".join(words)) or words[-1].endswith(";")))


def _other(words: list[str], tag: str) -> Content:
    commands = sum(is_command(line) for line in words)
    if tag in _SHELL_TAGS:
        return "shell" if commands or _commandlike(words) else _not_shell(words)
    if tag in _QUERY_TAGS:
        return "query"
    if tag in _CONFIG_TAGS:
        return "shell" if commands and commands >= _share(words, 2) and not _is_config(words) else "config"
    if tag in _PICTURE_TAGS or not tag:
        kind = _not_shell(words)
        return "shell" if words[0].startswith("#!") or (commands and _leads(words, commands, kind)) else kind
    return "shell" if commands >= _share(words, 2) and not _share_of(_CODE_LINE, words, 3) else "code"


def _leads(words: list[str], commands: int, otherwise: Content) -> bool:
    """Whether commands among other lines make the whole a script: many are, or it begins with one."""
    return (
        is_command(words[0]) or words[0].startswith("cd ") or (commands >= _share(words, 3) and otherwise != "config")
    )


def _not_shell(words: list[str]) -> Content:
    joined = "\n".join(words)
    if _is_config(words):
        return "config"
    if re.search(_QUERY, joined):
        return "query"
    if _share_of(_OUTPUT_LINE, words, 3):
        return "output"
    return "code" if _share_of(_CODE_LINE, words, 2) else "text"


def _is_config(words: list[str]) -> bool:
    if words[0] in ("{", "[", "---") or words[0].startswith(('{"', "apiVersion:", "kind:", "<?xml")):
        return True
    prose = sum(bool(re.match(r"[\w /-]+: +\S+(?: \S+){3,}", line) or not _CONFIG_LINE.match(line)) for line in words)
    return prose * 4 < len(words) and not all(re.match(r"[A-Z][\w ]+:", line) for line in words)


def _commandlike(words: list[str]) -> bool:
    """Whether lines of a fence that calls itself a shell could be commands of programs nobody knows here."""
    if _is_config(words) or _share_of(_OUTPUT_LINE, words, 3):
        return False
    return sum(is_program_line(line) for line in words) >= _share(words, 2)


def is_program_line(line: str) -> bool:
    """Whether a line in a shell's fence may be a command: a word that is no capitalised prose, then words."""
    line = line.strip()
    if (
        not _PROGRAM.match(line)
        or re.match(r"[A-Z][a-z]+\s+[a-z]+\s+[a-z]+", line)
        or line.startswith(("-", "|", "+", "=", ">", '"""'))
    ):
        return False
    if not is_command(line) and (_COLUMNS.search(line) or _HTTP.match(line) or line.startswith("/dev/")):
        return False
    return not re.search(r"[a-z]{3,}[.!?]$", line) or "/" in line or len(line.split()) < 4


def _share(words: list[str], of: int) -> int:
    return max(1, -(-len(words) // of))


def _share_of(pattern: re.Pattern[str], words: list[str], of: int) -> bool:
    return sum(bool(pattern.search(line)) for line in words) >= _share(words, of)
