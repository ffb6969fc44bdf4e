"""What an endpoint's body may be: however deep it nests, the check says why it is wrong and raises nothing."""

from __future__ import annotations

import sys

import pytest

from cockpit.config import EndpointConfig
from cockpit.signal.endpoint.answer import Answer, judged

WANTED = EndpointConfig.model_validate({"http": "http://shop/", "json": {"path": "$.status", "equals": "ok"}})


@pytest.mark.parametrize("step", range(0, 200, 2))
def test_a_body_that_nests_about_as_deep_as_can_be_read(step: int) -> None:
    depth = sys.getrecursionlimit() - step
    check = judged(WANTED, Answer(200, b'{"status": ' + b"[" * depth + b"]" * depth + b"}"))
    assert check.verdict == "failing"
    assert check.reason


def test_one_without_end() -> None:
    check = judged(WANTED, Answer(200, b'{"status": ' + b"[" * 60_000))
    assert (check.verdict, check.reason) == ("failing", "its body is no JSON")
