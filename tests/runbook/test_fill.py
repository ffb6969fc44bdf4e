"""Parameters: what is refused, what is filled where, and that no value is read as anything but itself."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from cockpit.runbook.actions import Action, Command, Exec, Http, Scale, SetEnv, Sql
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import fill, needs, variable
from cockpit.runbook.parameters import Parameter, Values

ACTIONS: TypeAdapter[Any] = TypeAdapter(Action)


def action(kind: str, **fields: Any) -> Any:
    return ACTIONS.validate_python({"kind": kind, **fields})


def parameter(name: str, **fields: Any) -> Parameter:
    return Parameter.model_validate({"name": name, **fields})


def test_a_whole_reference_takes_the_type_of_its_parameter() -> None:
    scale, place = action("kubernetes", verb="scale", replicas="$replicas"), {"namespace": "n", "deployment": "d"}
    declared = [parameter("replicas", type="integer")]
    filled = fill(scale, {"replicas": "8", **place}, declared)
    assert isinstance(filled, Scale)
    assert (filled.replicas, filled.deployment, filled.risk) == (8, "d", "changing")
    gone = fill(scale, {"replicas": "0", **place}, declared)
    assert gone.risk == "destructive", "to nothing is another thing"


def test_what_has_no_value_cannot_run_and_says_how_to_give_one() -> None:
    http = action("http", url="https://api.example/orders/${order}")
    with pytest.raises(RunbookError, match=r"`\$order` \(<order-id> in the document\).*--set order=VALUE"):
        fill(http, {}, [parameter("order", placeholder="<order-id>")])
    with pytest.raises(RunbookError, match="no parameter of that name is declared; correct the runbook"):
        fill(http, {})


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a word for a number": ({"type": "integer"}, "three", "is no whole number"),
    "a name with a blank": ({"type": "name"}, "my pod", "is no name of a Kubernetes object"),
    "a name that is an option": ({"type": "name"}, "--all", "is no name of a Kubernetes object"),
    "none of the choices": ({"choices": ["card", "paypal"]}, "cash", "is none of card, paypal"),
    "not the whole pattern": ({"pattern": r"\d{4}"}, "2026; DROP", "does not match"),
    "a control character": ({}, "a\x1b[2J", "control characters"),
    "nothing": ({}, "", "it is empty"),
    "no duration": ({"type": "duration"}, "soon", "is no duration"),
    "neither yes nor no": ({"type": "boolean"}, "maybe", "is neither true nor false"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_values_that_do_not_fit_are_refused(case: str) -> None:
    fields, value, words = REFUSED[case]
    assert words in parameter("x", **fields).wrong(value)


def test_a_secret_is_never_repeated_and_has_no_default() -> None:
    secret = parameter("token", secret=True, type="integer")
    assert "hunter2" not in secret.wrong("hunter2")
    with pytest.raises(ValidationError, match="is secret, and a default stands in a file"):
        parameter("token", secret=True, default="hunter2")
    with pytest.raises(ValidationError, match="a default that it refuses itself"):
        parameter("count", type="integer", default="many")


def test_a_secret_cannot_become_a_word_of_a_command() -> None:
    argv = action("command", argv=["curl", "-H", "Authorization: Bearer ${token}", "https://x"])
    with pytest.raises(RunbookError, match="can be read by everybody on the machine"):
        fill(argv, Values({"token": "hunter2"}, frozenset({"token"})), [parameter("token", secret=True)])
    script = action("command", shell='curl -H "Authorization: Bearer $TOKEN" https://x')
    token = [parameter("token", secret=True)]
    assert fill(script, Values({"token": "hunter2"}, frozenset({"token"})), token).shell == script.shell
    assert needs(script, token) == ["token"]


def test_sql_and_scripts_stay_as_they_are_and_name_what_they_need() -> None:
    sql = action("sql", statement="SELECT ':no', x::int FROM t WHERE id = :order_id AND s = :state -- :not this")
    assert needs(sql) == ["database", "order_id", "state"]
    known = {"database": "payments", "order_id": "1'; DROP TABLE t; --", "state": "x"}
    filled = fill(sql, known)
    assert isinstance(filled, Sql)
    assert (filled.statement, filled.database) == (sql.statement, "payments")
    assert variable("pod-name") == "POD_NAME"


text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30)


def test_a_value_is_no_option_of_a_program() -> None:
    made = action("command", argv=["grep", "$what", "-r", "${what}x"])
    with pytest.raises(RunbookError, match="begins with a dash, and the program would read it as an option"):
        fill(made, {"what": "--file=/etc/shadow"}, [parameter("what")])
    assert fill(made, {"what": "-v"}, [parameter("what", choices=["-v", "-c"])]).argv[1] == "-v"


@given(text.filter(lambda value: not value.startswith("-")))
def test_a_value_is_one_word_of_a_command(value: str) -> None:
    made = action("command", argv=["grep", "${what}", "x=${what}"])
    filled = fill(made, {"what": value}, [parameter("what")])
    assert isinstance(filled, Command)
    assert filled.argv == ("grep", value, f"x={value}")
    exec_ = action("kubernetes", verb="exec", pod="p", command=["nc", "$what"], namespace="n")
    run = fill(exec_, {"what": value}, [parameter("what")])
    assert isinstance(run, Exec)
    assert run.command == ("nc", value)


@given(text)
def test_a_value_is_one_part_of_a_url_and_one_string_of_a_body(value: str) -> None:
    made = action(
        "http", method="POST", url="https://api.example/orders/${id}/items?of=${id}",
        body=json.dumps({"id": "${id}", "list": ["$id"], "n": 1}),
        namespace="n",
    )  # fmt: skip
    filled = fill(made, {"id": value}, [parameter("id")])
    assert isinstance(filled, Http)
    parts = urlsplit(filled.url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "api.example", "")
    assert [unquote(each) for each in parts.path.split("/")] == ["", "orders", value, "items"]
    assert unquote(parts.query) == f"of={value}"
    assert json.loads(filled.body) == {"id": value, "list": [value], "n": 1}


@given(text)
def test_a_value_that_looks_like_a_reference_is_not_filled_again(value: str) -> None:
    made = action("kubernetes", verb="set-env", deployment="d", namespace="n", env={"A": "$a", "B": "x${a}"})
    filled = fill(made, {"a": "${b}" + value, "b": "never"}, [parameter("a"), parameter("b")])
    assert isinstance(filled, SetEnv)
    assert filled.env == {"A": "${b}" + value, "B": "x${b}" + value}


def test_a_body_that_is_no_json_takes_no_value() -> None:
    made = action("http", method="POST", url="https://x", body="id=${id}", namespace="n")
    with pytest.raises(RunbookError, match="a body that is no JSON"):
        fill(made, {"id": "1&admin=1"}, [parameter("id")])
    with pytest.raises(RunbookError, match="no address of http"):
        fill(action("http", url="$base", namespace="n"), {"base": "file:///etc/passwd"}, [parameter("base")])
