"""Pod logs over HTTP: tails, times, the run before, following, and the words for having none."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from conftest import eventually
from simulator.cluster.scenes import IMAGE, PODS, Scene, empty_cluster, healthy_cluster, pod, scene, words

from cockpit.simulator.cluster.timeline import format_time, parse_time

pytestmark = pytest.mark.anyio


async def log(here: Scene, name: str, **params: str | int) -> str:
    answer = await here.http.get(f"{PODS}/{name}/log", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


async def refusal(here: Scene, name: str, **params: str | int) -> str:
    answer = await here.http.get(f"{PODS}/{name}/log", params=params)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")
    message: str = answer.json()["message"]
    return message


async def test_tail_since_and_limit() -> None:
    async with scene(healthy_cluster(speed=1)) as here:
        name = here.pods()[0]["metadata"]["name"]
        whole = (await log(here, name)).splitlines()
        assert whole[0] == "INFO boot 0"
        assert 450 < len(whole) < 520
        assert (await log(here, name, tailLines=2)).splitlines() == whole[-2:]
        assert await log(here, name, tailLines=0) == ""
        recent = (await log(here, name, sinceSeconds=60)).splitlines()
        assert 10 <= len(recent) <= 14
        assert (await log(here, name, sinceSeconds=60, tailLines=3)).splitlines() == recent[-3:]
        since = format_time(here.cluster.timeline.now() - timedelta(seconds=30))
        assert 4 <= len((await log(here, name, sinceTime=since)).splitlines()) <= 8
        assert await log(here, name, limitBytes=7) == "INFO bo"


async def test_timestamps_are_in_order_and_nanoseconds() -> None:
    async with scene(healthy_cluster(speed=1)) as here:
        text = await log(here, here.pods()[0]["metadata"]["name"], tailLines=5, timestamps="true")
        stamps = [line.split(" ", 1)[0] for line in text.splitlines()]
        assert stamps == sorted(stamps)
        assert all(len(stamp) == len("2026-11-21T00:06:43.123456789Z") for stamp in stamps)


async def test_a_line_has_the_same_time_whenever_it_is_asked_for() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("crasher", f"{IMAGE}:crash"))
        await eventually(lambda: words(here.pods()) == ["CrashLoopBackOff"])
        asked = [await log(here, "crasher", timestamps="true", previous="true") for _ in range(50)]
        told = {text for text in asked if "FATAL" in text}
        restarts = here.pods()[0]["status"]["containerStatuses"][0]["restartCount"]
        assert 1 <= len(told) <= restarts + 1, "who follows goes on after the last time, and would read lines twice"


async def test_crash_keeps_the_log_of_the_run_before() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("crasher", f"{IMAGE}:crash"))
        await eventually(lambda: words(here.pods()) == ["CrashLoopBackOff"])
        attempt = here.pods()[0]["status"]["containerStatuses"][0]["restartCount"]
        assert await log(here, "crasher") == f"INFO boot {attempt}\nFATAL no key\n"
        assert "FATAL no key" in await log(here, "crasher", previous="true")


async def test_container_without_a_past_has_no_previous_log() -> None:
    async with scene(healthy_cluster()) as here:
        name = here.pods()[0]["metadata"]["name"]
        wanted = f'previous terminated container "payment" in pod "{name}" not found'
        assert await refusal(here, name, previous="true") == wanted


async def test_waiting_container_says_for_what() -> None:
    async with scene(empty_cluster()) as here:
        here.cluster.create(pod("typo", "registry.local/typo:1"))
        await eventually(lambda: words(here.pods()) == ["ImagePullBackOff"])
        text = 'container "main" in pod "typo" is waiting to start: trying and failing to pull image'
        assert await refusal(here, "typo") == text


async def test_pod_without_a_node_has_no_log() -> None:
    async with scene(empty_cluster()) as here:
        for node in here.cluster.list("nodes"):
            here.cluster.patch_merge("nodes", None, node["metadata"]["name"], {"spec": {"unschedulable": True}})
        here.cluster.create(pod("waiting"))
        assert await refusal(here, "waiting") == "pod waiting does not have a host assigned"


async def test_container_must_be_named_where_there_are_several() -> None:
    async with scene(empty_cluster()) as here:
        body = pod("pair")
        body["spec"]["containers"].append({"name": "side", "image": f"{IMAGE}:1"})
        here.cluster.create(body)
        await eventually(lambda: words(here.pods()) == ["Running"])
        text = "a container name must be specified for pod pair, choose one of: [main side]"
        assert await refusal(here, "pair") == text
        assert await refusal(here, "pair", container="none") == "container none is not valid for pod pair"
        assert await log(here, "pair", container="side")


@pytest.mark.parametrize("option", [{"tailLines": "x"}, {"tailLines": -1}, {"sinceSeconds": 0}, {"sinceTime": "noon"}])
async def test_options_that_make_no_sense_are_refused(option: dict[str, str | int]) -> None:
    async with scene(healthy_cluster()) as here:
        await refusal(here, here.pods()[0]["metadata"]["name"], **option)


async def test_followed_log_goes_on_and_ends_with_its_container() -> None:
    async with scene(healthy_cluster()) as here:
        name = here.pods()[0]["metadata"]["name"]
        params = {"follow": "true", "tailLines": 1}
        async with here.http.stream("GET", f"{PODS}/{name}/log", params=params) as response:
            lines = response.aiter_lines()
            told = [await asyncio.wait_for(anext(lines), 10) for _ in range(3)]
            assert set(told) <= {"INFO paid", "WARN slow"}
            here.cluster.delete("pods", "production", name)

            async def rest() -> None:
                async for _ in lines:
                    pass

            await asyncio.wait_for(rest(), 20)


async def test_log_of_no_pod_is_not_found() -> None:
    async with scene(empty_cluster()) as here:
        assert (await here.http.get(f"{PODS}/none/log")).status_code == 404


async def test_lines_are_written_when_they_say() -> None:
    async with scene(healthy_cluster(speed=1)) as here:
        found = here.pods()[0]
        text = await log(here, found["metadata"]["name"], timestamps="true", tailLines=1)
        written = parse_time(text.split(" ", 1)[0][:26] + "Z")
        assert timedelta(0) <= here.cluster.timeline.now() - written < timedelta(seconds=30)
