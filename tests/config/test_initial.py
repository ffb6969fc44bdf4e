"""The first configuration: contexts of a kubeconfig, and a file that loads as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.config import ConfigError, contexts, initial_yaml, kubeconfig_files, load

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: staging
clusters: []
contexts:
- name: prod-eu
  context: {cluster: eu, user: me, namespace: production}
- context: {cluster: st}
  name: staging
users: []
"""


def test_the_contexts_of_a_kubeconfig(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(KUBECONFIG)
    found = contexts([file])
    assert [(c.name, c.cluster, c.namespace, c.current) for c in found] == [
        ("prod-eu", "eu", "production", False),
        ("staging", "st", "", True),
    ]


def test_of_several_kubeconfigs_the_first_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("contexts: [{name: prod-eu, context: {cluster: other}}]")
    second.write_text(KUBECONFIG)
    found = contexts([first, second])
    assert [(c.name, c.cluster, c.file) for c in found] == [("prod-eu", "other", first), ("staging", "st", second)]


@pytest.mark.parametrize("text", ["[]", "a: [", "just text"])
def test_what_is_no_kubeconfig(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r":\d: "):
        contexts([file])


@pytest.mark.parametrize("text", ["", "contexts: 5", "contexts: [1, {name: 5}, {context: x}]"])
def test_a_kubeconfig_without_contexts(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    assert contexts([file]) == []


def test_the_files_that_kubectl_would_read(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").touch()
    home = {"HOME": str(tmp_path)}
    assert kubeconfig_files(home) == [tmp_path / ".kube" / "config"]
    assert kubeconfig_files({**home, "KUBECONFIG": f"{tmp_path}/none::{tmp_path}/a"}) == [tmp_path / "a"]


def test_a_first_configuration_loads(tmp_path: Path) -> None:
    file = tmp_path / "cockpit.yaml"
    kubeconfig = tmp_path / "kube config"
    text = initial_yaml(
        kubeconfig, "prod-eu", "production", "app=shop", "shop", "http://prometheus:9090", "payment-service"
    )
    file.write_text(text)
    config = load(file)
    name, service = config.service()
    assert (name, service.runbook, service.prometheus) == ("shop", "payment-service", "main")
    assert config.kubernetes["main"].kubeconfig == kubeconfig
    assert config.kubernetes["main"].production
    assert config.audiences["customers"] == ["paper"]


def test_a_first_configuration_of_the_least(tmp_path: Path) -> None:
    file = tmp_path / "cockpit.yaml"
    file.write_text(initial_yaml(None, "c", "n", "a=b", None, None, None, production=False))
    config = load(file)
    assert config.prometheus == {}
    assert not config.kubernetes["main"].production


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    context=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=40),
    selector=st.text(min_size=1, max_size=20, alphabet=st.characters(codec="utf-8")),
)
def test_whatever_a_context_is_called_it_comes_back(tmp_path: Path, context: str, selector: str) -> None:
    file = tmp_path / "cockpit.yaml"
    file.write_text(initial_yaml(None, context, "n", selector, None, None, None), encoding="utf-8", newline="")
    config = load(file)
    service = config.service()[1]
    assert config.kubernetes["main"].context == context
    assert service.kubernetes
    assert service.kubernetes.selector == selector
