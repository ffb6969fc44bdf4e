"""Lines of kubectl: the typed action that means exactly the same, or the line with its place pinned."""

from __future__ import annotations

from cockpit.runbook.kubectl.pinning import Place, leading_away, pinned, place_of, placed, yielding
from cockpit.runbook.kubectl.pipeline import typed_pipeline
from cockpit.runbook.kubectl.typing import typed

__all__ = ["Place", "leading_away", "pinned", "place_of", "placed", "typed", "typed_pipeline", "yielding"]
