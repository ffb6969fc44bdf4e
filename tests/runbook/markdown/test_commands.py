"""One command as an action: what it becomes, what it must be told, and what stays for a person."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.runbook.actions import Command, EditConfigMap, Exec, Get, Http, Logs, Sql
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.fill import fill, variable
from cockpit.runbook.markdown.commands.commands import SAFE, Made, made, made_sql
from cockpit.runbook.parameters import Values


def shell(text: str) -> tuple[str, Made]:
    found = made(text)
    assert isinstance(found.action, Command), found
    assert found.action.shell
    return found.action.shell, found


def argv(text: str) -> tuple[str, ...]:
    found = made(text)
    assert isinstance(found.action, Command), found
    return found.action.argv


def test_words_where_there_are_only_words_and_a_script_where_there_is_more() -> None:
    assert argv("docker restart 'my app' \\\n  api") == ("docker", "restart", "my app", "api")
    assert shell("docker ps | wc -l")[0] == "docker ps | wc -l"
    assert shell("A=b docker ps")[0] == "A=b docker ps"
    assert shell("ls -l *.log")[0] == "ls -l *.log"
    assert argv("ls -l '*.log'") == ("ls", "-l", "*.log")


def test_placeholders_are_words_or_parts_of_words() -> None:
    found = made("vercel logs --app your-app-name --since=<since>")
    assert isinstance(found.action, Command)
    assert found.action.argv == ("vercel", "logs", "--app", "$app", "--since=${since}")
    assert [(each.name, each.type, each.placeholder) for each in found.parameters] == [
        ("app", "text", "your-app-name"),
        ("since", "duration", "<since>"),
    ]


def test_a_script_finds_its_values_in_its_environment() -> None:
    text, found = shell("docker logs <container> | grep \"$WORD in <place>\" | grep 'a <beta>' | sort")
    assert text == 'docker logs "${CONTAINER}" | grep "$WORD in ${PLACE}" | grep \'a \'"${BETA}"\'\' | sort'.replace(
        "$WORD", "${WORD}"
    )
    assert [each.name for each in found.parameters] == ["container", "word", "place", "beta"]


def test_what_belongs_to_another_shell_is_left_to_it() -> None:
    found = made("kubectl exec api-1 -- sh -c 'echo $DATABASE_URL'")
    assert isinstance(found.action, Exec)
    assert found.action.command == ("sh", "-c", "echo $DATABASE_URL")
    assert found.parameters == ()


def test_a_secret_never_becomes_a_word_of_a_command() -> None:
    text, found = shell("vault login $VAULT_TOKEN")
    assert text == "vault login $VAULT_TOKEN"
    assert [(each.name, each.secret) for each in found.parameters] == [("vault_token", True)]


@pytest.mark.parametrize("name", ["path", "home", "ifs", "user"])
def test_no_parameter_takes_a_name_that_the_shell_needs(name: str) -> None:
    found = made(f"ls -l <{name}> | sort")
    assert [variable(each.name) for each in found.parameters] == [f"{name.upper()}_VALUE"]


def test_kubectl_becomes_the_typed_action() -> None:
    found = made("kubectl get pods -n <namespace> -l app=<service-name>")
    assert isinstance(found.action, Get)
    assert (found.action.namespace, found.action.selector) == ("$namespace", "app=${service}")
    logs = made("kubectl logs -l a=b --tail=5 | grep -i error").action
    assert isinstance(logs, Logs)
    assert (logs.tail, logs.matching, logs.ignore_case) == (5, "error", True)
    assert isinstance(made("kubectl edit configmap a").action, EditConfigMap)


def test_a_terminal_is_asked_for_only_where_one_is_needed() -> None:
    one_shot = made("docker exec -it db psql -c 'SELECT 1'").action
    assert isinstance(one_shot, Command)
    assert (one_shot.argv[:3], one_shot.tty) == (("docker", "exec", "db"), False)
    inside = made("docker exec -it db bash").action
    assert isinstance(inside, Command)
    assert (inside.argv[:3], inside.tty) == (("docker", "exec", "-it"), True)
    assert shell("cat a.sql | docker exec -i db psql")[0] == "cat a.sql | docker exec -i db psql"


def test_psql_at_the_services_database_is_a_statement() -> None:
    found = made('psql "$DATABASE_URL" -c "SELECT * FROM orders WHERE id = \'<order-id>\' LIMIT <count>"')
    assert isinstance(found.action, Sql)
    assert found.action.statement == "SELECT * FROM orders WHERE id = :order_id LIMIT :count"
    assert [(each.name, each.type) for each in found.parameters] == [("order_id", "text"), ("count", "integer")]
    assert isinstance(made("psql -h other -c 'SELECT 1'").action, Command)
    assert isinstance(made("psql \"$DATABASE_URL\" -c '\\d orders'").action, Command)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT * FROM t WHERE a LIKE '%<word>%'", "SELECT * FROM t WHERE a LIKE ('%' || :word || '%')"),
        ("SELECT now() - INTERVAL '<hours> hours'", "SELECT now() - CAST(:hours || ' hours' AS interval)"),
        ("SELECT 1 -- for <name>\nFROM t", "SELECT 1 -- for name\nFROM t"),
        ("SELECT '$1'::text, a::int FROM t WHERE b = :b", "SELECT '$1'::text, a::int FROM t WHERE b = :b"),
    ],
)
def test_a_blank_in_a_statement_is_bound(statement: str, expected: str) -> None:
    found = made_sql(statement).action
    assert isinstance(found, Sql)
    assert found.statement == expected


@pytest.mark.parametrize("statement", ["SELECT * FROM <table>", "DROP INDEX <index_name>", 'SELECT "<column>" FROM t'])
def test_a_blank_for_a_name_is_for_a_person(statement: str) -> None:
    found = made_sql(statement)
    assert found.action is None
    assert "stands for a name" in found.why


def test_curl_that_is_understood_is_a_request() -> None:
    found = made(
        'curl -sS -X PUT https://your-domain.com/a/<id> -H "Authorization: Bearer $API_TOKEN" -d \'{"n": "<name>"}\''
    )
    assert isinstance(found.action, Http)
    assert (found.action.method, found.action.url) == ("PUT", "https://${host}/a/${value_id}".replace("value_id", "id"))
    assert found.action.headers == {
        "Authorization": "Bearer ${api_token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    assert json.loads(found.action.body) == {"n": "${name}"}
    assert isinstance(made("curl -I https://a.example.org/x").action, Http)


@pytest.mark.parametrize(
    ("url", "via"),
    [
        ("http://orders:8080/health", "service-proxy"),
        ("http://orders.shop.svc.cluster.local/health", "service-proxy"),
        ("https://orders.shop.com/health", "direct"),
        ("http://localhost:8080/health", "direct"),
    ],
)
def test_names_of_the_cluster_are_asked_through_it(url: str, via: str) -> None:
    action = made(f"curl {url}").action
    assert isinstance(action, Http)
    assert action.via == via


@pytest.mark.parametrize(
    "flag", ["-k", "-u me:pw", "-o out.json", "-w '%{http_code}'", "-F a=@b", "-d @file", "--resolve a"]
)
def test_curl_that_does_more_stays_curl(flag: str) -> None:
    assert isinstance(made(f"curl {flag} https://a.b/c").action, Command)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("kubectl get ...", "does not say"),
        ("curl https://hooks.a.com/services/...", "does not say"),
        ("#!/bin/bash\ntar xf $1", "arguments"),
        ("echo 'open | sort", "never closed"),
        ("cat <<EOF | sort\nx", "never closed"),
        ("if true; then", "not closed here"),
        ("aws s3 ls \\", "does not follow"),
        ("cat <<'EOF' | sort\n<name>\nEOF", "placeholders stand"),
    ],
)
def test_what_cannot_be_run_as_it_stands_is_for_a_person(text: str, why: str) -> None:
    found = made(text)
    assert found.action is None
    assert why in found.why


NASTY = st.text(min_size=1, max_size=25).filter(
    lambda text: not any(ord(each) < 32 for each in text)
) | st.sampled_from(
    [
        "; touch hacked",
        "$(touch hacked)",
        "`touch hacked`",
        "'; touch hacked; '",
        '"; touch hacked; "',
        "a\\",
        "-rf",
        "* ?",
    ]
)


@given(value=NASTY)
@settings(max_examples=60, deadline=None)
def test_no_value_is_read_as_a_part_of_the_script(value: str) -> None:
    """The script runs, and each place of the value holds it, whole, whatever it is."""
    text, found = shell("printf '%s\\n' <word> \"<word>\" 'x<word>' | cat")
    ran = subprocess.run(
        ["sh", "-c", text], env={"WORD": value, "PATH": "/usr/bin:/bin"}, capture_output=True, check=True
    )
    assert ran.stdout.decode("utf-8", "surrogateescape") == f"{value}\n{value}\nx{value}\n"
    assert [each.name for each in found.parameters] == ["word"]


@given(value=NASTY)
@settings(max_examples=60)
def test_a_value_that_a_second_shell_would_read_must_be_a_plain_word(value: str) -> None:
    found = made("docker exec app sh -c 'grep <word> /var/log/x' | sort")
    assert found.action is not None
    (parameter,) = found.parameters
    assert parameter.pattern == SAFE
    assert bool(parameter.wrong(value)) == any(each in value for each in "; '\"`$()|&<>*?\\\t") or parameter.wrong(
        value
    )


def test_without_its_values_nothing_is_filled() -> None:
    found = made("docker restart <container>")
    assert found.action is not None
    with pytest.raises(RunbookError, match=r"`\$container` \(<container> in the document\) has no value"):
        fill(found.action, Values({}), found.parameters)


@given(st.text(max_size=80))
@settings(max_examples=300)
def test_any_text_is_made_into_something_or_refused_in_words(text: str) -> None:
    for found in (made(text), made_sql(text or "x")):
        assert found.action is not None or found.why


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("docker run <path>", ["path_value"]),
        ("redis-cli -h CACHE_ENDPOINT -a AUTH_TOKEN ping", ["cache_endpoint", "auth_token"]),
        ("kubectl describe pod PENDING_POD", ["pod"]),
        ("kubectl delete ns my-namespace-dev", ["namespace"]),
        ("curl https://a.example.io/pages/PAGE_ID/x", ["page_id"]),
        ("vercel env add SERVICE_TOKEN production", []),
        ("kubectl logs api-1 | grep USER_ID", []),
        ("kubectl set env deployment/api API_URL=x", []),
    ],
)
def test_a_blank_without_any_mark_is_found_where_only_a_value_can_stand(text: str, names: list[str]) -> None:
    assert [each.name for each in made(text).parameters] == names
