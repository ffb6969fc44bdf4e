"""A document's bytes as text, whatever they were saved as: UTF-8, UTF-16, cp1252, and UTF-8 once read as cp1252."""

from __future__ import annotations

import codecs
import re

from cockpit.runbook.errors import RunbookError
from cockpit.text import clean

LARGEST = 1_048_576
"""Bytes; a larger document is refused."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _cp1252(byte: int) -> str:
    """What a program shows for a byte; the five that cp1252 leaves open stay themselves (WHATWG Encoding, 9)."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


_BYTE_OF = {_cp1252(byte): byte for byte in range(0x80, 0x100)}
_TAIL = "[" + re.escape("".join(char for char, byte in _BYTE_OF.items() if byte < 0xC0)) + "]"
_MOJIBAKE = re.compile(f"[ÂÃ]{_TAIL}|[à-ï]{_TAIL}{{2}}|[ð-ô]{_TAIL}{{3}}")
"""UTF-8 sequences of two (only U+0080–U+00FF, or honest text would match), three and four bytes, each byte shown."""


def decoded(data: bytes, file: str) -> str:
    """The text of `data`, its line ends `\\n`, without a byte order mark and what a terminal would act on; tabs stay.

    Raises:
        RunbookError: it is larger than LARGEST, or no text at all.
    """
    if len(data) > LARGEST:
        size = f"{len(data) / LARGEST:.1f} MB"
        raise RunbookError(f"{file}:1:1: has {size}, more than the 1 MB that a runbook may have; split it by service")
    text = repaired(_text(data, file))
    return "\n".join(_safe(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _safe(line: str) -> str:
    return "\t".join(clean(part) for part in line.split("\t"))


def repaired(text: str) -> str:
    """The text with each piece of UTF-8 that was read as cp1252 read right, where reading it wrong again gives back
    what stood there."""
    return _MOJIBAKE.sub(_read_again, text)


def _read_again(found: re.Match[str]) -> str:
    raw = bytes(_BYTE_OF[char] for char in found[0])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _text(data: bytes, file: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if wide := _wide(data):
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if data.count(0) > len(data) // 100:
        raise RunbookError(f"{file}:1:1: is no text; give a Markdown file")
    return "".join(_BYTE_SHOWN[byte] for byte in data)


_BYTE_SHOWN = [chr(byte) if byte < 0x80 else _cp1252(byte) for byte in range(0x100)]


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every other byte of its ASCII is 0."""
    some = data[:4096]
    half = len(some) // 2
    zeros = some[::2].count(0), some[1::2].count(0)
    if half < 2 or max(zeros) * 2 < half or min(zeros) * 10 > half:
        return ""
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
