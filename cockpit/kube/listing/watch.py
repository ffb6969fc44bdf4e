"""A watch of one collection: its lines from the last known version on, and what each event says."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping

import msgspec

from cockpit.kube.access import Access
from cockpit.kube.bounded import UNREADABLE
from cockpit.kube.errors import KubeError, from_status
from cockpit.kube.shapes import Named, WatchEvent

_EVENT = msgspec.json.Decoder(WatchEvent)
_NAMED = msgspec.json.Decoder(Named)


class Watch:
    """Watches that go on from one version to the next.

    Args:
        path: the collection.
        query: its selectors.
        accept: the form of the objects in its events.
    """

    def __init__(self, access: Access, path: str, query: Mapping[str, str], accept: str) -> None:
        self.version = ""
        """The collection's version up to which everything is known; empty before a list, and where one is needed."""
        self._access = access
        self._path = path
        self._query = dict(query)
        self._accept = accept
        self._garbled_at = "none"

    def lines(self, seconds: float, silence: float, opened: Callable[[], None]) -> AsyncGenerator[bytes, None]:
        """The lines of a watch from the last known version on, for `seconds`; close it with `aclosing`.

        Args:
            silence: seconds without a byte after which it counts as dead.
            opened: called when the server has begun to answer.

        Raises:
            KubeError: as of `Access.stream`.
        """
        query = self._query | {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self.version,
            "timeoutSeconds": f"{seconds:.0f}",
        }
        return self._access.stream(self._path, query=query, timeout=silence, opened=opened, accept=self._accept)

    def event(self, line: bytes) -> WatchEvent:
        """One line of a watch. Raises KubeError for an ERROR event, and for what cannot be read."""
        try:
            event = _EVENT.decode(line)
        except UNREADABLE as error:
            raise self.garbled(error) from error
        if event.type == "ERROR":
            raise from_status(bytes(event.object), self._access.context)
        return event

    def version_of(self, event: WatchEvent) -> str:
        """The version that is known with an event; raises what `garbled` takes."""
        return _NAMED.decode(bytes(event.object)).metadata.resource_version or self.version

    def garbled(self, error: Exception) -> KubeError:
        """What to raise for an event that cannot be read: a watch from the same version tells it again, whole.

        When that cannot be read either, only a new list knows.
        """
        if self.version == self._garbled_at:
            self.version = ""
        self._garbled_at = self.version
        return self._access.unreadable(error)
