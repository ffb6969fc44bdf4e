"""Commands that reach a cluster and Prometheus: signals, doctor, runbook steps; and what they say when those fail."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cli.shell import Shell


@pytest.fixture
def here(shell: Shell, outage: Path) -> Shell:
    """A shell with the configuration of the outage to look at."""
    shell.environ["COCKPIT_CONFIG"] = str(outage / "cockpit.yaml")
    return shell


def configured(shell: Shell, outage: Path, **changes: object) -> Shell:
    """A shell with the outage's configuration, changed: `context`, `prometheus`, `token`, `server`."""
    text = yaml.safe_load((outage / "cockpit.yaml").read_text())
    kubeconfig = yaml.safe_load((outage / "kubeconfig").read_text())
    cluster = text["kubernetes"]["demo"]
    cluster["context"] = changes.get("context", cluster["context"])
    cluster["kubeconfig"] = str(shell.folder / "kubeconfig")
    text["prometheus"]["main"]["url"] = changes.get("prometheus", text["prometheus"]["main"]["url"])
    if "token" in changes:
        kubeconfig["users"][0]["user"]["token"] = changes["token"]
    if "server" in changes:
        kubeconfig["clusters"][0]["cluster"]["server"] = changes["server"]
    (shell.folder / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    (shell.folder / "cockpit.yaml").write_text(yaml.safe_dump(text))
    return shell


def test_signals_shows_pods_and_signals(here: Shell) -> None:
    printed = here("signals", "--once").ok().out
    assert "pod     payment-service-" in printed
    assert "Error rate" in printed
    assert "source  pods                         live" in printed
    read = here("signals", "--json").ok().json
    assert {source["state"] for source in read["sources"]} == {"live"}
    assert read["pods"]
    assert all(pod["name"].startswith("payment-service-") for pod in read["pods"])
    well = [pod for pod in read["pods"] if not pod["reason"]]
    assert well
    assert all(pod["cpu"] > 0 and pod["memory"] < pod["memory_limit"] and pod["revision"] for pod in well)
    assert all(pod["why"] for pod in read["pods"] if pod["reason"])
    assert {"error-rate", "p95"} <= {each["id"] for each in read["signals"]}
    assert not here.journal.exists(), "looking leaves nothing behind"


def test_a_context_namespace_and_selector_are_enough_to_see_pods(shell: Shell, outage: Path) -> None:
    flags = ("--kubeconfig", outage / "kubeconfig", "--context", "prod-eu", "-n", "production")
    assert "pod     payment-service-" in shell(*flags, "-l", "app=payment-service", "signals", "--once").ok().out
    after = ("signals", "--once", *flags, "-l", "app=nothing")
    assert "0/0 ready" in shell(*after).ok().out
    by_environment = ("--context", "prod-eu", "-n", "production", "-l", "app=payment-service", "signals", "--json")
    assert shell(*by_environment, env={"KUBECONFIG": str(outage / "kubeconfig")}).ok().json["pods"]


def test_doctor_finds_everything_well(here: Shell) -> None:
    done = here("doctor").ok()
    assert "version" in done.out
    found = here("doctor", "--json").ok().json
    assert {"record", "configuration", "cluster", "user", "prometheus main"} <= {each["what"] for each in found}
    assert not [each for each in found if each["state"] == "bad"]


FAULTS: dict[str, tuple[dict[str, object], str, str]] = {
    "dead API server": ({"server": "http://127.0.0.1:9"}, "unreachable", "127.0.0.1:9"),
    "bad token": ({"token": "forged"}, "unauthorized", ""),
    "no such context": ({"context": "mars"}, "error", "mars"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_cluster_that_cannot_be_read_is_unknown_and_not_empty(shell: Shell, outage: Path, case: str) -> None:
    changes, state, words = FAULTS[case]
    configured(shell, outage, **changes)
    done = shell("signals", "--json").failed("not read", "pods", words)
    assert (done.json["ready"], done.json["wanted"]) == (None, None), "what was not read is not 0"
    sources = {source["name"]: source for source in done.json["sources"]}
    assert sources["prometheus"]["state"] == "live", "one source lost does not lose the other"
    assert sources["pods"]["state"] == state, sources["pods"]
    assert sources["pods"]["mend"]
    doctor = shell("doctor").failed("cluster")
    assert "bad   cluster" in doctor.out
    shell("runbook", "run", "crash-loop.roll-back", "--yes").failed(words)


def test_a_prometheus_that_cannot_be_read_is_unknown(shell: Shell, outage: Path) -> None:
    configured(shell, outage, prometheus="http://127.0.0.1:9")
    done = shell("signals", "--json").failed("prometheus")
    assert {each["state"] for each in done.json["signals"]} == {"unknown"}
    assert {each["value"] for each in done.json["signals"]} == {None}
    assert done.json["pods"], "one source lost does not lose the other"
    assert "bad   prometheus main" in shell("doctor").failed("prometheus main").out


def test_who_may_only_look_is_told_before_anything_is_tried(shell: Shell, outage: Path) -> None:
    configured(shell, outage, context="prod-eu-viewer")
    assert shell("signals", "--json").ok().json["pods"]
    doctor = shell("doctor").ok()
    assert "may not" in doctor.out
    shell("runbook", "run", "crash-loop.roll-back", "--dry-run").failed("patch")
    shell.declared()
    shell("runbook", "run", "crash-loop.roll-back", "--yes").failed("cannot run", "patch")
    assert not shell("incident", "show", "--json").json["runs"], "what was never begun is no run"


def test_a_reading_step_runs_without_a_question(here: Shell) -> None:
    here.declared()
    read = here("runbook", "run", "crash-loop.history")
    assert read.code == 0, read
    assert "REVISION" in read.out
    done = here("runbook", "run", "health.pods", "--json")
    assert done.code == 0, done
    assert done.json["standing"] == "succeeded"
    assert "payment-service-" in done.json["result"]["output"]
    pod = here("signals", "--json").json["pods"][0]["name"]
    described = here("runbook", "run", "crash-loop.describe", "--pod", pod)
    assert described.code == 0, described
    here("runbook", "run", "database.pool").wrong("by hand")
    here("runbook", "run", "dance").wrong("dance", "runbook show")


def test_a_rollback_is_previewed_refused_without_yes_run_and_verified(shell: Shell, mine: Path) -> None:
    shell.environ["COCKPIT_CONFIG"] = str(mine / "cockpit.yaml")
    shell.declared()
    step = ("runbook", "run", "crash-loop.roll-back")
    preview = shell(*step, "--dry-run").ok().out
    assert "kubectl --context prod-eu -n production rollout undo deployment/payment-service" in preview
    assert "--to-revision=" in preview
    assert "prod-eu/production" in preview
    assert "1.4.2" in preview
    planned = shell(*step, "--dry-run", "--json").ok().json
    assert planned["refusals"] == []
    assert planned["command"] in preview
    refused = shell(*step)
    assert refused.code == 1
    assert "not done" in refused.err.splitlines()[-1]
    assert "--yes" in refused.err.splitlines()[-1]
    assert not shell("incident", "show", "--json").json["runs"]

    done = shell(*step, "--yes", "--json")
    assert done.code == 0, done
    assert done.json["standing"] == "verified", done
    (run,) = shell("incident", "show", "--json").ok().json["runs"]
    assert (run["outcome"], run["verdict"], run["command"]) == ("succeeded", "verified", planned["command"])
    kinds = [entry["kind"] for entry in shell("incident", "timeline", "--json").json]
    assert kinds.index("run-intent") < kinds.index("run-result") < kinds.index("run-verified")
    assert {pod["release"] for pod in shell("signals", "--json").json["pods"]} == {"1.4.1"}

    again = shell(*step, "--yes")
    assert again.code == 1
    assert len(shell("incident", "show", "--json").json["runs"]) == 1, again


def test_the_simulator_says_ready_and_ends_when_told(shell: Shell) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen(
            shell.argv("simulate", "--directory", "sim", "--pods", "50"),
            cwd=shell.folder, env=shell.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        assert "READY\n" in iter(process.stdout.readline, "")
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
        assert {"kubeconfig", "cockpit.yaml"} <= {file.name for file in (shell.folder / "sim").iterdir()}
        assert (shell.folder / "sim" / "kubeconfig").stat().st_mode & 0o077 == 0, "it holds a token"
    (shell.folder / "file").write_text("")
    shell("simulate", "--directory", "file/below").failed("file/below", "--directory")
