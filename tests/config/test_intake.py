"""The intake section: what is taken, and how a refusal reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.config import SHIPPED_MAPPINGS, ConfigError, load
from cockpit.signal.intake import shipped_mapping


def refusal(folder: Path, text: str) -> str:
    path = folder / "cockpit.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value).removeprefix(f"{path}:")


def test_the_shipped_mappings_are_those_that_the_configuration_knows() -> None:
    folder = Path(__file__).parents[2] / "cockpit" / "signal" / "intake" / "mappings"
    assert {path.stem for path in folder.glob("*.yaml")} == SHIPPED_MAPPINGS
    for name in SHIPPED_MAPPINGS:
        assert shipped_mapping(name).title


def test_all_of_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.yaml"
    path.write_text(
        "version: 1\nservices:\n  pay: {}\nintake:\n  alertmanager: {token: {env: T}}\n"
        "  pagerduty: {secret: {file: pd}}\n  staging: {mapping: grafana, service: pay}\n  own: {file: own.yaml}\n"
    )
    found = load(path).intake
    assert found["pagerduty"].secret is not None
    assert found["pagerduty"].secret.file == tmp_path / "pd"
    assert (found["staging"].mapping, found["staging"].service) == ("grafana", "pay")
    assert found["own"].file == tmp_path / "own.yaml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("intake:\n  own: {}\n", "2: there is no mapping `own`; give one of alertmanager, datadog"),
        ("intake:\n  own:\n    mapping: nagios\n", "3: there is no mapping `nagios`; give one of"),
        ("intake:\n  own:\n    mapping: grafana\n    file: x.yaml\n", "4: is given beside `mapping`; keep one"),
        ("intake:\n  grafana:\n    service: pay\n", "3: there is no service `pay`; add it under `services`"),
        ("intake:\n  grafana:\n    token: hunter2\n", "3: `intake.grafana.token` must not hold the secret itself"),
        ("intake:\n  grafana:\n    tokn: {env: T}\n", "3: unknown key `tokn`; did you mean `token`?"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text).startswith(message)
