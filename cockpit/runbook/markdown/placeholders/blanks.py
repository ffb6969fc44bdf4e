"""Blanks of commands and statements: what prose means by the same letters is a tag, a constant, or nobody's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cockpit.runbook.markdown.placeholders.names import named
from cockpit.runbook.markdown.placeholders.placeholders import Found, find

_ANGLE = re.compile(r"(?<![<\w])<(?P<name>[A-Za-z](?:[\w -]{0,40}\w)?)>(?=$|[\s\"'/:.,;|)@-])")
_KIND = (
    "ENDPOINT|HOST|HOSTNAME|NAME|ID|IP|ARN|TOKEN|PASSWORD|SECRET|URL|POD|NAMESPACE|ADDRESS|PORT|USER|BUCKET|REGION"
    "|CLUSTER|SERVICE|DEPLOYMENT|INSTANCE|NODE|CONTAINER|VERSION|HERE"
)
_CAPITALS = re.compile(
    r"(?:(?<=\s-[a-zA-Z] )|(?<=\s-[a-zA-Z][a-zA-Z] )|(?<=[a-z][ =])|(?<=[/@]))"
    rf"(?P<name>(?:[A-Z][A-Z0-9]*_)+(?:{_KIND}))(?=$|[\s/:.?\"'])"
)
_KNOWN = re.compile(
    r"(?:grep|echo|printf|printenv|export|unset|env|setenv|getenv|add|rm|remove|secret|secrets|config|-e|--env|\bset)"
    r"(?:\s+-\S+)*\s+[\"']?$"
)
"""What stands in front of the name of a variable, or of words to look for."""
_WHEN = re.compile(r"(?<=')(?P<name>(?:[A-Z]+_)+(?:TIME|TIMESTAMP|DATE|HERE))(?=')")
_MINE = re.compile(
    r"(?<![\w./-])my-(?P<name>namespace|cluster|service|deployment|pod|app|application|bucket|instance|database|db"
    r"|container|host|domain|project|task|node|secret|function|queue|topic)(?:-[a-z0-9]+)*(?![\w-])"
)


def blanks(text: str) -> list[Found]:
    """The placeholders of a command or a statement, in their order; besides those of any text also `<path>`, which in
    prose is a tag, `-h DB_HOST` where a value stands, and `my-cluster`."""
    found = list(find(text))
    taken = bytearray(len(text))
    for each in found:
        taken[each.start : each.end] = b"x" * (each.end - each.start)
    for match in (*_ANGLE.finditer(text), *_capitals(text), *_WHEN.finditer(text), *_MINE.finditer(text)):
        if not any(taken[match.start() : match.end()]):
            found.append(_found(text, match))
            taken[match.start() : match.end()] = b"x" * (match.end() - match.start())
    return sorted(found, key=lambda each: each.start)


def _capitals(text: str) -> Iterator[re.Match[str]]:
    for match in _CAPITALS.finditer(text):
        if not _KNOWN.search(text[max(0, match.start() - 60) : match.start()]):
            yield match


def _found(text: str, match: re.Match[str]) -> Found:
    what = named(match["name"], text[max(0, match.start() - 60) : match.start()])
    return Found(match.start(), match.end(), match[0], what.name, what.title, what.type, what.from_, what.secret)
