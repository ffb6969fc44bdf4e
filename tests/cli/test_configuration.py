"""A configuration, runbook or kubeconfig that is broken is refused with file and line, before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell

SERVICE = """\
version: 1
kubernetes:
  eu: {{context: prod-eu, kubeconfig: {kubeconfig}}}
services:
  shop:
    runbook: {runbook}
    kubernetes: {{cluster: eu, namespace: production, selector: app=shop, deployment: shop}}
"""


def configured(shell: Shell, *, kubeconfig: object = "kubeconfig", runbook: str = "payment-service") -> Path:
    path = shell.folder / "cockpit.yaml"
    path.write_text(SERVICE.format(kubeconfig=shell.folder / str(kubeconfig), runbook=runbook))
    return path


BROKEN = {
    "no YAML": ("version: 1\nservices: ]\n", "cockpit.yaml:2"),
    "unknown key": ("version: 1\nservice: {}\n", "cockpit.yaml:2"),
    "no mapping": ("- a\n- b\n", "cockpit.yaml:1"),
    "unknown cluster": (
        "version: 1\nservices:\n  shop:\n    kubernetes: {cluster: mars, namespace: a, selector: a=b}\n",
        "cockpit.yaml:4",
    ),
    "later version": ("version: 9\n", "cockpit.yaml:1"),
    "not text": ("version: 1\n\x00\n", "cockpit.yaml:"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_configuration_is_refused_with_its_line(shell: Shell, case: str) -> None:
    text, place = BROKEN[case]
    (shell.folder / "cockpit.yaml").write_text(text)
    shell("incident", "note", "x").wrong(place)
    assert not shell.journal.exists()


def test_a_configuration_that_is_not_there_is_named(shell: Shell) -> None:
    shell("--config", "nowhere.yaml", "incident", "show").wrong("nowhere.yaml")
    shell("incident", "show", env={"COCKPIT_CONFIG": "elsewhere.yaml"}).wrong("elsewhere.yaml")


def test_a_runbook_that_is_not_there_is_named(shell: Shell) -> None:
    configured(shell, runbook="tea-service")
    shell("incident", "show").wrong("tea-service", "payment-service")


def test_a_broken_runbook_is_refused_with_file_and_line(shell: Shell) -> None:
    own = shell.folder / "runbooks"
    own.mkdir()
    broken = own / "shop.yaml"
    broken.write_text("title: Shop\nscenarios:\n  - id: a\n    title: A\n    steps:\n      - kind: lunch\n")
    path = configured(shell, runbook="shop")
    path.write_text(path.read_text() + f"runbooks: [{own}]\n")
    shell("incident", "show").wrong("shop.yaml:6")
    done = shell("runbook", "check", "runbooks/shop.yaml")
    assert done.code == 1
    assert "runbooks/shop.yaml:6" in done.err
    found = shell("runbook", "check", "runbooks/shop.yaml", "--json")
    assert found.code == 1
    assert found.json[0]["usable"] is False


def test_the_shipped_runbook_is_listed_shown_and_sound(shell: Shell) -> None:
    assert "payment-service" in shell("runbook", "list").ok().out
    listed = shell("runbook", "list", "--json").ok().json
    path = next(each["path"] for each in listed if each["name"] == "payment-service")
    shown = shell("runbook", "show", "payment-service").ok().out
    assert "crash-loop.roll-back" in shown
    assert shell("runbook", "show", "payment-service", "--json").ok().json["scenarios"]
    assert "scenarios" in shell("runbook", "check", path).ok().out
    (checked,) = shell("runbook", "check", path, "--json").ok().json
    assert (checked["file"], checked["usable"]) == (path, True)
    shell("runbook", "show").wrong("no runbook is configured", "runbook list")


def test_without_a_kubeconfig_the_source_says_so(shell: Shell) -> None:
    configured(shell)
    done = shell("signals", "--once").failed("not read", "pods", "kubeconfig")
    assert "source" in done.out
    shell("signals", "--json").failed("kubeconfig")
    shell("doctor").failed("does not work: cluster")
    shell("runbook", "run", "crash-loop.roll-back", "--dry-run").failed("kubeconfig")


def test_without_any_configuration_there_is_nothing_to_read(shell: Shell) -> None:
    shell("signals", "--once").wrong("no service is configured", "cockpit init")
    done = shell("doctor").failed("configuration")
    assert "cockpit init" in done.out


KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: u, user: {token: secret-token-0123456789}}]
contexts:
- {name: stage, context: {cluster: c, user: u, namespace: shop-stage}}
- {name: prod, context: {cluster: c, user: u, namespace: shop}}
current-context: prod
"""


@pytest.fixture
def kubeconfig(shell: Shell) -> Path:
    path = shell.folder / "kubeconfig"
    path.write_text(KUBECONFIG)
    shell.environ["KUBECONFIG"] = str(path)
    return path


def test_init_writes_what_the_flags_say_and_asks_nothing(shell: Shell, kubeconfig: Path) -> None:
    flags = ("--context", "stage", "-n", "shop", "--deployment", "payment-service", "-l", "app=pay", "--prometheus", "")
    assert "written: cockpit.yaml" in shell("init", *flags).ok().out
    text = (shell.folder / "cockpit.yaml").read_text()
    assert all(word in text for word in ("stage", "app=pay", "runbook: payment-service"))
    assert "secret-token" not in text
    assert "no incident" in shell("incident", "list").ok().out, "what init wrote can be read"
    shell("init", *flags).wrong("is there already", "--force")
    shell("init", *flags, "--force").ok()


def test_init_asks_for_what_it_cannot_know(shell: Shell, kubeconfig: Path) -> None:
    done = shell("init", "--output", "mine.yaml", stdin="\n\nshop\n\n\n")
    assert done.code == 0, done
    text = (shell.folder / "mine.yaml").read_text()
    assert all(word in text for word in ("prod", "shop", "app=shop"))
    assert "no incident" in shell("--config", "mine.yaml", "incident", "list").ok().out


def test_init_that_cannot_go_on_leaves_nothing(shell: Shell, kubeconfig: Path) -> None:
    shell("init", "--context", "mars").wrong("mars", "stage, prod")
    shell("init", "--kubeconfig", "nowhere").wrong("nowhere")
    ended = shell("init", stdin="\n")
    assert ended.code == 130
    assert not (shell.folder / "cockpit.yaml").exists()
    flags = ("--context", "stage", "-n", "a", "--deployment", "b", "-l", "c=d", "--prometheus", "")
    shell("init", "--output", "no/such/folder.yaml", *flags).failed("folder.yaml", "--output")
    kubeconfig.write_text("contexts: ]\n")
    shell("init").wrong("kubeconfig:1")
    kubeconfig.unlink()
    shell("init").wrong("no kubeconfig", "--kubeconfig")
