"""Rows as psql prints them: a header, a rule, the values under each other."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.text import clean

LONGEST_CELL = 200
"""Characters of one value that are shown."""

Row = Sequence[str | None]


def printed(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """The lines of a table; numbers stand at the right. NULL is `NULL`, as otherwise nothing tells it from ''."""
    cells = [[_cell(value) for value in row] for row in rows]
    heads = [_cell(column) for column in columns]
    widths = [max([len(heads[at]), *(len(row[at]) for row in cells)]) for at in range(len(heads))]
    numeric = [bool(rows) and all(_is_number(row[at]) for row in rows) for at in range(len(heads))]
    lines = [_line(heads, widths, [False] * len(heads)), "-+-".join("-" * width for width in widths)]
    return [*lines, *(_line(row, widths, numeric) for row in cells)]


def pairs(columns: Sequence[str], row: Row, most: int = 160) -> str:
    """One row in a line: `id=7 status=PENDING`, cut after `most` characters."""
    text = " ".join(f"{clean(column)}={_cell(value)}" for column, value in zip(columns, row, strict=True))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if to else cell.ljust(width) for cell, width, to in zip(cells, widths, right, strict=True)
    )
    return " | ".join(padded).rstrip()


def _cell(value: str | None) -> str:
    if value is None:
        return "NULL"
    text = clean(value[: LONGEST_CELL + 1])
    return text if len(value) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _is_number(value: str | None) -> bool:
    return value is None or value.removeprefix("-").replace(".", "", 1).isdigit()
