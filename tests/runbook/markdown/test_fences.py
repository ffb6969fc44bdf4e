"""What stands in a fence: its commands, titles, conditions and results, and what is none of them."""

from __future__ import annotations

import pytest

from cockpit.runbook.markdown.commands.fences import FenceRead, read_fence
from cockpit.runbook.markdown.text.document import read_document


def fence(text: str, tag: str = "bash") -> FenceRead:
    (block,) = (
        block for block in read_document(f"```{tag}\n{text}\n```\n".encode(), "a.md").blocks if not block.reread
    )
    return read_fence(block)


def texts(text: str, tag: str = "bash") -> list[str]:
    return [each.text for each in fence(text, tag).snippets]


def test_several_commands_with_their_comments_as_titles() -> None:
    read = fence("# Check pods\nkubectl get pods\n\n# Check logs\nkubectl logs -l a=b \\\n  --tail=5\n")
    assert [(each.title, each.line, each.end) for each in read.snippets] == [("Check pods", 3, 3), ("Check logs", 6, 7)]


def test_commands_under_one_comment_share_it() -> None:
    one, two = fence("# Disable\nvercel env add A false\nvercel env add B false").snippets
    assert (one.title, one.group, two.title, two.group) == ("Disable", (2, 0), "Disable", (2, 1))


@pytest.mark.parametrize(
    ("comment", "condition", "title"),
    [
        ("# Or", "Or", ""),
        ("# Or: use the operator", "Or", "Use the operator"),
        ("# If that fails, restart it", "If that fails", "Restart it"),
        ("# Restart it (if safe)", "if safe", "Restart it"),
        ("# Option 2: scale up", "Option 2", "Scale up"),
        ("# Check if it runs", "", "Check if it runs"),
    ],
)
def test_alternatives_carry_their_condition(comment: str, condition: str, title: str) -> None:
    (snippet,) = fence(f"{comment}\nkubectl rollout restart deployment/a").snippets
    assert (snippet.condition, snippet.title) == (condition, title)


def test_what_should_be_seen_is_no_title() -> None:
    read = fence(
        "kubectl get pods\n# Should show 3 running pods\nkubectl get svc  # Expected: one\n\n# Expected output: a\n"
    )
    assert [(each.title, each.expected) for each in read.snippets] == [
        ("", "Should show 3 running pods"),
        ("", "Expected: one Expected output: a"),
    ]


def test_control_flow_functions_and_here_documents_stay_whole() -> None:
    assert texts("for p in a b; do\n  if [ $p ]; then\n    kubectl delete pod $p\n  fi\ndone\nkubectl get pods") == [
        "for p in a b; do\n  if [ $p ]; then\n    kubectl delete pod $p\n  fi\ndone",
        "kubectl get pods",
    ]
    assert texts("cat <<EOF | kubectl apply -f -\nkind: Pod\n# no title\nEOF\nkubectl get pods") == [
        "cat <<EOF | kubectl apply -f -\nkind: Pod\n# no title\nEOF",
        "kubectl get pods",
    ]
    (two,) = fence("go() {\n  ls -l $1\n}\ngo /tmp/a").snippets
    assert (two.text, two.prelude) == ("go /tmp/a", ("go() {\n  ls -l $1\n}",))


def test_lines_behind_a_here_document_are_counted_right() -> None:
    assert [each.line for each in fence("cat <<EOF\nx\nEOF\nkubectl get pods\nkubectl get svc").snippets] == [2, 5, 6]


def test_a_script_and_a_pipeline_over_lines_stay_whole() -> None:
    assert len(texts("#!/bin/bash\nls -l\n\nls -a\n")) == 1
    assert len(texts("kubectl logs a |\n  grep x |\n  wc -l\nkubectl get pods")) == 2
    assert len(texts("kubectl logs a \\\n  | grep x\nkubectl get pods | \\\n  wc -l")) == 2


def test_with_prompts_only_prompted_lines_are_commands() -> None:
    read = fence("$ kubectl get pods\nNAME  READY\nkubectl is fine\n$ kubectl get \\\n    svc\nmore", "console")
    assert [(each.text, each.line, each.end) for each in read.snippets] == [
        ("kubectl get pods", 2, 2),
        ("kubectl get \\\n    svc", 5, 6),
    ]
    assert [line for line, _, _ in read.left] == [3, 4, 7]


