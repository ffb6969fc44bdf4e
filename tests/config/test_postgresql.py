"""The postgresql section: where a database's connection strings come from, and who uses which."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.config import Config, ConfigError, SqlSignal, load
from cockpit.runbook.thresholds import thresholds

WHOLE = """\
version: 1
postgresql:
  payments: {dsn: {env: PAYMENTS_RO}, write_dsn: {file: rw}, statement_timeout: 2s}
  reports: {dsn: {env: REPORTS}}
services:
  shop: {postgresql: payments}
"""


STUCK = """\
version: 1
postgresql:
  payments: {dsn: {env: PAYMENTS_RO}, interval: 5s}
services:
  shop:
    postgresql: payments
    signals:
      stuck-orders: {unit: count, sql: "SELECT count(*) FROM orders", timeout: 2s}
"""


def loaded(folder: Path, text: str) -> Config:
    path = folder / "cockpit.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text)
    return str(caught.value).removeprefix(f"{folder / 'cockpit.yaml'}:")


def test_databases_are_read_with_what_was_left_out(tmp_path: Path) -> None:
    config = loaded(tmp_path, WHOLE)
    payments, reports = config.postgresql["payments"], config.postgresql["reports"]
    assert config.services["shop"].postgresql == "payments"
    assert (str(payments.dsn), payments.statement_timeout) == ("$PAYMENTS_RO", 2.0)
    assert payments.write_dsn is not None
    assert payments.write_dsn.file == tmp_path / "rw"
    assert (reports.write_dsn, reports.statement_timeout) == (None, 5.0)


def test_a_connection_string_never_stands_in_the_file(tmp_path: Path) -> None:
    message = refusal(tmp_path, WHOLE.replace("{env: REPORTS}", "postgresql://me:hunter2@db/x"))
    assert message.startswith("4: `postgresql.reports.dsn` must not hold the secret itself")
    assert "{env: NAME}, {file: PATH} or {command: [PROGRAM, …]}" in message
    assert "{{" not in message, "as it is to be written"
    assert "hunter2" not in message


def test_a_service_names_a_database_that_is_there(tmp_path: Path) -> None:
    message = refusal(tmp_path, WHOLE.replace("shop: {postgresql: payments}", "shop: {postgresql: paymets}"))
    assert message.startswith("6: there is no database `paymets`; use one of payments, reports")


def test_a_signal_may_be_one_select(tmp_path: Path) -> None:
    config = loaded(tmp_path, STUCK)
    (signal,) = config.services["shop"].signals.values()
    assert isinstance(signal, SqlSignal)
    assert (signal.unit, signal.sql, signal.timeout) == ("count", "SELECT count(*) FROM orders", 2.0)
    assert config.postgresql["payments"].interval == 5.0
    (threshold,) = thresholds(None, config, "shop")
    assert (threshold.query, threshold.sql, threshold.title) == (None, signal.sql, "stuck orders")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    postgresql: payments\n", "", "7: this signal has no database; add `postgresql: NAME` to the service"),
        ("unit: count, sql", "sql", "8: `unit` is missing in `services.shop.signals.stuck-orders`"),
        ("timeout: 2s", "timeout: 2", "8: `services.shop.signals.stuck-orders.timeout` is no duration"),
        ("timeout: 2s", "query: up", "8: unknown key `query`; known here: unit, sql, timeout"),
        ("interval: 5s", "interval: 0.2s", "3: `postgresql.payments.interval` is too often for a server in trouble"),
    ],
)
def test_a_wrong_signal_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert refusal(tmp_path, STUCK.replace(old, new)).startswith(said)
