"""Durations, bounds and secrets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from cockpit.config import Bound, Duration, Secret, SecretError

DURATION = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("text", "seconds"), [("15s", 15), ("1m", 60), ("2h", 7200), ("3d", 259200), ("1h30m", 5400), ("0.5s", 0.5)]
)
def test_durations(text: str, seconds: float) -> None:
    assert DURATION.validate_python(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "s", "0s", "-5m", "5 m", "1w", "99999d", 15, True, None, ["1m"]])
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValidationError, match="write it like"):
        DURATION.validate_python(text)


@pytest.mark.parametrize(
    ("text", "low", "equal", "high"),
    [
        ("> 5", False, False, True),
        (">=5", False, True, True),
        ("< 5", True, False, False),
        (" <= 5 ", True, True, False),
    ],
)
def test_a_bound_is_the_alarming_side(text: str, low: bool, equal: bool, high: bool) -> None:
    bound = Bound.model_validate(text)
    assert [bound.breached(value) for value in (4.9, 5, 5.1)] == [low, equal, high]
    assert not bound.breached(float("nan"))


def test_a_bound_reads_back_as_it_is_written() -> None:
    assert str(Bound.model_validate("> 0.5")) == "> 0.5"
    assert Bound.model_validate(str(Bound.model_validate("<= 12"))) == Bound(comparison="<=", value=12)


@pytest.mark.parametrize(
    "text", ["> 536870912", "< 1000000", ">= 0.00001", "> 123456.7", "> -1", "< 50 % of normal", "<= 99.95"]
)
def test_a_bound_is_written_as_it_was_read_without_an_exponent(text: str) -> None:
    assert str(Bound.model_validate(text)) == text


@pytest.mark.parametrize("text", ["5", "5 >", "== 5", "> five", "> 5%", "> nan", "", 5, None, [">", 5]])
def test_what_is_no_bound(text: object) -> None:
    with pytest.raises(ValidationError):
        Bound.model_validate(text)


def test_a_secret_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_TOKEN", " abc\n")
    assert Secret(env="OUR_TOKEN").resolve() == "abc"
    monkeypatch.delenv("OUR_TOKEN")
    with pytest.raises(SecretError, match="OUR_TOKEN gives nothing"):
        Secret(env="OUR_TOKEN").resolve()


def test_a_secret_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc\n")
    assert Secret(file=tmp_path / "token").resolve() == "abc"
    with pytest.raises(SecretError, match="No such file"):
        Secret(file=tmp_path / "none").resolve()


def test_a_secret_from_a_command() -> None:
    assert Secret(command=("echo", "abc; ls")).resolve() == "abc; ls"
    with pytest.raises(SecretError, match="not installed"):
        Secret(command=("no-such-program-here",)).resolve()
    with pytest.raises(SecretError, match="exit status 3"):
        Secret(command=("sh", "-c", "echo hidden-hint >&2; exit 3")).resolve()


@given(st.text(min_size=8))
def test_a_literal_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Secret.model_validate(f"~{secret}~")
    assert f"~{secret}~" not in str(caught.value)


@pytest.mark.parametrize("value", [{}, {"env": "A", "file": "/b"}, {"env": ""}, {"command": []}])
def test_a_secret_has_one_source(value: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="exactly one"):
        Secret.model_validate(value)


def test_a_secrets_command_has_no_terminal_to_ask_at() -> None:
    """It would write over the screen and take the keys: it is in a session of its own."""
    code = "import os; print('apart' if os.getsid(0) == os.getpid() else 'beside')"
    assert Secret(command=(sys.executable, "-c", code)).resolve() == "apart"
