"""Writes the golden document anew: `python -m tests.scribe.write_golden`, then read the difference."""

from __future__ import annotations

from pathlib import Path

from cockpit.incident.policies import shipped
from cockpit.scribe.markdown import export
from tests.scribe.fuller import LABEL, handed_over, reviewed
from tests.scribe.story import COMMANDER, Book, at, bad_release

GOLDEN = Path(__file__).with_name("golden") / "bad-release.md"


def written(book: Book) -> str:
    """The document of the story, at 02:41:20."""
    policy = shipped()["incident-response-plan"]
    return export(book.timeline, label="INC-2026-001", now=at("41:20"), checklists=[COMMANDER], policy=policy)


if __name__ == "__main__":
    GOLDEN.write_text(written(bad_release()))
    policy = shipped()["incident-response-plan"]
    fuller = export(handed_over().timeline, label=LABEL, now=at("120:00"), policy=policy)
    GOLDEN.with_name("handed-over.md").write_text(fuller)
    GOLDEN.with_name("handed-over-review.md").write_text(reviewed(handed_over()))
