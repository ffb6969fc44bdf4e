"""`make screenshots`: flies the real cockpit through the demo's outage and pictures the moments that matter."""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import resvg_py
from conftest import ROOT
from screen.flying import Flown, flying

from cockpit.screen.terminal.glyphs import BLOCKS
from cockpit.screen.terminal.themes import NAMES
from tests.simulated import simulated

FONT = "DejaVu Sans Mono"
PLACES = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "~/.fonts", "~/.local/share/fonts")
"""Where fonts are, on machines without fontconfig."""
NOWHERE = "http://127.0.0.1:9"
"""Where nothing listens."""
SMALL, MIDDLE, LARGE = (80, 24), (120, 40), (200, 60)


class NoFontError(Exception):
    """The font of the pictures is not on this machine."""


def font() -> Path:
    """The font's file; raises NoFontError with what to do."""
    if match := shutil.which("fc-match"):
        found = subprocess.run([match, "--format=%{family}\t%{file}", FONT], capture_output=True, text=True).stdout
        family, _, path = found.partition("\t")
        if FONT in family:
            return Path(path)
    for place in PLACES:
        for path in Path(place).expanduser().rglob("DejaVuSansMono.ttf"):
            return path
    raise NoFontError(
        f"the font {FONT} is not installed; it is in the package fonts-dejavu-core or dejavu-sans-mono-fonts"
    )


class Camera:
    """Takes pictures of a cockpit.

    Args:
        cockpit: what is taken.
        folder: where the PNG files go.
        typeface: the font's file.
    """

    def __init__(self, cockpit: Flown, folder: Path, typeface: Path) -> None:
        self._cockpit = cockpit
        self._folder = folder
        self._typeface = typeface

    async def take(self, name: str, size: tuple[int, int] = SMALL) -> None:
        """Write `name`.png of what is on the screen at `size`."""
        await self._cockpit.pilot.resize_terminal(*size)
        await asyncio.sleep(1.2)  # the cockpit draws once a second, and in tests nothing else tells that it has
        await self._cockpit.settles()
        zoom = 0.55 if size == LARGE else 1.0  # a picture stays under 300 KB
        svg = self._cockpit.app.export_screenshot(title="cockpit").replace("Fira Code", FONT)
        png = resvg_py.svg_to_bytes(
            svg_string=svg, skip_system_fonts=True, font_files=[str(self._typeface)], monospace_family=FONT, zoom=zoom
        )
        path = self._folder / f"{name}.png"
        path.write_bytes(bytes(png))
        print(f"{path.name}: {size[0]}×{size[1]}, {len(png) / 1000:.0f} KB", flush=True)


Part = Callable[[Flown, Camera], Awaitable[None]]
"""A part of a flight, with pictures."""


async def breaking(cockpit: Flown, camera: Camera) -> None:
    """The outage, before and after somebody declares it."""
    await cockpit.sees("CrashLoopBackOff", "Error rate", "breached", "suggested: Pod Crash", timeout=90)
    await camera.take("breaking")
    await cockpit.press("D", "enter")
    await cockpit.sees("does all of this together")
    await cockpit.press("y")
    await cockpit.records("declared")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("e")
    await cockpit.goes_to("SeverityDialog")
    await cockpit.press("enter")  # the cursor stands on the level that the criteria propose
    await cockpit.records("severity")
    await cockpit.press("r")
    await cockpit.goes_to("PeoplePage")
    await cockpit.press("enter")
    await cockpit.records("role")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("3", "space")
    await cockpit.records("checklist")
    await cockpit.press("p")
    await cockpit.goes_to("ContactsPage")
    await camera.take("contacts")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await camera.take("declared")


async def looking_closer(cockpit: Flown, camera: Camera) -> None:
    """One pod, what changed, and the course of a signal."""
    await cockpit.opens_crashing("enter", "PodPage")
    await cockpit.sees("ended with exit code 1", "readiness")
    await camera.take("pod")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("c")
    await cockpit.goes_to("RolloutPage")
    await cockpit.sees("Changed from rev 42")
    await camera.take("rollout")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("2", "g", "enter")
    await cockpit.goes_to("SignalPage")
    await cockpit.press("plus", "plus")
    await cockpit.sees("breach >", "UTC")
    await camera.take("chart", MIDDLE)
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("1")


async def rolling_back(cockpit: Flown, camera: Camera) -> None:
    """The log that says why, the preview, and the change on its way."""
    await cockpit.sees("▲ fdb6c65fd")  # between two crashes a pod stands among the others
    await cockpit.press("1", "g", "l")
    await cockpit.goes_to("LogPage")
    await cockpit.press("P")
    await cockpit.sees("setting PAYMENT_ROUTES is missing")
    await camera.take("log")
    await cockpit.press("L")
    await cockpit.sees("following 5 pods", "hd7rh")
    await camera.take("logs")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await looking_closer(cockpit, camera)
    await cockpit.press("a")
    await cockpit.goes_to("ActPage")
    await cockpit.sees("now: ", "Roll back")
    await camera.take("runbook")
    await cockpit.press("enter")
    await cockpit.goes_to("RunScreen")
    await cockpit.sees("rollout undo", "no (default)")
    await camera.take("preview")
    await cockpit.press("y")
    await cockpit.records("run-intent", 2)


