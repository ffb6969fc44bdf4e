"""`cockpit runbook` on files: Markdown read as it stands, imported, checked; the schema; a runbook of one's own."""

from __future__ import annotations

import json
import re

from tests.cli.shell import Shell

DOCUMENT = """# Shop Runbook

## Pods crash

### Symptoms
- Pods restart

### Steps
1. Look at the pods:
```bash
kubectl get pods -n shop -l app=shop
```
2. Scale up:
```bash
kubectl scale deployment/shop --replicas=<count> -n shop
```

## Contacts
| Who | How |
|-----|-----|
| On call | [Name] |
"""


def test_a_document_is_imported_checked_and_imported_again(shell: Shell) -> None:
    (shell.folder / "shop.md").write_text(DOCUMENT)
    done = shell("runbook", "import", "shop.md", "--output", "shop.yaml").ok()
    assert "1 scenario, 1 contact;" in done.out
    assert "2 of 2 commands can be run from here" in done.out
    text = (shell.folder / "shop.yaml").read_text()
    assert "document: shop.md" in text
    checked = shell("runbook", "check", "shop.yaml", "shop.md").ok()
    assert checked.out.count("contacts still to be filled in") == 2
    (shell.folder / "shop.md").write_text(DOCUMENT.replace("## Pods crash", "Some words before.\n\n## Pods crash"))
    shell("runbook", "import", "shop.md", "--output", "shop.yaml").ok()
    again = (shell.folder / "shop.yaml").read_text()
    assert _ids(again) == _ids(text), "two lines further down they are still the same"
    report = shell("runbook", "import", "shop.md", "--json").ok().json["report"]
    blocks = {line for block in report["blocks"] for line in range(block["line"], block["end"] + 1)}
    lines = (shell.folder / "shop.md").read_text().splitlines()
    assert {number for number, line in enumerate(lines, 1) if line.strip()} <= blocks, "no line is dropped silently"


def _ids(text: str) -> list[str]:
    return re.findall(r"\bid: ([^,}\n]+)", text)


def test_what_cannot_be_read_is_said_with_line_and_column(shell: Shell) -> None:
    shell("runbook", "import", "absent.md").wrong("absent.md: No such file")
    (shell.folder / "bad.yaml").write_text("title: X\nprocedures:\n  - {id: p, title: P, stepz: []}\n")
    done = shell("runbook", "check", "bad.yaml")
    assert (done.code, done.err.splitlines()[0]) == (1, "bad.yaml:3:23: unknown key `stepz`; did you mean `steps`?")
    (shell.folder / "lost.yaml").write_text(
        "title: X\nprocedures:\n  - id: p\n    title: P\n    steps:\n"
        "      - {id: a, title: A, action: {kind: command, argv: [echo, $nobody]}}\n"
    )
    assert "lost.yaml:6: a needs $nobody" in shell("runbook", "check", "lost.yaml").ok().out
    (shell.folder / "noise.md").write_bytes(b"# x\n" * 400_000)
    done = shell("runbook", "check", "noise.md")
    assert done.code == 1
    assert "noise.md" in done.err


def test_the_schema_is_printed(shell: Shell) -> None:
    assert json.loads(shell("runbook", "schema").ok().out)["$schema"].startswith("https://json-schema.org")


def test_a_folder_of_markdown_is_a_library(shell: Shell) -> None:
    (shell.folder / "books").mkdir()
    (shell.folder / "books" / "shop.md").write_text(DOCUMENT)
    (shell.folder / "cockpit.yaml").write_text("version: 1\nrunbooks: [./books]\nservices:\n  shop: {runbook: shop}\n")
    assert "shop" in shell("runbook", "list").ok().out
    shown = shell("runbook", "show", "shop").ok().out
    assert "Scale up" in shown
    assert "Health checks" not in shown, "a part that has nothing in it is left out"
    steps = [step["id"] for scenario in shell("runbook", "show", "--json").ok().json["scenarios"]
             for step in scenario["steps"]]  # fmt: skip
    scale = next(id for id in steps if "scale" in id)
    shell("runbook", "run", scale).wrong("cannot run yet: it needs namespace, replicas", "--set namespace=VALUE")
    shell("runbook", "run", "shop", scale, "--set", "replicas=many").wrong("replicas (`many` is no whole number)")
    shell("runbook", "run", scale, "--set", "cnt=3").wrong("takes no value `cnt`; it takes")
    shell("runbook", "run", scale, "--set", "count").wrong("write it as NAME=VALUE")
    shell("runbook", "undo").failed("nothing was changed here that can be undone")


def test_show_tells_all_that_somebody_looks_for(shell: Shell) -> None:
    shown = shell("runbook", "show", "order-service").ok().out
    assert "[by hand] order-service-playbook.md:27" in shown, "an instruction is not said twice"
    for words in ("  If pods crashing:\n", "no bound yet", "Contacts\n", "Related\n", "Templates\n"):
        assert words in shown, words
    assert "Health checks\n" in shell("runbook", "show", "payment-service").ok().out


def test_sql_that_would_never_be_asked_is_found_by_the_check(shell: Shell) -> None:
    """A threshold's SQL must be known to only read; one that is not has its line."""
    book = shell.folder / "shop.yaml"
    asks = "sql: SELECT count(*) FROM orders"
    book.write_text(
        f"title: Shop\nservice: shop\nthresholds:\n  - {{id: a, title: A, unit: count, {asks}}}\n"
        "  - {id: b, title: B, unit: count, sql: DELETE FROM orders}\n",
        encoding="utf-8",
    )
    out = shell("runbook", "check", book).ok().out
    assert "thresholds whose SQL is never asked:" in out
    assert "shop.yaml:5: b: DELETE takes rows away" in out
    assert "unbound" not in out
    assert shell("runbook", "check", book, "--json").ok().json[0]["unasked"][0].endswith("b: DELETE takes rows away")
    book.write_text(book.read_text(encoding="utf-8").replace(asks, f"{asks}, query: up"), encoding="utf-8")
    done = shell("runbook", "check", book)
    assert done.code == 1
    assert "shop.yaml:4" in done.err
    assert "its value can come from one of them only" in done.err
