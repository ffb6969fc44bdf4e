"""What no honest cockpit writes, with hashes that are right: one table, for each door to which it may come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cockpit.incident.entry import Recorded
from cockpit.incident.ids import new_id
from tests.stories import START


def redaction(body: bytes) -> dict[str, Any]:
    """The fields of a redaction of these words."""
    return {"kind": "redaction", "body": body}


HOSTILE: Mapping[str, dict[str, Any]] = {
    "an id in capitals": {"id": new_id().upper()},
    "an id with a line end": {"id": new_id() + "\n"},
    "an id that is a path": {"id": "../../etc/passwd"},
    "an incident that is none": {"incident": "INC-2026-001"},
    "a writer that is none": {"writer": "mallory"},
    "a kind with a control sequence": {"kind": "\x1b[2Jnote"},
    "a kind in capitals": {"kind": "Note"},
    "a kind with a line end": {"kind": "note\n"},
    "no kind": {"kind": ""},
    "a kind without end": {"kind": "n" * 65},
    "no schema": {"schema": 0},
    "a schema beyond its numbers": {"schema": 2**31},
    "no number": {"seq": 0},
    "a number below none": {"seq": -1},
    "a clock that is full": {"recorded": Recorded(START, 900_001)},
    "a clock beyond its digits": {"recorded": Recorded(START, 1_000_000)},
    "a clock that counts back": {"recorded": Recorded(START, -1)},
    "nobody": {"actor": ""},
    "an actor without end": {"actor": "x" * 201},
    "an actor with a zero": {"actor": "@eve\0"},
    "a role that is empty": {"role": ""},
    "a role without end": {"role": "‹" * 65},
    "a role with a zero": {"role": "ic\0"},
    "it amends what cannot be": {"supersedes": "x" * 65},
    "it amends a zero": {"supersedes": "\0"},
    "no JSON": {"body": b"text"},
    "no object": {"body": b"[1]"},
    "nothing": {"body": b"null"},
    "UTF-16": {"body": '{"text":"x"}'.encode("utf-16-le")},
    "UTF-16 with its mark": {"body": '{"text":"x"}'.encode("utf-16")},
    "UTF-32": {"body": b"{\0\0\0}\0\0\0"},
    "a mark before it": {"body": b'\xef\xbb\xbf{"text":"x"}'},
    "bytes that are no text": {"body": b'{"text":"\xff"}'},
    "half of a character": {"body": b'{"text":"\\ud83d"}'},
    "half of a character in bytes": {"body": b'{"text":"\xed\xa0\xbd"}'},
    "too large": {"body": b'{"text":"' + b"x" * 4 * 2**20 + b'"}'},
    "too deep": {"body": b'{"text":' + b"[" * 50_000 + b"]" * 50_000 + b"}"},
    "a salt of one byte": {"salt": b"x"},
    "a salt without end": {"salt": bytes(64)},
    "a digest of another length, erased": {"body": None, "salt": None, "digest": b"x"},
    "a hash before it of another length": {"seq": 2, "previous": b"x"},
    "the first, and goes on another": {"previous": bytes(31) + b"x"},
    "words without salt": {"salt": None, "digest": bytes(32)},
    "a redaction of nothing": redaction(b"{}"),
    "a redaction of null": redaction(b'{"entry":null}'),
    "a redaction without end": redaction(b'{"entry":"' + b"x" * 65 + b'"}'),
    "a redaction with a zero": redaction(b'{"entry":"x","why":"\\u0000"}'),
    "a redaction that is erased": {"kind": "redaction", "body": None, "salt": None, "digest": bytes(32)},
}
"""The fields of each, by what is wrong with it: neither a journal nor the shared record takes it."""

ODD: Mapping[str, dict[str, Any]] = {
    "a kind of a later version": {"kind": "x" + "-9" * 31},
    "a name without spaces": {"actor": "x" * 200, "role": "‹" * 64, "supersedes": ""},
    "control sequences": {"actor": "\x1b[2J\x7f\x9b\u202e", "role": '"\\/\b\f\n\r\t', "supersedes": "\U0010ffff"},
    "a zero among the words": {"body": b'{"text":"\\u0000"}'},
    "what looks like a zero, in a redaction": redaction(b'{"entry":"x","why":"\\\\u0000"}'),
    "what looks like half of a character": {"body": b'{"text":"\\\\ud83d"}'},
    "nested as deep as may be": {"body": b'{"text":' + b"[" * 199 + b"]" * 199 + b"}"},
    "as large as may be": {"body": b'{"text":"' + b"x" * (4 * 2**20 - 11) + b'"}'},
    "a time long ago": {"occurred": datetime(1000, 1, 1, tzinfo=UTC)},
    "a time far away": {"occurred": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)},
    "a clock that is nearly full": {"recorded": Recorded(START, 900_000)},
    "a large schema": {"schema": 2**31 - 1},
    "a large number": {"seq": 2**53, "previous": b"x" * 32},
}
"""The fields of entries that are odd, and that both take."""
