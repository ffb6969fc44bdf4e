"""Loading a configuration: what works, what is refused and how the refusal reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.config import CalendarConfig, Config, ConfigError, find, load, without_file
from cockpit.text import clean

WHOLE = """\
version: 1
runbooks: [./runbooks, ~/more]
kubernetes:
  prod: {kubeconfig: ./kubeconfig, context: prod-eu, production: true}
prometheus:
  main: {url: "https://prometheus.internal", interval: 5s, token: {env: PROM_TOKEN}}
services:
  shop:
    runbook: payment-service
    policy: payment-service
    kubernetes: {cluster: prod, namespace: production, selector: app=shop, deployment: shop}
    prometheus: main
    signals:
      error-rate: {unit: percent, query: sum(errors)}
    thresholds:
      error-rate: {breach: "> 5", for: 1m}
channels:
  paper: {type: file, path: ./messages.txt}
audiences:
  internal: [paper]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "cockpit.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(f"{path}:")


def test_a_whole_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    config = load(written(tmp_path, WHOLE))
    name, service = config.service()
    assert name == "shop"
    assert service.thresholds["error-rate"].for_ == 60
    assert str(service.thresholds["error-rate"].breach) == "> 5"
    assert config.prometheus["main"].interval == 5
    assert config.path == tmp_path / "cockpit.yaml"


def test_paths_start_at_the_files_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    config = load(written(tmp_path, WHOLE))
    assert config.runbooks == [tmp_path / "runbooks", Path("/home/someone/more")]
    assert config.kubernetes["prod"].kubeconfig == tmp_path / "kubeconfig"
    assert config.channels["paper"].path == tmp_path / "messages.txt"


def test_where_names_the_line_of_a_key_or_of_what_is_around_it(tmp_path: Path) -> None:
    config = load(written(tmp_path, WHOLE))
    assert config.where("services", "shop", "thresholds", "error-rate") == f"{tmp_path / 'cockpit.yaml'}:16"
    assert config.where("services", "shop", "nothing").endswith(":8")