def test_a_dollar_is_a_prompt_only_before_a_space() -> None:
    assert texts("$HOME/bin/check now\nkubectl get pods") == ["$HOME/bin/check now", "kubectl get pods"]


def test_prompts_of_a_console_hold_statements() -> None:
    (snippet,) = fence("orders=# SELECT 1\norders-# FROM t;\n 1\n", "").snippets
    assert (snippet.language, snippet.text.split()) == ("sql", ["SELECT", "1", "orders-#", "FROM", "t;"])


@pytest.mark.parametrize(
    ("text", "tag", "content"),
    [
        ("kubectl get pods", "", "shell"),
        ("kubectl get pods", "yaml", "shell"),
        ("kubectl get pods", "text", "shell"),
        ("SELECT * FROM orders WHERE id = 1;", "bash", "sql"),
        ("select count(*) from orders;", "", "sql"),
        ("apiVersion: v1\nkind: Pod", "bash", "config"),
        ('{"a": 1}', "", "config"),
        ("owner: me\nport: 80", "", "config"),
        ("sum(rate(http_requests_total[5m])) by (code)", "", "query"),
        ("class A {\n  private x = 1;\n}", "typescript", "code"),
        ("GET https://a.example/health", "", "http"),
        ("2025-01-01 10:00:00 ERROR x\n2025-01-01 10:00:01 INFO y", "", "output"),
        ("We are sorry. The team is on it.\nStatus: open for now, more soon", "", "text"),
        ("🚨 INCIDENT\nSeverity: P0/P1\nImpact: [words]", "", "text"),
    ],
)
def test_the_tag_lies_and_the_content_decides(text: str, tag: str, content: str) -> None:
    assert fence(text, tag).content == content


def test_what_programs_print_is_no_command() -> None:
    assert texts("df -h\nFilesystem      Size  Used Avail Use%\n/dev/root       1.2G  466M  756M  39%") == ["df -h"]
    assert texts('echo "=== done ==="\nkubectl get pods') == ["kubectl get pods"]


def test_statements_have_their_comments_and_lines() -> None:
    read = fence("-- Find stuck\nSELECT 1\nFROM t;\n\nUPDATE t SET a = ';' WHERE b = 2;", "sql")
    assert [(each.title, each.text, each.line, each.end) for each in read.snippets] == [
        ("Find stuck", "SELECT 1\nFROM t;", 3, 4),
        ("", "UPDATE t SET a = ';' WHERE b = 2;", 6, 6),
    ]


def test_statements_among_commands_are_statements() -> None:
    read = fence("kubectl get pods\nSELECT a\nFROM t WHERE b > 'c'\nORDER BY a;\nkubectl get svc")
    assert [(each.language, each.line) for each in read.snippets] == [("shell", 2), ("sql", 3), ("shell", 6)]


@pytest.mark.parametrize(
    ("entering", "inside"),
    [
        ("ssh user@host", True),
        ("ssh -i key user@host", True),
        ("ssh user@host uptime", False),
        ("kubectl exec -it pod -c app -- bash", True),
        ("kubectl exec pod -- sh -c 'ls'", False),
        ("docker exec -it db psql -U me", True),
        ("psql -U me orders", True),
        ("psql -U me -c 'SELECT 1'", False),
        ("redis-cli -h cache", True),
        ("redis-cli -h cache PING", False),
        ("sudo su -", True),
        ("bash check.sh", False),
    ],
)
def test_what_is_typed_into_a_shell_elsewhere_is_no_command_here(entering: str, inside: bool) -> None:
    _, second = (
        fence(f"{entering}\nps aux | grep java").snippets if not inside else fence(f"{entering}\nINFO all").snippets
    )
    assert bool(second.within) == inside


def test_a_console_is_left_where_programs_follow() -> None:
    read = fence("psql -U me orders\n\n# Then\nkubectl rollout restart deployment/a")
    assert [each.within for each in read.snippets] == ["", ""]


def test_what_comes_before_each_command_goes_with_it() -> None:
    one, two = fence("set -e\ncd /srv/app\ndocker-compose ps\ndocker-compose restart api").snippets
    assert one.prelude == two.prelude == ("cd /srv/app",)


def test_a_quote_that_never_closes_costs_no_other_line() -> None:
    assert texts("kubectl get pods\necho don't\nkubectl get svc")[::2] == ["kubectl get pods", "kubectl get svc"]
