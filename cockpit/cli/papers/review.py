"""`cockpit review`: the post-incident document, written as far as the record knows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cockpit.cli.context import Failure, a_file, house, run, say, share_with
from cockpit.room.journal.papers import Papers
from cockpit.room.requests import Refusal

if TYPE_CHECKING:
    from cockpit.room.journal.papers import Part


@click.command(help="Write the review. Its human parts are written by `cockpit incident review SECTION TEXT`.")
@click.option(
    "--output", type=click.Path(path_type=Path), default=None, callback=a_file, help="A file; else it is printed."
)
def review(output: Path | None) -> None:
    """Write it."""
    parts = run(_parts)
    text = "\n\n".join(part.markdown for part in parts if part.markdown)
    if output is None:
        say(text, lambda: [{"section": part.section or None, "markdown": part.markdown} for part in parts])
        return
    try:
        output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise Failure(f"{output}: not written, {error.strerror}; name another with --output") from None
    say(f"written: {output}", lambda: {"written": str(output)})


share_with(review)


async def _parts() -> list[Part]:
    async with house(read_only=True) as opened:
        if opened.room.state.declared is None:
            raise Refusal("there is no incident to review; name one with --incident: `cockpit incident list`")
        return list(await Papers(opened.room).review())
