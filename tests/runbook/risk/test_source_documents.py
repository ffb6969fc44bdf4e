"""Every command of the source documents, by its lines, with the risk that a person gives it."""

from __future__ import annotations

import re

import pytest

from cockpit.runbook.actions import Risk
from cockpit.runbook.risk import interactive_as, judge_shell, judge_sql

PROCESS, ORDERS, PAYMENT, PLAN = (
    "incident-response-process.md",
    "order-service-playbook.md",
    "payment-service-runbook.md",
    "production-incident-response-plan.md",
)
RISKS: dict[Risk, dict[str, str]] = {
    "read-only": {
        PROCESS: "12",
        ORDERS: "30 31 36 39 42 52 72 93 136",
        PAYMENT: "31 34 37 58 60 72 74 112 122 130 224 230 233 239 242 251",
        PLAN: "104 105 106 124 142 148 151 228 231 234 268 269 270 273 274 277 278 281 282 285 286 289 290-301 "
        "307-308 311-317 334 337 340-347 368 375-381 402-406 409-414 417-423 444 445 448 451-452",
    },
    "interactive": {PAYMENT: "143 227 248"},
    "changing": {
        PROCESS: "5 15",
        ORDERS: "48 107 148",
        PAYMENT: "59 67 117 135 148",
        PLAN: "121 127-129 135 138-139 154 202 203 204 207 227 230 233 237 351 371-372",
    },
    "destructive": {ORDERS: "56", PAYMENT: "65"},
}
STATEMENTS: dict[Risk, str] = {"read-only": "76-78 85-89 111-116 140-142", "changing": "152-153"}
COMMANDS = [(file, lines, risk) for risk, of in RISKS.items() for file, spans in of.items() for lines in spans.split()]


def text_of(documents: dict[str, list[str]], file: str, lines: str) -> str:
    """The lines `3` or `3-5`; of a list's item only the code in it."""
    first, _, last = lines.partition("-")
    text = "\n".join(documents[file][int(first) - 1 : int(last or first)])
    code = re.search(r"`(.+)`", text) if re.match(r"\s*\d+\. ", text) else None
    return (code[1] if code else text).replace("<pod-name>", "$POD_NAME")


@pytest.mark.parametrize(("file", "lines", "risk"), COMMANDS)
def test_a_command_has_the_risk_that_a_person_gives_it(
    documents: dict[str, list[str]], file: str, lines: str, risk: Risk
) -> None:
    judgement = judge_shell(text_of(documents, file, lines))
    assert judgement.risk == risk, judgement.why


@pytest.mark.parametrize(("lines", "risk"), [(lines, risk) for risk, of in STATEMENTS.items() for lines in of.split()])
def test_a_statement_has_the_risk_that_a_person_gives_it(
    documents: dict[str, list[str]], lines: str, risk: Risk
) -> None:
    judgement = judge_sql(text_of(documents, ORDERS, lines))
    assert judgement.risk == risk, judgement.why


def test_no_line_with_a_command_is_left_out(documents: dict[str, list[str]]) -> None:
    begins = re.compile(r"^\s*(kubectl|curl|vercel|psql|sleep|echo) |`(kubectl|vercel) ")
    for file, lines in documents.items():
        known = {int(each.partition("-")[0]) for name, each, _ in COMMANDS if name == file}
        found = {number for number, line in enumerate(lines, start=1) if begins.search(line)}
        assert found - known == set(), file


def test_a_whole_script_is_as_harmless_as_its_parts(documents: dict[str, list[str]]) -> None:
    """The comprehensive health check, with its shebang, comments, substitution and a statement over many lines."""
    assert judge_shell(text_of(documents, PLAN, "265-301")).risk == "read-only"


def test_a_fence_that_mixes_reading_and_changing_is_changing(documents: dict[str, list[str]]) -> None:
    assert judge_shell(text_of(documents, PLAN, "120-129")).risk == "changing"
    assert judge_shell(text_of(documents, PLAN, "226-237")).risk == "changing"


def test_interactive_commands_say_what_they_become(documents: dict[str, list[str]]) -> None:
    assert interactive_as(text_of(documents, PAYMENT, "143")) == "terminal"
    assert interactive_as(text_of(documents, PAYMENT, "227")) == "stream"
    assert interactive_as(text_of(documents, PAYMENT, "248")) == "forward"
    assert interactive_as(text_of(documents, PAYMENT, "31")) == ""
