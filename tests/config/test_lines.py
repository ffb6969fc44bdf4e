"""YAML with places: what is read, what is refused and where, and that nothing else ever comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config import Document, YamlError, parse, read
from cockpit.text import clean


def refused(text: str | bytes) -> YamlError:
    with pytest.raises(YamlError) as caught:
        parse(text if isinstance(text, bytes) else text.encode(), "f.yaml")
    return caught.value


def test_every_value_knows_its_line_and_column() -> None:
    document = parse(b"a:\n  b: [1, two]\nc: {d: null}\n", "f")
    assert document.value == {"a": {"b": [1, "two"]}, "c": {"d": None}}
    assert document.line("a", "b") == 2
    assert (document.values["a", "b", 1].line, document.values["a", "b", 1].column) == (2, 10)
    assert document.value["c"].line == 3


def test_a_tag_of_a_union_in_a_location_is_passed_over() -> None:
    document = parse(b"a:\n- verb: get\n  name: x\n", "f")
    assert document.find(("a", 0, "get", "name")) == ("a", 0, "name")
    assert document.line("a", 0, "missing") == 2


def test_scalars_that_only_look_like_numbers_stay_text() -> None:
    document = parse(b"hours: 09:00\nday: 2026-01-31\nmany: 99999999999999999999999\nnan: .nan\none: 1\nhalf: 0.5", "f")
    assert list(document.value.values()) == ["09:00", "2026-01-31", "99999999999999999999999", ".nan", 1, 0.5]


def test_an_alias_has_the_places_of_its_anchor() -> None:
    document = parse(b"a: &x\n  k: 1\nb: *x\n", "f")
    assert document.value["b"] == {"k": 1}
    assert document.line("b", "k") == 2


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "first in line 1"),
        ("a:\n\tb: 1\n", 2, "tab"),
        ("a: 1\n b: 2\n", 2, "indentation"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: !!python/object:os.system x\n", 1, "tag"),
        ("a: !mine {b: 1}\n", 1, "tag"),
        ("? [a, b]\n: 1\n", 1, "key must be plain text"),
        ("a: *nowhere\n", 1, "anchor"),
        ("a: &a [*a]\n", 1, "anchor"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", 3, "merge"),
        ("a: 1\nb: \x07\n", 2, "control character"),
        ("[" * 100_000 + "]" * 100_000, 1, "deep"),
        ("- " * 50_000, 1, "deep"),
    ],
)
def test_what_is_not_taken_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    error = refused(text)
    assert word in error.what
    assert error.line == line


def test_other_encodings_are_refused_with_their_line() -> None:
    error = refused(b"a: 1\nb: caf\xe9\n")
    assert (error.line, error.column) == (2, 7)
    assert "UTF-8" in error.what
    assert "UTF-8" in refused("a: 1".encode("utf-16")).what


def test_a_byte_order_mark_is_no_text() -> None:
    assert parse(b"\xef\xbb\xbfa: 1", "f").value == {"a": 1}


def test_a_bomb_of_aliases_is_counted_before_it_grows() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "more than 200,000 values" in refused("\n".join(rows)).what


def test_a_file_that_is_too_large_is_refused() -> None:
    assert "larger than 4 MB" in refused(b"#" * 4_000_001).what


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(YamlError, match="folder"):
        read(tmp_path)
    with pytest.raises(YamlError, match="no such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(YamlError, match="cannot be read"):
        read(Path("a\0b"))
    endless = tmp_path / "loop"
    endless.symlink_to(endless)
    with pytest.raises(YamlError, match="cannot be read"):
        read(endless)


YAML_LIKE = st.text(
    alphabet=st.one_of(st.sampled_from("ab: \n-[]{},&*!#|>'\"%@`?\t0123\\~<"), st.characters(codec="utf-8")),
    max_size=80,
)


@given(YAML_LIKE | st.binary(max_size=60))
def test_any_text_is_a_document_or_a_refusal(text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    try:
        document = parse(data, "f")
    except YamlError as error:
        assert error.line >= 1  # noqa: PT017 - both ends of a property
        assert clean(error.what) == error.what  # noqa: PT017 - both ends of a property
    else:
        assert isinstance(document, Document)
        assert all(place.line >= 1 for place in document.keys.values())