async def recovering(cockpit: Flown, camera: Camera) -> None:
    """The service is well again, and customers are told."""
    await cockpit.records("run-verified")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.sees("5/5 ready", timeout=90)
    await camera.take("recovered", MIDDLE)
    await cockpit.pilot.resize_terminal(*SMALL)
    await cockpit.press("u")
    await cockpit.goes_to("UpdateScreen")
    await cockpit.type("rolled back to 1.4.1")
    await camera.take("update")
    await cockpit.press("ctrl+right", "enter")
    await cockpit.sees("Record and send?")
    await cockpit.press("y")
    await cockpit.records("delivery")
    await cockpit.goes_to("SentPage")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("m")
    await cockpit.goes_to("MessagesPage")
    await camera.take("messages")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await camera.take("large", LARGE)


async def handing_over(cockpit: Flown, camera: Camera) -> None:
    """The command offered to another."""
    await cockpit.press("r", "H")
    await cockpit.goes_to("PeoplePage")
    await cockpit.type("bob")
    await cockpit.press("enter")
    await cockpit.records("handover")
    await cockpit.sees("offered to @bob")
    await camera.take("people")
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")


async def reading(cockpit: Flown, camera: Camera) -> None:
    """The record as it will be exported, and the help."""
    await cockpit.pilot.resize_terminal(*SMALL)
    for line in ("impact cards are refused --who customers --trend better", "hypothesis release 1.4.2 lacks a setting"):
        await cockpit.press("slash")
        await cockpit.type(line)
        await cockpit.press("enter")
        await cockpit.settles()
    await cockpit.records("hypothesis")
    await handing_over(cockpit, camera)
    pages = (("b", "brief"), ("w", "review"), ("s", "scribe"), ("question_mark", "help"))
    for key, name in pages:
        await cockpit.press(key)
        await camera.take(name, MIDDLE if name == "scribe" else SMALL)
        await cockpit.press("escape")
        await cockpit.goes_to("CockpitScreen")


async def blocked(cockpit: Flown, camera: Camera) -> None:
    """A database in which one session blocks the others, while Prometheus cannot be reached."""
    await cockpit.sees("3/3 ready", "Orders stuck", timeout=90)
    await cockpit.press("t")
    await cockpit.goes_to("DatabasePage")
    await cockpit.sees("Who blocks whom", "waits", timeout=60)
    await camera.take("database", MIDDLE)
    await cockpit.press("escape")
    await cockpit.goes_to("CockpitScreen")
    await cockpit.press("v")
    await cockpit.goes_to("SourcesPage")
    await cockpit.sees("unreachable for", timeout=60)
    await camera.take("sources")


async def fly(folder: Path, typeface: Path) -> None:
    """The whole path, with a picture at each stop, and then a database in trouble."""
    with outage("bad-release") as config:
        await picture(folder, typeface, config, (breaking, rolling_back, recovering, reading))
    with outage("stuck-orders") as config:
        text = config.read_text(encoding="utf-8")
        config.write_text(re.sub(r"(prometheus:\n  main:\n    url: ).*", rf"\g<1>{NOWHERE}", text), encoding="utf-8")
        await picture(folder, typeface, config, (blocked,))


@contextmanager
def outage(scenario: str) -> Iterator[Path]:
    """A simulator of that scenario, in a folder that is gone afterwards; gives the configuration that it wrote."""
    with tempfile.TemporaryDirectory(prefix="cockpit-") as place, simulated(Path(place), scenario, speed=10) as config:
        yield config


async def picture(folder: Path, typeface: Path, config: Path, parts: Sequence[Part]) -> None:
    """One cockpit through these parts of a flight."""
    async with flying(config.parent, config, glyphs=BLOCKS) as cockpit:  # the font has no braille
        camera = Camera(cockpit, folder, typeface)
        cockpit.app.theme = NAMES["dark"]  # whatever terminal this is started from
        for part in parts:
            await part(cockpit, camera)


def main() -> int:
    """Take all pictures anew; gives the exit code."""
    parser = argparse.ArgumentParser(prog="make screenshots ARGS=", description=__doc__)
    parser.add_argument("--directory", type=Path, default=ROOT / "screenshots")
    given = parser.parse_args()
    try:
        typeface = font()
    except NoFontError as error:
        print(f"no pictures were taken: {error}")
        return 1
    given.directory.mkdir(exist_ok=True)
    asyncio.run(fly(given.directory, typeface))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
