"""The pods of the board as screens see them."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.room.views.pods import PodsView
from cockpit.room.views.source import SourceView
from cockpit.signal.board import Board


def pods_view(board: Board, source: Callable[[str], SourceView]) -> PodsView:
    """The pods, the deployment and what they use; `source` gives how fresh a part of the board is."""
    table, metered = board.table, source("usage") if "usage" in board.parts else None
    if table is None:
        return PodsView(source("pods"), usage_source=metered)
    return PodsView(
        source("pods"),
        tuple(table.rows.values()),
        board.deployment,
        board.revisions,
        by_uid=table.rows,
        version=table.version,
        changed_since=table.changed_since,
        usage=board.usage,
        usage_source=metered,
        tally=table.tally,
    )
