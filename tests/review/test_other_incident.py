"""Going to another incident: what is watched, recorded and done follows it, whatever service it is of."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import eventually
from screen.flying import flying, options

from cockpit.clock import SystemClock
from cockpit.incident import kinds
from cockpit.record.store import Store
from cockpit.room.house import open_house
from cockpit.room.refusal import HouseError
from cockpit.room.requests import Start
from cockpit.room.room import Room
from cockpit.room.setting import Setting

pytestmark = pytest.mark.anyio

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: east
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: u, user: {}}]
contexts: [{name: east, context: {cluster: c, user: u}}, {name: west, context: {cluster: c, user: u}}]
"""
CONFIG = """\
kubernetes:
  east: {context: east, kubeconfig: kubeconfig}
  west: {context: west, kubeconfig: kubeconfig}
services:
  shop:
    kubernetes: {cluster: east, namespace: shops, selector: app=shop, deployment: shop}
  till:
    kubernetes: {cluster: west, namespace: tills, selector: app=till, deployment: till}
"""


def configured(folder: Path) -> Path:
    """A configuration of two services in two contexts, where nobody answers."""
    (folder / "kubeconfig").write_text(KUBECONFIG)
    (folder / "cockpit.yaml").write_text(CONFIG)
    return folder / "cockpit.yaml"


async def declared(folder: Path, service: str, context: str, namespace: str) -> str:
    """An open incident of a service; gives its id."""
    store = await Store.open(folder / "record.db", SystemClock())
    target = kinds.Target(cluster=context, context=context, namespace=namespace, selector="app=x", deployment=service)
    room = Room(store, SystemClock(), "@eve", Setting(service, target=target))
    await room.perform(Start(f"{service}-broken"))
    await store.close()
    return room.incident


async def test_going_to_an_incident_of_another_service_watches_that_service(tmp_path: Path) -> None:
    config = configured(tmp_path)
    shop = await declared(tmp_path, "shop", "east", "shops")
    till = await declared(tmp_path, "till", "west", "tills")
    async with flying(tmp_path, config, service="shop") as cockpit:
        war = cockpit.war
        assert war.room.incident == shop
        await eventually(lambda: war.live)
        before = war.live
        await war.go_to(till)
        assert war.room.target is not None
        assert (war.house.plans.service, war.room.setting.service, war.room.target.context) == ("till", "till", "west")
        assert war.live is not None
        assert war.live is not before
        await cockpit.sees("till-broken", "west/tills")


async def test_an_incident_that_another_cockpit_declared_elsewhere_is_watched_there(tmp_path: Path) -> None:
    config = configured(tmp_path)
    async with flying(tmp_path, config, service="shop") as cockpit:
        await eventually(lambda: cockpit.war.live)
        before = cockpit.war.live
        await declared(tmp_path, "shop", "west", "tills")
        await cockpit.sees("shop-broken", "west/tills")
        await eventually(lambda: cockpit.war.live is not None and cockpit.war.live is not before)


async def test_an_incident_named_on_the_command_line_brings_its_service(tmp_path: Path) -> None:
    config = configured(tmp_path)
    till = await declared(tmp_path, "till", "west", "tills")
    house = await open_house(options(tmp_path, config, incident=till), SystemClock())
    assert (house.plans.service, house.room.setting.service) == ("till", "till")
    await house.close()
    with pytest.raises(HouseError, match="of service `till`"):
        await open_house(options(tmp_path, config, incident=till, service="shop"), SystemClock())


async def test_a_record_of_a_service_that_is_not_configured_any_more_is_read(tmp_path: Path) -> None:
    config = configured(tmp_path)
    gone = await declared(tmp_path, "gone", "north", "gone")
    house = await open_house(options(tmp_path, config, incident=gone), SystemClock())
    assert (house.plans.service, house.room.setting.service) == ("", "gone")
    await house.close()


async def test_a_place_named_on_the_command_line_is_never_taken_for_another(tmp_path: Path) -> None:
    """An open incident of the same name in production is not what `--context east` means."""
    configured(tmp_path)
    await declared(tmp_path, "till", "west", "tills")
    given = {"kubeconfig": tmp_path / "kubeconfig", "namespace": "tills", "selector": "app=till"}
    for context, found in (("east", False), ("west", True)):
        house = await open_house(options(tmp_path, None, context=context, **given), SystemClock())
        assert bool(house.room.incident) is found
        await house.close()
