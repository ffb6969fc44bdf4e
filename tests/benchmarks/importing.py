"""How much of what is written down can be run: the commands of the source documents, and of public runbooks."""

from __future__ import annotations

import os
from pathlib import Path

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.markdown.importer import import_markdown
from cockpit.runbook.markdown.report import Report
from tests.conftest import ROOT


def report(folder: Path) -> None:
    """Print how many commands each source document has and how many became actions; and of the corpus together."""
    del folder  # nothing is written
    shared = Path(os.environ.get("COCKPIT_SHARED", ROOT.parent / "shared"))
    print("commands of documents that became actions")
    for name, each in (("source-documents", True), ("runbook-corpus", False)):
        if not (shared / name).is_dir():
            print(f"  {name}: not measured, it is not beside the checkout (set COCKPIT_SHARED)")
            continue
        reports, refused = _imported(shared / name)
        for one in reports if each else ():
            _row(one.file, one.commands, one.runnable)
        remark = f"{len(reports)} documents" + (f", {refused} refused" if refused else "")
        _row(f"{name} together", sum(r.commands for r in reports), sum(r.runnable for r in reports), remark)


def _imported(folder: Path) -> tuple[list[Report], int]:
    """What each document's import came to, and how many were refused."""
    reports, refused = [], 0
    for path in sorted(folder.glob("*.md")):
        try:
            reports.append(import_markdown(path.read_bytes(), path.name).report)
        except RunbookError:
            refused += 1
    return reports, refused


def _row(name: str, commands: int, runnable: int, remark: str = "") -> None:
    share = f"{runnable / commands:.0%}" if commands else "none"
    print(f"  {name:<46} {runnable:>5} of {commands:<5} {share:>4}  {remark}".rstrip(), flush=True)
