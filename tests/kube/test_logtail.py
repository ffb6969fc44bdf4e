"""The end of a log whose lines are too large for all that were asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from replay import answering, kubeconfig, serving
from starlette.requests import Request
from starlette.responses import Response

from cockpit.clock import SystemClock
from cockpit.kube.access import Access
from cockpit.kube.logs.ending import LONGEST_TAIL, LogTail, tail

pytestmark = pytest.mark.anyio


async def tail_of(folder: Path, written: list[bytes], lines: int) -> LogTail:
    """The tail that a kubelet gives: of the last so many lines the first so many bytes."""

    async def handler(request: Request) -> Response:
        query = request.query_params
        body = b"".join(line + b"\n" for line in written[-int(query["tailLines"]) :])
        return Response(body[: int(query["limitBytes"])], media_type="text/plain")

    async with serving(answering(handler)) as server:
        access = await Access.open("prod-eu", kubeconfig(folder, server), SystemClock())
        try:
            return await tail(access, "production", "shop-1", lines=lines)
        finally:
            await access.close()


@pytest.mark.parametrize("size", [6_000, 20_000, 300_000])
async def test_of_lines_that_are_too_large_the_newest_are_given(tmp_path: Path, size: int) -> None:
    written = [f"{number:06} ".encode() + b"x" * size for number in range(300)]
    given = await tail_of(tmp_path, written, 200)
    numbers = [int(line[:6]) for line in given.lines]
    assert given.cut
    assert numbers == list(range(300 - len(numbers), 300))
    assert 1 <= len(numbers) < 200


async def test_one_line_that_is_too_large_is_cut_and_what_fits_is_whole(tmp_path: Path) -> None:
    huge = await tail_of(tmp_path, [b"a", b"x" * (2 * LONGEST_TAIL)], 5)
    assert (len(huge.lines), huge.cut) == (1, True)
    fits = await tail_of(tmp_path, [b"a", b"b"], 5)
    assert (fits.lines, fits.cut) == (("a", "b"), False)