@pytest.mark.parametrize("text", ["", "# nothing\n", "version: 1\nchannels:\nservices:\n"])
def test_an_empty_file_and_empty_sections_are_a_configuration(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text)).services == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("prometheus: main", "promethius: main", "12: unknown key `promethius`; did you mean `prometheus`?"),
        ("runbooks:", "qqqq:", "2: unknown key `qqqq`; known here: version, "),
        ("version: 1", "version: 2", "1: `version` must be 1"),
        ("cluster: prod", "cluster: staging", "11: there is no cluster `staging`; use one of prod"),
        ("prometheus: main", "prometheus: other", "12: there is no Prometheus `other`; use one of main"),
        ("internal: [paper]", "internal: [papr]", "20: there is no channel `papr`; use one of paper"),
        (
            "policy: payment-service",
            "policy: house",
            "10: there is no policy `house`; use one of incident-resp",
        ),
        ("interval: 5s", "interval: 5", "6: `prometheus.main.interval` is no duration; write it like"),
        ('breach: "> 5"', "breach: 5", "16: `services.shop.thresholds.error-rate.breach` is no bound"),
        ('breach: "> 5"', 'breach: "> 5", warning: "< 1"', "16: `services.shop.thresholds.error-rate` has its warning"),
        ("unit: percent", "unit: bananas", "14: `services.shop.signals.error-rate.unit` must be 'percent', "),
        ("namespace: production, ", "", "11: `namespace` is missing in `services.shop.kubernetes`; add it"),
        ("namespace: production", "namespace: [a]", "11: `services.shop.kubernetes.namespace` must be text"),
        ("namespace: production", "namespace: ../x", "11: `services.shop.kubernetes.namespace` has a character"),
        ("kubernetes:\n  prod", "kubernetes:\n  - prod", "4: `kubernetes` must be a mapping"),
        ("https://prometheus.internal", "prometheus.internal", "6: `prometheus.main.url` is no URL"),
        ("    prometheus: main\n", "", "13: this signal has no source; add `prometheus: NAME`"),
        ("type: file", "type: fax", "18: `channels.paper` has a 'type' that is not known; use one of 'file', 'slack'"),
        ("  paper:", "  paper: {type: file, path: ./a}\n  paper:", "19: `paper` stands here a second time"),
        ("path: ./messages.txt", 'path: "a\\0b"', "18: `channels.paper.path` is no path"),
        ("path: ./messages.txt", "path: ~nobody-of-that-name/x", "18: `channels.paper.path` names a user"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_to_do(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in WHOLE
    assert refusal(tmp_path, WHOLE.replace(old, new, 1)).startswith(expected)


@pytest.mark.parametrize("token", ["hunter2-hunter2", "[hunter2-hunter2]", "{env: A, literal: hunter2-hunter2}"])
def test_a_literal_secret_is_refused_and_never_printed(tmp_path: Path, token: str) -> None:
    message = refusal(tmp_path, WHOLE.replace("{env: PROM_TOKEN}", token))
    assert message.startswith("6: ")
    assert "hunter2" not in message
    assert "file" in message


def test_a_password_in_a_url_is_refused_and_never_printed(tmp_path: Path) -> None:
    message = refusal(tmp_path, WHOLE.replace("https://prom", "https://me:hunter2@prom"))
    assert message.startswith("6: `prometheus.main.url` must not hold a password")
    assert "hunter2" not in message


def test_further_faults_are_counted_and_listed(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE.replace("cluster: prod", "cluster: x").replace("[paper]", "[y]"))
    with pytest.raises(ConfigError, match=r"\(1 more after this\)") as caught:
        load(path)
    assert caught.value.others == (f"{path}:20: there is no channel `y`; use one of paper",)


def test_the_example_is_taken_as_it_stands(shared: Path, tmp_path: Path) -> None:
    example = yaml.safe_load((shared / "cockpit.example.yaml").read_text(encoding="utf-8"))
    config = load(written(tmp_path, yaml.safe_dump(example)))
    name, service = config.service()
    assert name == "payment-service"
    assert set(service.signals) == {"error-rate", "p95", "stuck-orders"}
    assert service.postgresql == "payments"
    assert str(config.postgresql["payments"].write_dsn) == "$PAYMENTS_RW"
    assert config.kubernetes["staging"].drill
    assert config.audiences == {"internal": ["incidents", "paper"], "customers": ["status", "paper"]}
    assert set(service.endpoints) == {"health", "redis", "gateway"}
    assert config.policies["house"].extends == "payment-service"
    assert config.calendar == CalendarConfig()
    assert config.record is not None
    assert str(config.record.url) == "$COCKPIT_RECORD"
    target = config.targets["database-team"]
    assert (target.channels, target.handles, target.phone) == (["pager", "incidents"], ["@dba"], "+1 555 0100")
    may = {name: role.may for name, role in config.roles.items()}
    assert may == {
        "ops": ["read", "change", "destroy"], "ic": ["read", "severity", "resolve", "close"], "observer": ["read"],
    }  # fmt: skip
    assert config.where("roles", "ic").endswith(f":{1 + config_line(tmp_path, '  ic:')}")


def config_line(folder: Path, begins: str) -> int:
    """Which line of the file that was written begins so, counted from 0."""
    lines = next(folder.glob("*.yaml")).read_text(encoding="utf-8").splitlines()
    return lines.index(next(line for line in lines if line.startswith(begins)))


PART = {
    "record": "url: postgresql://me:hunter2@db/x",
    "postgresql": "a: {dsn: postgresql://hunter2}",
    "targets": "a: {channels: []}",
    "roles": "ic: {may: [fly]}",
}


@pytest.mark.parametrize("section", PART)
def test_parts_not_built_yet_are_still_validated(tmp_path: Path, section: str) -> None:
    message = refusal(tmp_path, f"version: 1\n{section}:\n  {PART[section]}\n")
    assert message.startswith("3: ")
    assert "not available" not in message
    assert "hunter2" not in message


def test_find_takes_the_first_place(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert find(None, home, tmp_path) is None
    shared_place = tmp_path / "xdg" / "cockpit" / "cockpit.yaml"
    shared_place.parent.mkdir(parents=True)
    shared_place.touch()
    assert find(None, home, tmp_path) == shared_place
    (tmp_path / "cockpit.yaml").touch()
    assert find(None, home, tmp_path) == tmp_path / "cockpit.yaml"
    assert find(None, {**home, "COCKPIT_CONFIG": "/none.yaml"}, tmp_path) == Path("/none.yaml")
    assert find(Path("mine.yaml"), {**home, "COCKPIT_CONFIG": "/none.yaml"}, tmp_path) == Path("mine.yaml")


def test_find_falls_back_to_the_home_folder(tmp_path: Path) -> None:
    place = tmp_path / ".config" / "cockpit" / "cockpit.yaml"
    place.parent.mkdir(parents=True)
    place.touch()
    assert find(None, {"HOME": str(tmp_path)}, tmp_path / "elsewhere") == place


def test_without_a_file() -> None:
    config = without_file(None, "arn:aws:eks:eu/prod", "production", "app=payment-service,tier!=x")
    name, service = config.service()
    assert name == "payment-service"
    assert service.kubernetes
    assert service.kubernetes.deployment is None
    assert config.kubernetes[service.kubernetes.cluster].context == "arn:aws:eks:eu/prod"
    assert config.path is None
    assert without_file(None, "c", "n", "app in (a, b)").service()[0] == "service"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("", "n", "a=b"), "--context"), (("c", "No Name", "a=b"), "--namespace"), (("c", "n", ""), "--selector")],
)
def test_without_a_file_names_the_option_that_is_wrong(arguments: tuple[str, str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{message} "):
        without_file(None, *arguments)


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    config = load(written(tmp_path, WHOLE))
    with pytest.raises(KeyError, match="shop"):
        config.service("other")


LINES = st.lists(
    st.sampled_from([*WHOLE.splitlines(), "x: 1", "- a", "  a: &a [*a]", "\t", "services: 5"]), max_size=25
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LINES.map("\n".join) | st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_a_configuration_or_a_refusal(tmp_path: Path, text: str) -> None:
    try:
        config = load(written(tmp_path, text))
    except ConfigError as error:
        assert str(error).startswith(f"{tmp_path / 'cockpit.yaml'}:")  # noqa: PT017 - both ends of a property
        assert clean(str(error)) == str(error)  # noqa: PT017 - both ends of a property
    else:
        assert isinstance(config, Config)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data(), VALUES)
def test_a_wrong_value_anywhere_is_a_refusal(tmp_path: Path, data: st.DataObject, value: object) -> None:
    whole = yaml.safe_load(WHOLE)
    place = whole
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = value
    try:
        load(written(tmp_path, yaml.safe_dump(whole)))
    except ConfigError as error:
        assert clean(str(error)) == str(error)  # noqa: PT017 - both ends of a property


ALERTS = WHOLE.replace(
    "services:\n", 'alertmanager:\n  main: {url: "https://alerts.internal", token: {env: AM_TOKEN}}\nservices:\n'
).replace("    prometheus: main\n", "    prometheus: main\n    alertmanager: {source: main, match: {service: shop}}\n")


def test_an_alertmanager_and_the_alerts_of_a_service(tmp_path: Path) -> None:
    config = load(written(tmp_path, ALERTS))
    assert (config.alertmanager["main"].url, config.alertmanager["main"].interval) == ("https://alerts.internal", 15.0)
    _, service = config.service()
    assert service.alertmanager is not None
    assert (service.alertmanager.source, service.alertmanager.match) == ("main", {"service": "shop"})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("source: main", "source: other", "15: there is no Alertmanager `other`; use one of main"),
        (
            "match: {service: shop}",
            'match: {"a-b": shop}',
            "15: `services.shop.alertmanager.match.a-b` has a character",
        ),
        ("{source: main, match: {service: shop}}", "main", "15: `services.shop.alertmanager` must be"),
        ("{env: AM_TOKEN}", "hunter2", "8: `alertmanager.main.token` must not hold the secret itself"),
    ],
)
def test_a_fault_about_alerts_is_named_with_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in ALERTS
    assert refusal(tmp_path, ALERTS.replace(old, new, 1)).startswith(expected)
