"""A command with its placeholders taken out, so that it can be read as a shell reads it, and put back as parameters."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from cockpit.runbook.fill import variable
from cockpit.runbook.markdown.commands.shelltext import Context, Scan, scanned
from cockpit.runbook.markdown.placeholders.blanks import blanks
from cockpit.runbook.markdown.placeholders.placeholders import Found
from cockpit.values import replace

_FIRST = 0xE000
_MARKS = re.compile("[\ue000-\uf8ff]")
_SYNTAX = re.compile(r"[|&;<>()`$*?\[\]{}~\n]|(?:^|\s)!(?:\s|$)")
_ASSIGNS = re.compile(r"[A-Za-z_]\w*=")
_TAKEN = re.compile(
    r"path|home|user|shell|ifs|pwd|lang|term|env|bash_env|ps1|ps4|tmpdir|ld_\w+|python\w*|kubeconfig|hostname|uid|cdpath"
    r"|editor|pager|pg(?:password|user|host|port|database)|opt\w+|random|seconds|lines|columns|mail|logname|display"
)
"""Names whose environment variable would change how a script itself runs."""
_LIKE_A_PARAMETER = re.compile(r"^\$[a-z][a-z0-9_-]*$|\$\{[a-z][a-z0-9_-]*\}")


@dataclass(slots=True)
class Marked:
    """A command in which one character of the private use area stands for each placeholder.

    Attributes:
        found: the placeholder of each mark.
        scan: where everything stands in the marked text.
    """

    text: str
    found: dict[str, Found] = field(default_factory=dict)
    scan: Scan = field(default_factory=Scan)

    @property
    def placeholders(self) -> tuple[Found, ...]:
        """The placeholders in their order."""
        return tuple(self.found[char] for char in _MARKS.findall(self.text))

    def restored(self, text: str) -> str:
        """A piece of the text with the placeholders as they were written."""
        return _MARKS.sub(lambda mark: self.found[mark[0]].text, text)

    def referring(self, word: str) -> str:
        """A word with `$name` for a mark that is the whole of it, and `${name}` for others."""
        if word in self.found:
            return f"${self.found[word].name}"
        return _MARKS.sub(lambda mark: f"${{{self.found[mark[0]].name}}}", word)

    def words(self) -> tuple[str, ...] | None:
        """The words that a shell would make of it, marks in them; None where it has more than words."""
        if not self.scan.whole or _SYNTAX.search(self._unquoted()):
            return None
        try:
            words = shlex.split(_without_continuations(self.text, self.scan))
        except ValueError:
            return None
        if not words or _ASSIGNS.match(words[0]) or any(_LIKE_A_PARAMETER.search(word) for word in words):
            return None
        return tuple(words)

    def pipeline(self) -> tuple[tuple[str, ...], ...] | None:
        """The words of each command of a pipeline, or of the only one; None where there is more to it."""
        pipes = [
            number
            for number, (char, context) in enumerate(zip(self.text, self.scan.contexts, strict=True))
            if char == "|"
            and context == "plain"
            and "|" not in (self.text[number - 1], self.text[number + 1 : number + 2])
        ]
        found: list[tuple[str, ...]] = []
        for start, end in zip([-1, *pipes], [*pipes, len(self.text)], strict=True):
            text = self.text[start + 1 : end].strip().removesuffix("\\").removeprefix("\\\n").strip()
            words = Marked(text, self.found, scanned(text)).words()
            if words is None:
                return None
            found.append(words)
        return tuple(found)

    def _unquoted(self) -> str:
        """What a shell would look at: outside of quotes all, in double quotes `$` and backticks."""
        shown: list[str] = []
        for number, (char, context) in enumerate(zip(self.text, self.scan.contexts, strict=True)):
            before = self.text[number - 1] if number else ""
            if char == "\\" or (before == "\\" and context != "single"):
                continue
            if context in ("plain", "brace") or (context == "double" and char in "$`"):
                shown.append(char)
            else:
                shown.append("_")
        return "".join(shown)


def marked(text: str) -> Marked:
    """The command with its placeholders taken out. What a shell would not expand, as `$NAME` in single quotes that
    belongs to a program elsewhere, stays."""
    text = _MARKS.sub("", text)
    found = blanks(text)[: 0xF8FF - _FIRST]
    marks = {chr(_FIRST + number): _named_apart(each) for number, each in enumerate(found)}
    for mark, each in reversed(marks.items()):
        text = f"{text[: each.start]}{mark}{text[each.end :]}"
    scan = scanned(text)
    literal = {mark for mark, each in marks.items() if _is_literal(each, scan.contexts[text.index(mark)])}
    if literal:
        text = "".join(marks[char].text if char in literal else char for char in text)
        marks = {mark: each for mark, each in marks.items() if mark not in literal}
        scan = scanned(text)
    return Marked(text, marks, scan)


def _named_apart(found: Found) -> Found:
    return replace(found, name=f"{found.name}_value"[:60]) if _TAKEN.fullmatch(found.name) else found


def _is_literal(found: Found, context: Context) -> bool:
    return context == "comment" or (found.text.startswith("$") and context in ("single", "here-quoted"))


def _without_continuations(text: str, scan: Scan) -> str:
    """The text with each backslash at a line's end, and the line end, taken away."""
    kept: list[str] = []
    for number, char in enumerate(text):
        at_end = char == "\\" and text[number + 1 : number + 2] == "\n"
        after = char == "\n" and text[number - 1 : number] == "\\"
        if not ((at_end or after) and scan.contexts[number] in ("plain", "double")):
            kept.append(char)
    return "".join(kept)


def as_script(marked: Marked) -> str | None:
    """The command as a script that finds its parameters in its environment, quoted where they stand alone.

    None where a placeholder stands in a here-document whose text the shell takes as it is.
    """
    parts: list[str] = []
    for char, context in zip(marked.text, marked.scan.contexts, strict=True):
        found = marked.found.get(char)
        if found is None:
            parts.append(char)
            continue
        name = variable(found.name)
        match context:
            case "here-quoted":
                return None
            case "single":
                parts.append(f"'\"${{{name}}}\"'")
            case "plain" if not found.text.startswith("$"):
                parts.append(f'"${{{name}}}"')
            case "plain" if not found.text.startswith("${"):
                parts.append(f"${name}" if _ends_word(marked.text, len(parts)) else f"${{{name}}}")
            case _:
                parts.append(f"${{{name}}}")
    return "".join(parts)


def _ends_word(text: str, at: int) -> bool:
    return not re.match(r"\w", text[at + 1 : at + 2])
