"""A redaction that comes over the shared record: the whole output goes from each machine that had taken it in."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.record.bundle.read import Bundle
from cockpit.record.bundle.take import import_bundle
from cockpit.record.bundle.write import write_bundle
from tests.record.bundles import RUN, result
from tests.record.redacting import SECRET, on_disk, redaction
from tests.record.shared.journals import journal
from tests.stories import INCIDENT

pytestmark = pytest.mark.anyio
WHOLE = f"the password is {SECRET}\n".encode() * 3000


async def test_it_goes_everywhere(tmp_path: Path, dsn: str) -> None:
    paths = [tmp_path / name / "record.db" for name in "ab"]
    async with journal(paths[0], dsn) as (a, ra), journal(paths[1], dsn) as (b, rb):
        paths[0].with_name("output").mkdir()
        paths[0].with_name("output").joinpath(f"{RUN}.log").write_bytes(WHOLE)
        (ran,) = (await a.append([result(whole=WHOLE)])).entries
        await a.call(lambda opened: write_bundle(opened, INCIDENT, tmp_path / "x.bundle"))
        with Bundle.open(tmp_path / "x.bundle") as bundle:
            assert (await b.call(lambda opened: import_bundle(bundle, opened, SystemClock()))).outputs == 1
        await ra.once()
        await b.append([redaction(ran)])
        assert (on_disk(paths[1].parent, SECRET), bool(on_disk(paths[0].parent, SECRET))) == ([], True)
        await rb.once()
        await ra.once()
        assert on_disk(paths[0].parent, SECRET) == []
        assert (await a.verify()).sound
        assert not (await a.verify()).unscrubbed
