"""The alerts section: which words of alerts mean which severity, and how a refusal reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.config import ConfigError, load


def test_a_word_means_a_severity_or_the_first_that_a_policy_has(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.yaml"
    path.write_text("alerts:\n  severities:\n    Critical: P0\n    page: [SEV-1, P0]\n")
    assert load(path).alerts.words == {"critical": ("P0",), "page": ("SEV-1", "P0")}
    path.write_text("version: 1\n")
    assert load(path).alerts.words == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alerts:\n  severity: {critical: P0}\n", "2: unknown key `severity`; did you mean `severities`?"),
        ("alerts:\n  severities:\n    page: P0\n    critical: []\n", "4: `alerts.severities.critical`"),
        ("alerts:\n  severities:\n    page: P0\n    critical: P 0\n", "4: `alerts.severities.critical"),
        ("alerts:\n  severities: {page: P0, Page: P1}\n", "2: `alerts.severities` has `Page` twice, in other letters"),
        ("alerts:\n  severities: P0\n", "2: `alerts.severities` "),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "cockpit.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}:{message}")
