"""Reading access reviews in Kubernetes' protobuf, the only bodies that kubectl sends so for what it does here.

The envelope and the field numbers are those of the API's generated.proto files (runtime, authorization/v1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cockpit.simulator.cluster.status import bad_request

Obj = dict[str, Any]

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_RESOURCE = {1: "namespace", 2: "verb", 3: "group", 4: "version", 5: "resource", 6: "subresource", 7: "name"}
_NON_RESOURCE = {1: "path", 2: "verb"}


def read_review(raw: bytes) -> Obj:
    """A SelfSubjectAccessReview or SelfSubjectRulesReview as the object that JSON would be; raises ApiError 400."""
    if not raw.startswith(_MAGIC):
        raise bad_request("the object provided is unrecognized (it is no Kubernetes protobuf)")
    try:
        envelope = dict(_fields(raw[len(_MAGIC) :]))
        kind = _texts(envelope[1], {2: "kind"}).get("kind", "")
        spec = dict(_fields(dict(_fields(envelope[2])).get(2, b"")))
        if kind == "SelfSubjectRulesReview":
            return {"kind": kind, "spec": {"namespace": spec.get(1, b"").decode()}}
        asked: Obj = {}
        if 1 in spec:
            asked["resourceAttributes"] = _texts(spec[1], _RESOURCE)
        if 2 in spec:
            asked["nonResourceAttributes"] = _texts(spec[2], _NON_RESOURCE)
        return {"kind": kind, "spec": asked}
    except (KeyError, IndexError, ValueError) as wrong:
        raise bad_request(f"the object provided is unrecognized: {wrong}") from None


def _texts(message: bytes, names: dict[int, str]) -> dict[str, str]:
    return {names[number]: value.decode() for number, value in _fields(message) if number in names and value}


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message; numbers are skipped."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        if tag & 7 == 0:
            _, place = _varint(message, place)
            continue
        if tag & 7 != 2:
            raise ValueError(f"wire type {tag & 7}")
        size, place = _varint(message, place)
        if place + size > len(message):
            raise ValueError("the message is cut off")
        yield tag >> 3, message[place : place + size]
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError("a number is too long")
