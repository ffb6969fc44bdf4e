"""The webhook intake in one process: who may send, how much, how often; and that no body ends in a defect."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import ManualClock
from cockpit.config import Config, IntakeConfig, Secret
from cockpit.incident.state import State
from cockpit.incident.timeline import Timeline
from cockpit.record.store import Store
from cockpit.room.facts.proposals import proposals
from cockpit.room.house import House
from cockpit.room.listening.app import LARGEST, app
from cockpit.room.listening.doors import doors_of, served
from cockpit.room.listening.intake import MOST_NEW, Intake
from cockpit.room.listening.pace import BURST
from cockpit.room.listening.routing import service_of
from cockpit.room.plans import setting_of
from cockpit.room.refusal import HouseError
from cockpit.room.requests import Close, Resolve, Start
from cockpit.signal.notice import Notice
from tests.room.rooms import opened
from tests.stories import START

pytestmark = pytest.mark.anyio
TOKEN = "sesame-sesame"
SERVICES = {
    "pay": {"alertmanager": {"source": "main", "match": {"team": "money"}}},
    "pay-eu": {"alertmanager": {"source": "main", "match": {"team": "money", "region": "eu"}}},
    "payment-service": {},
}
CONFIG = {"alertmanager": {"main": {"url": "http://am.example"}}, "services": SERVICES}


def alerts(*said: dict[str, Any]) -> dict[str, Any]:
    """A delivery of an Alertmanager."""
    return {"version": "4", "alerts": list(said)}


def alert(name: str = "HighLatency", status: str = "firing", **labels: str) -> dict[str, Any]:
    began = {"startsAt": "2026-03-14T01:50:00Z", "fingerprint": name.lower() * 2}
    over = {"endsAt": "2026-03-14T01:58:00Z"} if status == "resolved" else {}
    return {"status": status, "labels": {"alertname": name, "service": "payment-service", **labels}, **began, **over}


@dataclass
class Standing:
    """An intake in this process."""

    client: httpx.AsyncClient
    store: Store
    clock: ManualClock
    log: list[str] = field(default_factory=list)

    async def post(self, body: Any, name: str = "alertmanager", **headers: str) -> httpx.Response:
        """Send something, with the token unless told otherwise."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {TOKEN}"} | {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.client.post(f"/{name}", content=sent, headers=given)

    async def states(self) -> dict[str, State]:
        """The state of every record, by its service."""
        found = [Timeline(await self.store.read(each)).state for each in await self.store.incidents()]
        return {state.service: state for state in found}


@asynccontextmanager
async def standing(
    folder: Path, config: Config | None = None, *, guarded: bool = True, **more: Any
) -> AsyncIterator[Standing]:
    """An intake with a token for every door."""
    clock, read = ManualClock(START), config or Config.model_validate(CONFIG | more)
    (folder / "token").write_text(TOKEN)
    doors = doors_of(read, Secret(file=folder / "token") if guarded else None)
    store = await Store.open(folder / "record.db", clock)
    try:
        log = list[str]()
        made = app(doors, Intake(store, clock, read, lambda name: setting_of(read, name)), clock, log.append)
        transport = httpx.ASGITransport(made, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://intake") as client:
            yield Standing(client, store, clock, log)
    finally:
        await store.close()


async def test_an_alert_is_recorded_once_and_then_known(tmp_path: Path) -> None:
    async with standing(tmp_path) as intake:
        first, again = await intake.post(alerts(alert())), await intake.post(alerts(alert()))
        assert (first.status_code, first.json()) == (202, {"status": "1 recorded", "alerts": 1, "recorded": 1})
        assert (again.status_code, again.json()["status"]) == (200, "known")
        over = await intake.post(alerts(alert(status="resolved")))
        assert over.status_code == 202
        assert (await intake.post(alerts(alert(status="resolved")))).status_code == 200
        (state,) = (await intake.states()).values()
        assert [each.fires for each in state.alerts.values()] == [False]
        assert intake.log[0].startswith("2026-03-14 02:00:00Z alertmanager from 127.0.0.1: 202 1 recorded")
        assert TOKEN not in "".join(intake.log)


async def test_a_start_in_the_future_is_said_to_the_sender_and_in_the_log(tmp_path: Path) -> None:
    async with standing(tmp_path) as intake:
        answer = await intake.post(alerts(alert() | {"startsAt": "2099-01-01T00:00:00Z"}, alert("Sound")))
        assert answer.json()["status"].startswith("2 recorded; 1 of 2 begin in the future, which counts as no start")
        assert "check the sender's clock" in intake.log[0]
        again = alert() | {"startsAt": "2099-01-01T00:00:00Z"}
        assert (await intake.post(alerts(again))).json()["recorded"] == 0
        await intake.post(alerts(alert(status="resolved")))
        intake.clock.advance(300)
        assert (await intake.post(alerts(alert() | {"startsAt": "2026-03-14T02:04:00Z"}))).json()["recorded"] == 1


async def test_each_alert_goes_to_the_record_of_its_service(tmp_path: Path) -> None:
    async with standing(tmp_path) as intake:
        told = [
            alert(),
            alert("A", team="money"),
            alert("B", team="money", region="eu"),
            alert("C", service="unheard-of"),
        ]
        assert (await intake.post(alerts(*told))).json()["recorded"] == 4
        states = await intake.states()
        names = {service: [each.name for each in state.alerts.values()] for service, state in states.items()}
        assert names == {"payment-service": ["HighLatency"], "pay": ["A"], "pay-eu": ["B"], "unheard-of": ["C"]}


async def test_a_delivery_that_names_hundreds_of_services_begins_few_records(tmp_path: Path) -> None:
    """As where a pod's name is taken for a service's: each record makes the next one slower to find."""
    async with standing(tmp_path) as intake:
        told = [alert(f"A{number}", service=f"pod-{number}") for number in range(MOST_NEW + 5)]
        answer = await intake.post(alerts(*told, alert("Known")))
        assert answer.json()["alerts"] == MOST_NEW + 6
        states = await intake.states()
        assert len(states) == MOST_NEW + 2, "what is of more services goes to nobody's record"
        assert [each.name for each in states["payment-service"].alerts.values()] == ["Known"]
        assert sum(len(each.alerts) for each in states.values()) == MOST_NEW + 6, "none is lost"
        over = [alert(f"A{number}", "resolved", service=f"pod-{number}") for number in range(MOST_NEW + 5)]
        assert (await intake.post(alerts(*over))).json()["recorded"] == MOST_NEW + 5
        assert {each.name for state in (await intake.states()).values() for each in state.alerts.values() if each.fires
                } == {"Known"}, "an end goes where its beginning went"  # fmt: skip


async def test_only_so_many_services_that_nobody_knows_have_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many deliveries name them, and after a restart too; who has one keeps it."""
    monkeypatch.setattr("cockpit.room.listening.intake.MOST_UNKNOWN", 3)
    for _ in range(2):
        async with standing(tmp_path) as intake:
            for number in range(6):
                await intake.post(alerts(alert(f"A{number}", service=f"pod-{number}"), alert("Own", team="money")))
            await intake.post(alerts(alert("B", service="pod-1")))
            states = await intake.states()
            assert set(states) == {"pod-0", "pod-1", "pod-2", "", "pay"}
            assert {each.name for each in states["pod-1"].alerts.values()} == {"A1", "B"}
            assert {each.name for each in states[""].alerts.values()} == {"A3", "A4", "A5"}


async def test_an_alert_that_names_no_service_stays_out_of_anothers_incident(tmp_path: Path) -> None:
    """It proposes by itself, also when it is told again, and ends where it began."""
    several = Config.model_validate(CONFIG)
    async with opened(tmp_path) as house, standing(tmp_path, several) as intake:
        await house.room.perform(Start("by-hand"))
        bare = alert("Bare") | {"labels": {"alertname": "Bare"}}
        assert (await intake.post(alerts(bare, alert("Own")))).json()["recorded"] == 2
        assert (await intake.post(alerts(bare))).json()["recorded"] == 0
        await house.room.refresh()
        assert [each.name for each in house.room.state.alerts.values()] == ["Own"]
        (found,) = await proposals(intake.store, intake.clock.now())
        assert (found.service, [each.name for each in found.alerts]) == ("", ["Bare"])
        over = alert("Bare", "resolved") | {"labels": {"alertname": "Bare"}}
        assert (await intake.post(alerts(over))).json()["recorded"] == 1
        assert await proposals(intake.store, intake.clock.now()) == []
    async with standing(tmp_path, several) as again:
        assert (await again.post(alerts(bare | {"startsAt": "2026-03-14T01:59:00Z"}))).json()["recorded"] == 1
        assert len(await again.store.incidents()) == 2, "after a restart too it is the same record"


def test_an_alert_that_names_nobody_is_the_only_services_or_nobodys() -> None:
    bare, several = Notice("f", "n"), Config.model_validate(CONFIG)
    only = Config.model_validate({"services": {"shop": {}}})
    assert (service_of(bare, only), service_of(bare, several), service_of(bare, several, "pay")) == ("shop", "", "pay")


async def test_it_goes_into_the_incident_that_is_open_and_none_is_declared_by_it(tmp_path: Path) -> None:
    """Also into one that was declared while it listened; after its close, what fires is another matter."""
    async with opened(tmp_path) as house, standing(tmp_path, house.plans.config) as intake:
        await intake.post(alerts(alert("First")))
        await house.room.perform(Start("by-hand"))
        await intake.post(alerts(alert("Second")))
        await house.room.refresh()
        state = house.room.state
        assert [each.name for each in state.alerts.values()] == ["First", "Second"]
        assert (state.name, state.detected_by) == ("by-hand", "monitoring")
        await house.room.perform(Resolve("done"))
        await house.room.perform(Close())
        await intake.post(alerts(alert("Third")))
        assert len(await intake.store.incidents()) == 2
        await _declared_elsewhere(house, intake)


async def _declared_elsewhere(house: House, intake: Standing) -> None:
    """An incident in a record of its own takes what comes next, though a watch is at hand."""
    await house.room.perform(Start("elsewhere", another=True))
    await intake.post(alerts(alert("Fourth")))
    await house.room.refresh()
    assert "Fourth" in [each.name for each in house.room.state.alerts.values()]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 202),
        ({"Authorization": "bearer sesame-sesame"}, 202),
        ({"Authorization": f"Basic {base64.b64encode(b'anybody:sesame-sesame').decode()}"}, 202),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer sesame"}, 401),
        ({"Authorization": "Bearer sesame-sesame\u00e9"}, 401),
        ({"Authorization": "Basic !!!"}, 401),
        ({"Authorization": f"Basic {base64.b64encode(b'nobody').decode()}"}, 401),
        ({"Authorization": "Digest sesame-sesame"}, 401),
    ],
)
async def test_only_who_has_the_token_may_send(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    async with standing(tmp_path) as intake:
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        given = {"Authorization": f"Bearer {TOKEN}".encode()} | encoded
        answer = await intake.client.post("/alertmanager", json=alerts(alert()), headers=given)
        assert answer.status_code == status
        assert (await intake.store.incidents() == []) == (status == 401)
        if status == 401:
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_length_that_is_no_number_of_bytes_is_refused(tmp_path: Path) -> None:
    async with standing(tmp_path) as intake:
        for length in ("9" * 5000, "1" * 21):
            answer = await intake.post(b"{}", Content_Length=length)
            assert answer.status_code == 413


async def test_a_packed_body_is_refused_for_that(tmp_path: Path) -> None:
    async with standing(tmp_path) as intake:
        answer = await intake.post(gzip.compress(b"{}"), Content_Encoding="gzip")
        assert (answer.status_code, answer.json()["error"]) == (415, "the body is packed (gzip): send it as it is")
        assert (await intake.post(alerts(alert()), Content_Encoding="identity")).status_code == 202


async def test_an_alert_that_cannot_be_read_is_told_and_the_others_are_recorded(tmp_path: Path) -> None:
    async with standing(tmp_path) as intake:
        answer = await intake.post(alerts(alert() | {"status": "odd"}, alert("Own")))
        assert (answer.status_code, answer.json()["recorded"], answer.json()["unread"]) == (202, 1, 1)
        assert "1 of its alerts cannot be read: alert 1 has the state `odd`" in answer.json()["status"]
        assert (await intake.post(alerts(alert() | {"status": "odd"}))).status_code == 400


async def test_a_signed_body_may_come_and_another_may_not(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pd-secret")
    intakes = {"pagerduty": IntakeConfig(secret=Secret(file=tmp_path / "secret"))}
    event = {
        "event_type": "incident.triggered",
        "occurred_at": "2026-03-14T01:59:00Z",
        "data": {"id": "P1", "title": "x"},
    }
    body = json.dumps({"event": event}).encode()
    right = "v1=" + hmac.new(b"pd-secret", body, hashlib.sha256).hexdigest()
    async with standing(tmp_path, intake=intakes) as intake:

        async def sent(signature: str, content: bytes = body) -> int:
            return (
                await intake.client.post("/pagerduty", content=content, headers={"X-PagerDuty-Signature": signature})
            ).status_code

        assert await sent(right, body + b" ") == 401
        assert await sent("v1=" + "0" * 64) == 401
        assert await sent(right.removeprefix("v1=")) == 401
        assert (await intake.post(body, "pagerduty")).status_code == 401, "the token of the others does not open it"
        assert await sent(f"v1={'0' * 64},{right}") == 202, "while a secret is changed there are two"
        assert await sent(right) == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "intake.example"])
def test_without_a_guard_nothing_from_elsewhere_comes_in(host: str, tmp_path: Path) -> None:
    with pytest.raises(HouseError, match="nothing guards the intake; give --token-env NAME"):
        served(doors_of(Config(), None), host)
    (tmp_path / "t").write_text("x")
    own = Config(intake={"grafana": IntakeConfig(token=Secret(file=tmp_path / "t"))})
    assert set(served(doors_of(own, None), host)) == {"grafana"}, "only the doors that are guarded"
    assert len(served(doors_of(own, None), "127.0.0.1")) == len(served(doors_of(own, None), "::1")) == 4


def test_a_secret_that_signs_nothing_or_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("x")
    with pytest.raises(HouseError, match=r"`intake.grafana.secret`: the mapping does not say how"):
        doors_of(Config(intake={"grafana": IntakeConfig(secret=Secret(file=tmp_path / "s"))}), None)
    with pytest.raises(HouseError, match=r"--token-env: \$NO_SUCH_TOKEN gives nothing"):
        doors_of(Config(), Secret(env="NO_SUCH_TOKEN"))


@pytest.mark.parametrize(
    ("body", "name", "status", "words"),
    [
        (b"{", "alertmanager", 400, "the body is no JSON"),
        (b"[" * 500_000, "alertmanager", 400, "nested"),
        (b"{}", "alertmanager", 400, "the body has no list `alerts`"),
        (b"{}", "nagios", 404, "there is no such intake; there are /alertmanager, /datadog"),
        (b"x" * (LARGEST + 1), "alertmanager", 413, "larger than 1024 KB"),
        (b"", "alertmanager", 400, "no JSON"),
    ],
)
async def test_what_is_no_delivery_is_refused_in_words(
    tmp_path: Path, body: bytes, name: str, status: int, words: str
) -> None:
    async with standing(tmp_path) as intake:
        answer = await intake.post(body, name)
        assert (answer.status_code, words in answer.json()["error"]) == (status, True)
        assert answer.headers["connection"] == "close"
        assert (await intake.client.get("/alertmanager")).status_code == 405
        assert (await intake.client.get("/-/ready")).text == "ready\n"


async def test_a_page_in_a_browser_of_this_machine_cannot_send(tmp_path: Path) -> None:
    """Any page may post to an address of this machine, and says where it comes from; no monitoring system does."""
    async with standing(tmp_path, guarded=False) as intake:
        for origin in ("https://evil.example", "null"):
            answer = await intake.post(alerts(alert()), Origin=origin, Content_Type="text/plain")
            assert (answer.status_code, "a page in a browser" in answer.json()["error"]) == (403, True)
        assert await intake.store.incidents() == []
        assert (await intake.post(alerts(alert()))).status_code == 202


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
async def test_without_a_guard_nothing_comes_by_a_proxy(tmp_path: Path, header: str) -> None:
    async with standing(tmp_path, guarded=False) as intake:
        answer = await intake.post(alerts(alert()), **{header: "203.0.113.7"})
        assert (answer.status_code, "may come from anywhere" in answer.json()["error"]) == (403, True)
    async with standing(tmp_path) as intake:
        assert (await intake.post(alerts(alert()), **{header: "203.0.113.7"})).status_code == 202


async def test_who_has_no_token_does_not_use_up_what_others_may_send(tmp_path: Path) -> None:
    """Behind a proxy all have one address."""
    async with standing(tmp_path) as intake:
        codes = [(await intake.post({}, Authorization="Bearer wrong")).status_code for _ in range(BURST + 1)]
        assert codes == [401] * BURST + [429]
        assert (await intake.post(alerts(alert()))).status_code == 202


async def test_who_is_refused_does_not_fill_the_log(tmp_path: Path) -> None:
    async with standing(tmp_path, guarded=False) as intake:
        for _ in range(BURST + 20):
            await intake.post(alerts(alert()), Origin="https://evil.example")
        said = [line.split(": ")[1][:3] for line in intake.log]
        assert (said.count("403"), said.count("429")) == (BURST, 1)
        assert (await intake.post(alerts(alert()))).status_code == 202, "nor uses it up what others may send"
        intake.clock.advance(2)
        for _ in range(4):
            await intake.post(alerts(alert()), Origin="https://evil.example")
        said = [line.split(": ")[1][:3] for line in intake.log]
        assert (said.count("403"), said.count("429")) == (BURST + 2, 2), "it is said again once it was let go on"


async def test_a_sender_that_comes_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    async with standing(tmp_path) as intake:
        codes = [(await intake.post({}, "nowhere")).status_code for _ in range(BURST + 1)]
        assert codes == [404] * BURST + [429]
        codes = [(await intake.post(alerts(alert()))).status_code for _ in range(BURST)]
        assert codes == [202] + [200] * (BURST - 1)
        late = await intake.post(alerts(alert()))
        assert (late.status_code, late.headers["retry-after"]) == (429, "1")
        intake.clock.advance(1)
        assert (await intake.post(alerts(alert("Second")))).status_code == 202
        assert (await intake.post(alerts(alert()))).status_code == 429


async def test_a_record_that_cannot_be_written_asks_to_come_again(tmp_path: Path) -> None:
    """And loses nothing: what is sent again then is recorded."""
    async with standing(tmp_path) as intake:
        await intake.post(alerts(alert("Before")))
        await intake.store.call(lambda journal: journal._connection.execute("PRAGMA query_only = ON"))
        answer = await intake.post(alerts(alert()))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "15")
        assert "not recorded" in answer.json()["error"]
        await intake.store.call(lambda journal: journal._connection.execute("PRAGMA query_only = OFF"))
        assert (await intake.post(alerts(alert()))).status_code == 202


async def test_many_deliveries_at_once_write_each_alert_once(tmp_path: Path) -> None:
    async with standing(tmp_path) as one, standing(tmp_path) as other:
        sent = [intake.post(alerts(alert("A"), alert("B"))) for intake in (one, other) for _ in range(10)]
        answers = await asyncio.gather(*sent)
        assert {answer.status_code for answer in answers} <= {200, 202}
        assert sum(answer.json()["recorded"] for answer in answers) == 2
        assert len(await one.store.incidents()) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
KEYS = st.sampled_from(["status", "labels", "annotations", "startsAt", "endsAt", "fingerprint", "alertname", "service"])
VALUES = JSON | st.sampled_from(["firing", "resolved", "2026-03-14T01:00:00Z", "0001-01-01T00:00:00Z"])
ALERTS = st.fixed_dictionaries(
    {
        "alerts": st.lists(
            st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=3), max_size=6), max_size=4
        )
    }
)
NAMES = st.sampled_from(["alertmanager", "grafana", "datadog", "pagerduty"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(NAMES, JSON | ALERTS), min_size=4, max_size=12))
async def test_no_json_ends_in_a_defect(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[tuple[str, Any]]
) -> None:
    async with standing(tmp_path_factory.mktemp("intake")) as intake:
        for name, body in bodies:
            assert (await intake.post(body, name)).status_code in (200, 202, 400)
        for state in (await intake.states()).values():
            assert state.unknown_kinds == 0
