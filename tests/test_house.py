"""The house's rules: who imports whom, and what is not loaded until it is needed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

LATE = {"aiohttp", "httpx", "kubernetes", "markdown_it", "psycopg", "sqlglot", "starlette", "uvicorn"}
"""What only sources, servers and databases need: none of it may delay the first picture."""

PLAIN = {"clock", "config", "lazy", "text", "values"}
"""What everybody may import."""

RARE = {
    "cockpit.room.grammar.errands",
    "cockpit.room.grammar.line",
    "cockpit.room.requests.several",
    "textual.widgets._text_area",
}
"""What only somebody needs who types or edits something."""

ROOTS = ("cockpit.room.grammar", "cockpit.room.requests")
"""Packages that import what is asked of them when it is asked for."""

MOST_MODULES, MOST_COMPILED = 340, 30
"""Modules of ours before the room's picture, a third of a millisecond each; and dataclasses, half of one each."""

ROOMS_PICTURE = """
import asyncio, sys
from pathlib import Path
import cockpit.screen.app, cockpit.screen.cockpit
from cockpit.clock import SystemClock
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.war_room import WarRoom
folder = Path(sys.argv[1])
kubeconfig = folder / "kubeconfig"
kubeconfig.write_text('''
apiVersion: v1
kind: Config
clusters: [{name: far, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: me, user: {}}]
contexts: [{name: far, context: {cluster: far, user: me}}]
''')
async def main():
    options = Options({}, folder, journal=folder / "record.db", actor="@alice", kubeconfig=kubeconfig,
                      context="far", namespace="shop", selector="app=shop")
    house = await open_house(options, SystemClock())
    screen = cockpit.screen.app.CockpitApp(WarRoom(house, SystemClock())).get_default_screen()
    assert screen is not None
    await house.close()
asyncio.run(main())
"""


COMPILED = """
import sys
for name, module in sorted(sys.modules.items()):
    for each in list(vars(module).values()) if name.startswith("cockpit.") else ():
        if isinstance(each, type) and each.__module__ == name and "__dataclass_fields__" in vars(each):
            print(f"{name}.{each.__name__}", end=" ")
"""
"""Prints the dataclasses of ours that are there."""


def last_line(program: str, *arguments: str) -> set[str]:
    """The words of the last line that a new Python prints in `program`."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def loaded(program: str, *arguments: str) -> set[str]:
    """The modules that a new Python has loaded after `program`."""
    return last_line(f"{program}\nimport sys\nprint(*sorted(sys.modules))", *arguments)


def ours(modules: set[str]) -> set[str]:
    """The rooms of the house that are among `modules`."""
    return {name.split(".")[1] for name in modules if name.startswith("cockpit.")}


def test_incident_loads_nothing_of_ours_but_configuration_clock_and_text() -> None:
    names = [f"cockpit.incident.{path.stem}" for path in (ROOT / "cockpit" / "incident").glob("[!_]*.py")]
    assert len(names) > 5
    modules = loaded(f"import {', '.join(names)}")
    assert "cockpit.incident.fold" in modules
    assert ours(modules) <= {"incident", *PLAIN}


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_what_everybody_imports_loads_nothing_of_ours(name: str) -> None:
    assert ours(loaded(f"import cockpit.{name}")) <= PLAIN


def test_the_first_picture_waits_for_neither_room_nor_record() -> None:
    modules = loaded("import cockpit.cli.fullscreen.open, cockpit.cli.root, cockpit.screen.app")
    assert "cockpit.screen.opening" in modules
    assert ours(modules) <= {"cli", "room", "screen", *PLAIN} - {"config"}
    assert {name for name in modules if name.startswith("cockpit.room.")} == {
        "cockpit.room.options",
        "cockpit.room.refusal",
    }
    assert not {"jinja2", "pydantic", "sqlite3", "yaml", *LATE} & modules


def test_the_picture_of_the_room_waits_for_no_source(tmp_path: Path) -> None:
    modules = loaded(ROOMS_PICTURE, str(tmp_path))
    assert "cockpit.screen.panes.pods" in modules
    assert not LATE & {name.split(".")[0] for name in modules}
    assert not {"action", "simulator"} & ours(modules)
    assert not RARE & modules
    assert len([name for name in modules if name.startswith("cockpit.")]) <= MOST_MODULES


def test_the_picture_of_the_room_waits_for_few_classes_that_compile_source(tmp_path: Path) -> None:
    compiled = last_line(ROOMS_PICTURE + COMPILED, str(tmp_path))
    assert "cockpit.incident.entry.Entry" in compiled
    assert len(compiled) <= MOST_COMPILED, f"values are structs: {sorted(compiled)}"


@pytest.mark.parametrize("name", ROOTS)
def test_a_package_that_imports_late_has_all_that_it_names(name: str) -> None:
    package = import_module(name)
    assert sorted(" ".join(package._ROOMS.values()).split()) == sorted(package.__all__)
    for each in package.__all__:
        assert getattr(package, each) is not None
    with pytest.raises(AttributeError, match="nothing_like_it"):
        package.nothing_like_it  # noqa: B018


def test_values_are_copied_and_told_by_what_knows_structs_too() -> None:
    """`dataclasses` has functions of the same names, which raise TypeError for a struct only when they are called."""
    for path in (ROOT / "cockpit").rglob("*.py"):
        told = re.findall(r"^(?:from dataclasses import .*|import dataclasses)$", path.read_text(), re.MULTILINE)
        wrong = [line for line in told if re.search(r"\b(?:replace|asdict|astuple)\b", line)]
        assert not wrong or path.name == "values.py" or "simulator" in path.parts, (path, wrong)


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_the_command_line_loads_neither_room_nor_screen_to_say_what_it_is(flag: str) -> None:
    modules = loaded(f"from cockpit.cli.root import run\nrun(['{flag}'])")
    assert ours(modules) <= {"cli", "clock", "text"}
    assert not {"asyncio", "msgspec", "pydantic", "textual", "yaml"} & modules


def test_the_simulator_is_loaded_only_by_its_own_command() -> None:
    modules = loaded(
        "import cockpit.cli.simulator.demo, cockpit.cli.incident.group, cockpit.cli.fullscreen.open, cockpit.cli.root"
    )
    assert "simulator" not in ours(modules)


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed; `make check` sets it up")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "0 broken" in done.stdout
