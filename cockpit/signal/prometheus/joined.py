"""Many PromQL queries as one: Prometheus' API takes one query a request, and its answer can say whose each element is.

Each query is given a label of its own by `label_replace`, and all are joined by `or`, which keeps elements with
different labels apart. Before them stands `vector(1)`, so that no answer is empty and each tells the server's time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from cockpit.signal.prometheus.answers import MARK

_FIRST = "vector(1)"
_TOKEN = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|\#[^\n]*|[()\[\]{}"'`]""", re.DOTALL)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_PLACE = re.compile(r"\s*\((\d+):(\d+)\)\s*$")
"""Where a remark ends: line and column of the query that it speaks of."""


def joined(queries: Mapping[str, str]) -> str:
    """One query that gives the elements of all, each marked with the id of its query; ids need no escaping.

    A query stands on lines of its own, so that a comment at its end swallows nothing.
    """
    parts = (f'label_replace((\n{query}\n), "{MARK}", "{id}", "", "")' for id, query in queries.items())
    return "\nor ".join((_FIRST, *parts))


def located(queries: Mapping[str, str], remarks: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The remarks on a joined query, by the id of the query that each speaks of; one without a place is on all."""
    found: dict[str, list[str]] = {id: [] for id in queries}
    for remark in remarks:
        place = _PLACE.search(remark)
        of = _at_line(queries, int(place[1])) if place else None
        words = remark[: place.start()] if place and of else remark
        for id in [of] if of else queries:
            found[id].append(words)
    return {id: tuple(words) for id, words in found.items() if words}


def stands_alone(query: str) -> bool:
    """Whether a query may stand in parentheses: its own brackets are closed in their order, its quotes too.

    One that does not must be asked alone, so that the server says what is wrong with it, and not with its neighbours.
    """
    opened: list[str] = []
    for token in _TOKEN.findall(query):
        if token in "([{":
            opened.append(token)
        elif token in _PAIRS:
            if not opened or opened.pop() != _PAIRS[token]:
                return False
        elif token in "\"'`":
            return False
    return not opened and bool(query.strip())


def portions(queries: Mapping[str, str], most: int, longest: int) -> list[dict[str, str]]:
    """The queries in portions of at most `most`, each shorter than `longest` characters as far as one alone allows."""
    found: list[dict[str, str]] = []
    length = 0
    for id, query in queries.items():
        size = len(query) + len(id) + len(MARK) + 40
        if not found or len(found[-1]) >= most or length + size > longest:
            found.append({})
            length = 0
        found[-1][id] = query
        length += size
    return found


def halves(queries: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The first half and the second."""
    items: Sequence[tuple[str, str]] = list(queries.items())
    middle = len(items) // 2
    return dict(items[:middle]), dict(items[middle:])


def _at_line(queries: Mapping[str, str], line: int) -> str | None:
    """The query on that line of the joined one, counted from 1."""
    first = 3  # `vector(1)`, then the line that opens the first one's parentheses
    for id, query in queries.items():
        last = first + query.count("\n")
        if first - 1 <= line <= last + 1:
            return id
        first = last + 3
    return None
