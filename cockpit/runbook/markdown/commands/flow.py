"""What one command of a fence means for those after it: a folder entered, a shell elsewhere, a comment for several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cockpit.runbook.markdown.commands.recognise import looks_like_program
from cockpit.runbook.markdown.commands.snippets import Snippet
from cockpit.values import replace

_SHELLS = frozenset({"bash", "sh", "ash", "zsh", "fish", "/bin/bash", "/bin/sh", "/bin/zsh", "/bin/ash"})
_CONSOLES = {
    "psql": r"-[a-zA-Z]*[cfl]|--command.*|--file.*|--list|--version|-V",
    "mysql": r"-e.*|--execute.*|--version|-V",
    "mariadb": r"-e.*|--execute.*",
    "mongosh": r"--eval.*|--file.*|-f",
    "mongo": r"--eval.*",
    "sqlite3": r"",
    "redis-cli": r"--(?!tls|raw|user|pass).*",
}
_VALUED = {
    "ssh": r"-[bcDEeFIiJLlmOopQRSWw]",
    "redis-cli": r"-[hpanu]|--user|--pass",
    "psql": r"",
    "mysql": r"",
}
_CONTAINERS = frozenset(
    {"kubectl", "oc", "k", "docker", "podman", "docker-compose", "heroku", "nerdctl", "crictl", "flyctl", "fly"}
)
_OUTER = frozenset({"kubectl", "oc", "docker", "docker-compose", "podman", "helm", "aws", "gcloud", "az", "terraform"})
_CONSOLE = re.compile(r"(?:^|\s|/)(?:psql|mysql|mariadb|mongosh?|sqlite3|redis-cli)(?=\s|$)")
_ALONE = frozenset({"python", "python3", "node", "irb", "ipython", "su", "mongo", "mongosh"})
_PRELUDE = re.compile(
    r"(?:cd|pushd|source|\.|alias|umask|unset|shopt)\s+[^|;&\n]+|(?:export\s+)?PATH=[^\n;]*|(?:eval|export)\s+\$\([^\n]*\)"
)
_FUNCTION = re.compile(r"(?:function\s+)?[\w-]+\s*(?:\(\s*\))?\s*\{.*\}", re.S)
_SETTING = re.compile(r"set\s+[-+][a-zA-Z]\S*(?:\s+\w+)?|trap\s.*|clear|exit(?:\s+\d+)?|logout|popd|\\q")
_OPERATOR = re.compile(r"[|<>;&]")


def flowing(
    found: Sequence[Snippet], runs: Sequence[bool], left: list[tuple[int, int, str]]
) -> tuple[tuple[Snippet, ...], tuple[tuple[int, int, str], ...]]:
    """The commands of a fence in the light of each other, and the lines that are no steps.

    Args:
        runs: for each command, whether it directly follows the one above without a comment of its own.
        left: lines that are no commands.
    """
    grouped = list(_grouped(found, runs)) if runs else list(found)
    steps, settings = _prelude(_within(grouped))
    return tuple(steps), tuple(sorted([*left, *settings]))


def _grouped(found: Sequence[Snippet], runs: Sequence[bool]) -> Iterator[Snippet]:
    """Commands under one comment share its words."""
    start = 0
    for number in range(1, len(found) + 1):
        if number < len(found) and runs[number]:
            continue
        head, count = found[start], number - start
        for index, each in enumerate(found[start:number]):
            title = each.title if index == 0 or each.title or not head.title else head.title
            shared = index > 0 and each.title == ""
            condition = each.condition or (head.condition if shared else "")
            group = (count, index) if head.title and (index == 0 or shared) else (1, 0)
            yield replace(each, title=title, group=group, condition=condition)
        start = number


def _within(found: Sequence[Snippet]) -> Iterator[Snippet]:
    """What is typed into a shell or a console elsewhere is no command of this machine."""
    inside = ""
    for each in found:
        if re.fullmatch(r"exit|logout|\\q|quit;?", each.text) or (inside and _is_outside(inside, each)):
            inside = ""
        yield replace(each, within=inside) if inside else each
        if not inside and each.language == "shell" and enters(each.text):
            inside = each.text


def _is_outside(inside: str, snippet: Snippet) -> bool:
    """Whether a command cannot be meant for the place that was entered: programs in a console of a database, the
    cluster's and the cloud's own tools in a container. What follows `ssh` may be meant for that machine."""
    entered = inside.split()
    line = snippet.text.split("\n")[0]
    if _CONSOLE.search(inside) and "ssh" not in entered:
        return looks_like_program(line) and not _CONSOLE.match(line)
    return entered[0] in _CONTAINERS and line.split()[:1] != [] and line.split()[0] in _OUTER


def _prelude(found: Iterator[Snippet]) -> tuple[list[Snippet], list[tuple[int, int, str]]]:
    steps: list[Snippet] = []
    left: list[tuple[int, int, str]] = []
    prelude: tuple[str, ...] = ()
    for each in found:
        prepares = _PRELUDE.fullmatch(each.text) or _FUNCTION.fullmatch(each.text)
        if each.language == "shell" and not each.within and prepares:
            prelude = (*prelude, each.text)
            left.append((each.line, each.end, "goes before each command after it in this block"))
        elif each.language == "shell" and _SETTING.fullmatch(each.text):
            left.append((each.line, each.end, "a setting of the shell, nothing to run by itself"))
        else:
            steps.append(replace(each, prelude=prelude) if not each.within else each)
    return steps, left


def enters(text: str) -> bool:
    """Whether a command opens a shell or a console that further lines would be typed into."""
    words = re.sub(r"\"[^\"]*\"|'[^']*'", "X", text.replace("\\\n", " ")).split()
    while words and (words[0] in ("sudo", "exec", "time", "env") or re.fullmatch(r"\w+=[^\s(]*", words[0])):
        if words[0] == "sudo" and words[1:2] in (["-i"], ["-s"]):
            return True
        words = words[1:]
    return bool(words) and not _OPERATOR.search(re.sub(r"<[\w -]+>", "X", " ".join(words))) and _enters(words)


def _enters(words: list[str]) -> bool:
    name, rest = words[0], words[1:]
    if name in _SHELLS or name in _ALONE:
        return all(
            re.fullmatch(r"-[il]*|--login|-u|\w+(?<!\.py)(?<!\.js)" if name == "su" else r"-[il]*", w) for w in rest
        )
    if name == "ssh":
        return len(_without_values(rest, _VALUED["ssh"])) == 1
    if name in _CONSOLES:
        if _CONSOLES[name] and any(re.fullmatch(_CONSOLES[name], word) for word in rest):
            return False
        return name != "redis-cli" or not _without_values(rest, _VALUED["redis-cli"])
    if name in _CONTAINERS:
        opens = {"exec", "run", "debug", "attach", "ssh"} & set(rest)
        at = [number for number, word in enumerate(rest) if word in _SHELLS or word in _CONSOLES or word in _ALONE]
        return bool(opens and at) and _enters(rest[at[0] :])
    return False


def _without_values(words: list[str], valued: str) -> list[str]:
    """The words that are neither options nor their values."""
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = bool(re.fullmatch(valued, word))
        else:
            found.append(word)
    return found
