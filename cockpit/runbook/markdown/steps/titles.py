"""What steps are called: by the comment above, by what introduces them, and by what tells them from each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cockpit.runbook.markdown.commands.snippets import Snippet

_NEAR = 20
"""How many commands above one are looked at for what it goes on with."""
_FLAGS = re.compile(r"\s(?:-n|--namespace|--context|--kubeconfig)[=\s]+\S+")


def briefly(text: str, most: int = 60) -> str:
    """The first line of a text, cut at a word where it is too long."""
    line = next((line.strip() for line in text.strip().split("\n") if line.strip()), "").rstrip("\\|").strip()
    if len(line) <= most:
        return line
    cut = line[: most - 1].rsplit(" ", 1)[0] if " " in line[:most] else line[: most - 1]
    return f"{cut}…"


def differences(snippets: Sequence[Snippet], intro: str) -> list[str]:
    """A title for each command: its own comment; else what introduces all of them, with what is different."""
    shared: dict[str, list[int]] = {}
    titles = [snippet.title for snippet in snippets]
    for number, snippet in enumerate(snippets):
        if snippet.title and snippet.group[0] > 1:
            start = number - snippet.group[1]
            shared.setdefault(f"{start}:{snippet.title}", []).append(number)
        elif not snippet.title:
            shared.setdefault("", []).append(number)
        elif intro and len(snippet.title.split()) == 1 and len(snippets) > 1:
            titles[number] = f"{intro}: {snippet.title}"
    if not intro:
        shared[""] = [number for number in shared.get("", []) if not _continues(snippets, titles, number)]
    for key, numbers in shared.items():
        words = key.partition(":")[2] if key else intro
        for number, told in zip(numbers, _told_apart([snippets[at].text for at in numbers]), strict=True):
            titles[number] = f"{words}: {told}" if words and told else words or briefly(snippets[number].text)
    return [briefly(title, 160) or briefly(each.text) for title, each in zip(titles, snippets, strict=True)]


def _continues(snippets: Sequence[Snippet], titles: list[str], number: int) -> bool:
    """Whether a command without a comment goes on with what a titled one above began; it gets its title then."""
    words = snippets[number].text.split()
    for at in range(number - 1, max(-1, number - 1 - _NEAR), -1):
        others = snippets[at].text.split()
        if snippets[at].title and len(words) > 2 and words[:2] == others[:2]:
            titles[number] = f"{snippets[at].title}: {_told_apart([snippets[at].text, snippets[number].text])[1]}"
            return True
    return False


def _told_apart(texts: Sequence[str]) -> list[str]:
    """What each command has that the others have not; nothing where there is only one."""
    if len(texts) < 2:
        return [""] * len(texts)
    lines = [_FLAGS.sub("", briefly(text, 200)).split() for text in texts]
    ahead = _common(lines)
    behind = _common([line[ahead:][::-1] for line in lines])
    found = [" ".join(line[ahead : len(line) - behind]) for line in lines]
    return [briefly(part or " ".join(line)) for part, line in zip(found, lines, strict=True)]


def _common(lines: Sequence[Sequence[str]]) -> int:
    """How many words all have in common at their beginning."""
    return next((at for at, words in enumerate(zip(*lines, strict=False)) if len(set(words)) > 1), min(map(len, lines)))
