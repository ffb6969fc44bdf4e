"""Shell variables that one command sets and later ones use: a step's output, a default, or a part of the script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cockpit.runbook.markdown.commands.shelltext import scanned
from cockpit.runbook.markdown.commands.snippets import Snippet
from cockpit.runbook.markdown.placeholders.placeholders import find
from cockpit.runbook.parameters import FromStep, Parameter

_ASSIGNMENT = re.compile(r"(?:export\s+|local\s+|declare\s+(?:-\w\s+)?)?(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.S)
_NAME = re.compile(r"\$\{?(?P<name>[A-Za-z_]\w*)")


@dataclass(slots=True)
class Variables:
    """What was set so far, in the document's order.

    Attributes:
        steps: names whose value is a step's output, with its id.
        defaults: names with a value that the document gives.
        scripts: names whose value must be worked out where they are used, with the line that sets them.
    """

    steps: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)

    def assigned(self, snippet: Snippet) -> str | None:
        """What a command that only sets a variable takes it from: a command, or "" for a value. None for others."""
        found = _alone(snippet)
        if found is None:
            return None
        name, value = found["name"], found["value"].strip()
        self._forget(name)
        if command := _substituted(value):
            return command
        bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
        if not bare or (find(bare) and "$" not in bare):
            return ""
        if "$" in bare or "`" in bare:
            self.scripts[name] = snippet.text
        else:
            self.defaults[name] = bare
        return ""

    def gives(self, snippet: Snippet, step: str) -> None:
        """The step's output is the value of the variable that `snippet` sets."""
        if found := _alone(snippet):
            self.steps[found["name"]] = step

    def needed(self, text: str) -> tuple[str, ...]:
        """The lines that a command stands on: those that set what it uses, and what they use in turn."""
        found: dict[str, str] = {}
        waiting = [match["name"] for match in _NAME.finditer(text)]
        while waiting:
            name = waiting.pop()
            if name in self.scripts and name not in found:
                found[name] = self.scripts[name]
                waiting += [match["name"] for match in _NAME.finditer(found[name])]
        return tuple(line for name, line in self.scripts.items() if name in found)

    def told(self, parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
        """The parameters with what is known of their values."""
        return tuple(self._told(each) for each in parameters)

    def _told(self, parameter: Parameter) -> Parameter:
        written = _NAME.match(parameter.placeholder)
        if written is None:
            return parameter
        name = written["name"]
        if name in self.steps:
            return parameter.model_copy(update={"from_": FromStep(step=self.steps[name])})
        if name in self.defaults and not parameter.secret and not parameter.wrong(self.defaults[name]):
            return parameter.model_copy(update={"default": self.defaults[name], "from_": None})
        return parameter

    def _forget(self, name: str) -> None:
        for known in (self.steps, self.defaults, self.scripts):
            known.pop(name, None)


def _alone(snippet: Snippet) -> re.Match[str] | None:
    if snippet.language != "shell" or snippet.within or snippet.alone:
        return None
    found = _ASSIGNMENT.fullmatch(snippet.text)
    return found if found and _one_word(found["value"].strip()) else None


def _one_word(value: str) -> bool:
    scan = scanned(value)
    depth = 0
    for char, context in zip(value, scan.contexts, strict=True):
        depth += (char == "(") - (char == ")") if context == "plain" else 0
        if depth == 0 and context == "plain" and char in " \t\n;|&<>" and "`" not in value:
            return False
    return scan.whole


def _substituted(value: str) -> str:
    """The command whose output the value is, where it is nothing but that."""
    bare = value[1:-1] if value.startswith('"') and value.endswith('"') else value
    if bare.startswith("`") and bare.endswith("`") and bare.count("`") == 2:
        return bare[1:-1].strip()
    if not (bare.startswith("$(") and bare.endswith(")")) or bare.startswith("$(("):
        return ""
    depth = 0
    for number, (char, context) in enumerate(zip(bare, scanned(bare).contexts, strict=True)):
        if context == "plain":
            depth += (char == "(") - (char == ")")
            if depth == 0 and number > 1 and number < len(bare) - 1:
                return ""
    return bare[2:-1].strip()
