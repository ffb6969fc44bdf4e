"""Bundles that somebody made to do harm: refused in one line for people, and nothing is written anywhere."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from cockpit.record.journal import Journal
from tests.record.bundles import RUN, parts_of, refused


def named(path: Path, *names: str) -> Path:
    """A ZIP of the parts of the bundle at `path`, with more of these names; what is doubled is there twice."""
    parts = parts_of(path)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: the constructor would put slashes right
            archive.writestr(info, b"x")
    return path


@pytest.mark.parametrize(
    "name",
    [
        "../../outside", "/etc/cron.d/x", "output/../../x.log", "output/.log", "output/a/b.log", "output/..log",
        "output/x.LOG", "OUTPUT/x.log", "output\\x.log", "C:\\x", "entries.jsonl/", "\x1b]0;owned\x07.log",
        "output/\u202egol.x", "output/" + "a" * 65 + ".log", "importing-1/x.log", "",
    ],
)  # fmt: skip
def test_names_that_no_bundle_has(honest: Path, here: Journal, name: str) -> None:
    assert "is no part of a bundle" in refused(named(honest, name), here)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["entries.jsonl", "manifest.json", f"output/{RUN}.log"])
def test_a_name_that_is_there_twice(honest: Path, here: Journal, name: str) -> None:
    assert f"it has '{name}' twice" in refused(named(honest, name), here)


def test_a_link_to_another_file(honest: Path, here: Journal) -> None:
    parts = parts_of(honest)
    with zipfile.ZipFile(honest, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            if name.startswith("output/"):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
                content = b"/etc/passwd"
            archive.writestr(info, content)
    assert "is no plain file" in refused(honest, here)


def directory(path: Path, name: str, at: int, kind: str, value: int) -> Path:
    """The bundle at `path` with a number of a part's record in its central directory (APPNOTE 4.3.12) overwritten."""
    content = bytearray(path.read_bytes())
    record = content.index(b"PK\1\2", content.rindex(b"PK\1\2", 0, content.rindex(name.encode())))
    struct.pack_into(kind, content, record + at, value)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("at", "kind", "value", "said"),
    [
        (24, "<L", 10 * 1000**3 % 2**32, "would take"),
        (24, "<L", 2**32 - 2, "would take"),
        (24, "<L", 5, "Bad CRC"),
        (8, "<H", 1, "packed in a way"),
        (10, "<H", 14, "packed in a way"),
        (10, "<H", 99, "packed in a way"),
        (16, "<L", 1, "Bad CRC"),
        (42, "<L", 2**31, "no bundle that can be read"),
        (20, "<L", 3, "no bundle that can be read"),
    ],
    ids=["10 GB", "4 GB", "shorter", "encrypted", "lzma", "unknown method", "CRC", "elsewhere", "cut"],
)
def test_a_directory_that_lies(honest: Path, here: Journal, at: int, kind: str, value: int, said: str) -> None:
    assert said in refused(directory(honest, "entries.jsonl", at, kind, value), here)


def test_parts_that_are_large_only_together(honest: Path, here: Journal) -> None:
    names = [f"output/{n}.log" for n in range(7)]
    named(honest, *names)
    for name in names:
        directory(honest, name, 24, "<L", 500 * 2**20)
    assert "unpacked it would take 3500 MB" in refused(honest, here)


def test_a_bomb_is_not_unpacked(honest: Path, here: Journal) -> None:
    """Half a gigabyte of zeros in half a megabyte, where a line belongs: read no further than one line may go."""
    parts = parts_of(honest)
    with zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", parts["manifest.json"])
        with archive.open("entries.jsonl", "w") as part:
            for _ in range(250):
                part.write(bytes(1024 * 1024))
    assert honest.stat().st_size < 2**20
    assert "entries.jsonl:1: a line without end" in refused(honest, here)


def test_more_parts_than_a_bundle_has(honest: Path, here: Journal) -> None:
    assert "parts" in refused(named(honest, *(f"output/{n}.log" for n in range(10_001))), here)


def test_bytes_after_the_end_and_a_comment(honest: Path, here: Journal) -> None:
    whole = honest.read_bytes()
    for more in (b"\0", b"PK\5\6", whole[-22:][:20] + b"\1\0x"):
        honest.write_bytes(whole + more)
        assert "bundle" in refused(honest, here)
    with zipfile.ZipFile(honest, "w") as archive:
        archive.comment = b"\x1b[2J"
    assert "does not end as a bundle does" in refused(honest, here)


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\5\6" + bytes(18), b"\0" * 4096, b"SQLite format 3\0" * 99])
def test_what_is_no_bundle(file: Path, here: Journal, content: bytes) -> None:
    file.write_bytes(content)
    assert "no bundle that can be read" in refused(file, here)


def test_a_pipe_and_a_folder_and_nothing(tmp_path: Path, here: Journal) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no plain file" in refused(tmp_path / "pipe", here)
    assert "Is a directory" in refused(tmp_path, here)
    assert "No such file" in refused(tmp_path / "nothing", here)
