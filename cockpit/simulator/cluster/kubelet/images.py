"""Images: whose program a container runs, and which images a node already has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from random import Random
from typing import Any

from cockpit.simulator.program import Execution, LogLine, Program, Usage

BACKGROUND = "registry.local/background"
"""The image of the pods with which a cluster is filled."""


class Background:
    """Software that runs quietly: what fills a cluster around the service that an incident is about."""

    def execute(self, pod: dict[str, Any], container: dict[str, Any], attempt: int, random: Random) -> Execution:
        return Execution(
            ready_after=1.0, log=(LogLine(0.2, "INFO started"),), chatter=("INFO heartbeat",), chatter_every=30.0
        )

    def usage(self, pod: dict[str, Any], container: dict[str, Any], running_for: float) -> Usage:
        return Usage(0.02, 48 * 1024 * 1024)


class Images:
    """The registry, and what each node has pulled of it."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._programs = {BACKGROUND: Background(), **programs}
        self._pulled: set[tuple[str, str]] = set()

    def program(self, image: str) -> Program | None:
        """The software of just this image, or of its repository whatever the tag; None when there is neither."""
        return self._programs.get(image) or self._programs.get(repository(image))

    def present(self, node: str, image: str) -> bool:
        """Whether the node has the image."""
        return (node, image) in self._pulled

    def pulled(self, node: str, image: str) -> None:
        """Take note that the node has the image from now on."""
        self._pulled.add((node, image))

    @staticmethod
    def image_id(image: str) -> str:
        """The image with the digest that a kubelet reports."""
        return f"{repository(image)}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"

    @staticmethod
    def size(image: str) -> int:
        """Bytes, the same for the same image."""
        return 20_000_000 + int(hashlib.sha256(image.encode()).hexdigest()[:6], 16)


def repository(image: str) -> str:
    """An image's name without tag and digest."""
    image = image.partition("@")[0]
    head, slash, last = image.rpartition("/")
    return head + slash + last.partition(":")[0]
