"""The stock kubectl of a step stays where the incident is, whatever the user's own kubeconfig becomes meanwhile.

A stand-in for kubectl prints what it was given, and resolves its configuration as kubectl does: the files of
$KUBECONFIG in their order, of which the first that says something holds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import eventually

from cockpit.clock import SystemClock
from cockpit.room.house import open_house
from cockpit.room.options import Options
from cockpit.room.requests import Refusal, Start
from cockpit.room.runs.runs import Confirmation, Plan
from cockpit.room.war_room import WarRoom
from tests.shop import Step, cluster, program, script, shop, step

pytestmark = pytest.mark.anyio

STAND_IN = f"""#!{sys.executable}
import json, os, sys, yaml
files = [yaml.safe_load(open(each)) for each in os.environ["KUBECONFIG"].split(os.pathsep)]
current = next(each["current-context"] for each in files if each.get("current-context"))
argv = sys.argv[1:]
context = argv[argv.index("--context") + 1] if "--context" in argv else current
found = next(c["context"] for each in files for c in each.get("contexts", []) if c["name"] == context)
namespace = argv[argv.index("--namespace") + 1] if "--namespace" in argv else found.get("namespace", "default")
users = [each["users"] for each in files if each.get("users")]
print(json.dumps({{"argv": argv, "context": context, "namespace": namespace, "user": found["user"],
                  "people": len(users)}}))
"""


def kubeconfig(folder: Path, current: str = "prod-eu", namespace: str = "production") -> None:
    """The user's own: the incident's context and another, whichever is current."""
    contexts = [
        {"name": "prod-eu", "context": {"cluster": "c", "user": "me", "namespace": namespace}},
        {"name": "staging", "context": {"cluster": "c", "user": "me", "namespace": "elsewhere"}},
    ]
    written = {
        "apiVersion": "v1", "kind": "Config", "current-context": current, "contexts": contexts,
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "me", "user": {"token": "t0p-secret"}}],
    }  # fmt: skip
    (folder / "kubeconfig").write_text(yaml.safe_dump(written))


STEPS = (
    step("plain", program("kubectl", "get", "pods", "-o", "wide")),
    step("away", program("kubectl", "--context", "staging", "get", "pods", "--context=staging")),
    step("theirs", program("kubectl", "-n", "database", "get", "pods")),
    step("script", script("kubectl get pods | cat")),
    step("forward", script("kubectl --context staging get pods | cat")),
    step("server", program("kubectl", "--server=https://elsewhere", "get", "pods")),
    step("file", script("kubectl --kubeconfig /tmp/other get pods | cat")),
)


@asynccontextmanager
async def opened(
    folder: Path, patch: pytest.MonkeyPatch, *steps: Step, stand_in: bool = True
) -> AsyncIterator[WarRoom]:
    """An incident in prod-eu/production."""
    if stand_in:
        path = folder / "bin" / "kubectl"
        path.parent.mkdir()
        path.write_text(STAND_IN)
        path.chmod(0o755)
        patch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    patch.delenv("KUBECONFIG", raising=False)
    kubeconfig(folder)
    shop(folder, *(steps or STEPS), **cluster(folder))
    house = await open_house(Options({}, folder, actor="@ada", journal=folder / "record.db"), SystemClock())
    war = WarRoom(house, SystemClock())
    try:
        await war.go_live()
        await war.room.perform(Start("trouble", ""))
        yield war
    finally:
        await war.close()
        await house.close()


async def told(war: WarRoom, id: str) -> tuple[Plan, dict[str, Any]]:
    """Run a step; gives its plan and what the stand-in says it was given."""
    plan, output = await said(war, id)
    return plan, json.loads(output)


async def said(war: WarRoom, id: str) -> tuple[Plan, str]:
    """Run a step; gives its plan and its output."""
    plan = await war.prepare(war.jobs.step(id))
    assert plan.refusals == ()
    flight = war.launch(plan, Confirmation(yes=True))
    await eventually(lambda: flight.over)
    assert flight.result is not None
    assert flight.result.outcome == "succeeded", flight.result
    return plan, flight.result.output


@pytest.mark.parametrize("id", ["plain", "script"])
async def test_it_stays_in_the_incidents_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, id: str) -> None:
    """Somebody switches the current context and its namespace in another terminal: the step does not follow."""
    async with opened(tmp_path, monkeypatch) as war:
        _, before = await told(war, id)
        kubeconfig(tmp_path, current="staging", namespace="another")
        plan, after = await told(war, id)
    for each in (before, after):
        assert (each["context"], each["namespace"], each["user"]) == ("prod-eu", "production", "me")
        assert each["people"] == 1, "the user's credentials stay in the user's file, which is read as it is"
    if id == "plain":
        assert plan.command == "kubectl --context prod-eu --namespace production get pods -o wide"


async def test_the_steps_own_context_yields_and_the_preview_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it stands there."""
    async with opened(tmp_path, monkeypatch) as war:
        plan, given = await told(war, "away")
        assert plan.command == "kubectl --context prod-eu --namespace production get pods"
        assert (given["context"], given["namespace"]) == ("prod-eu", "production")


async def test_a_namespace_that_the_runbook_names_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may stand beside the service; the context is the incident's all the same."""
    async with opened(tmp_path, monkeypatch) as war:
        plan, given = await told(war, "theirs")
        assert plan.command == "kubectl --context prod-eu --namespace database get pods"
        assert (given["context"], given["namespace"]) == ("prod-eu", "database")


@pytest.mark.parametrize(("id", "option"), [("forward", "staging"), ("server", "--server"), ("file", "--kubeconfig")])
async def test_what_leads_elsewhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, id: str, option: str
) -> None:
    """It is said which word does, and nothing is run."""
    async with opened(tmp_path, monkeypatch) as war:
        with pytest.raises(Refusal, match=f"`{option}` leads kubectl away"):
            war.jobs.step(id)


async def test_our_file_holds_no_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where, and the user's own says who; only its owner can write into its folder."""
    async with opened(tmp_path, monkeypatch) as war:
        await told(war, "plain")
    [ours] = (tmp_path / "output").glob("kubeconfig-*.yaml")
    assert b"t0p-secret" not in ours.read_bytes()
    assert yaml.safe_load(ours.read_text())["current-context"] == "prod-eu"
    assert (tmp_path / "output").stat().st_mode & 0o022 == 0


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
async def test_the_stock_kubectl_reads_it_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What kubectl itself makes of the files, after the user's current context has become another."""
    shown = "{.current-context} {.contexts[0].context.namespace}"
    view = step("view", program("kubectl", "config", "view", "--minify", "-o", f"jsonpath={shown}"))
    async with opened(tmp_path, monkeypatch, view, stand_in=False) as war:
        kubeconfig(tmp_path, current="staging", namespace="another")
        assert (await said(war, "view"))[1] == "prod-eu production"


def test_a_document_s_own_place_yields_where_it_is_read(tmp_path: Path) -> None:
    """Its context and its namespace are not written into the runbook that is made of it."""
    document = (
        "# Shop\n\n## Trouble\n\n```bash\nkubectl --context old -n shop-prod get pods -o jsonpath='{.items}'\n```\n"
    )
    (tmp_path / "shop.md").write_text(document)
    argv = [sys.executable, "-m", "cockpit", "runbook", "import", "shop.md", "--output", "shop.yaml"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "shop.yaml").read_text()
    assert "jsonpath" in text
    assert "shop-prod" not in text.partition("scenarios:")[2].replace("# ", "")
    assert "--context" not in text
