"""One meaning a key: no page takes a letter of the cockpit's deeds for something else."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

import cockpit.screen
from cockpit.screen.cockpit import CockpitScreen
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.keys import DEEDS

SAME = {
    "c": "compare with the one before",  # what changed, against the release before
    "o": "by month, service",  # another order
    "s": "write the file",  # of the record
    "u": "tell",  # a status update
    "x": "write the file",  # an export
    "space": "pause",  # a log that is followed, as every pager has it
    "X": "decline or withdraw",  # a request for a role, which is cancelled
    "n": "no",  # the answer to a question
    "q": "back",  # leaves what is in front
}
"""What a letter of the cockpit is called on a page where it does the same to what that shows."""


def bound() -> Iterator[tuple[type[DOMNode], str, str]]:
    """Each class of ours, and the keys that it binds with their descriptions."""
    for module in pkgutil.walk_packages(cockpit.screen.__path__, "cockpit.screen."):
        importlib.import_module(module.name)
    todo = list(DOMNode.__subclasses__())
    for each in todo:
        todo += each.__subclasses__()
        for binding in each.__dict__.get("BINDINGS", []):
            if each.__module__.startswith("cockpit.") and isinstance(binding, Binding):
                yield from ((each, key, binding.description) for key in binding.key.split(","))


def test_a_letter_of_the_cockpit_means_the_same_on_every_page() -> None:
    deeds = {key: deed.words for deed in DEEDS for key in deed.keys.split(",") if key.isalpha()}
    for owner, key, said in bound():
        if key in deeds and issubclass(owner, Screen) and not issubclass(owner, Dialog | CockpitScreen):
            assert said.startswith((deeds[key], SAME.get(key, deeds[key]))), (owner.__name__, key, said)


def test_copying_is_one_key_and_no_other_deed() -> None:
    meanings = defaultdict(set)
    for owner, key, said in bound():
        if not issubclass(owner, Dialog):  # where somebody types, a letter is text
            meanings[key].add(said.split()[0] if said else "")
    assert meanings["Y"] == {"copy"}
    assert [key for key, said in meanings.items() if "copy" in said] == ["Y"]
    assert "Y" not in {key for deed in DEEDS for key in deed.keys.split(",")}
