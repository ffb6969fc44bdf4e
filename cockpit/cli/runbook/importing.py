"""`cockpit runbook import` and `schema`: a Markdown document as a runbook, with a report on every line of it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cockpit.cli.context import Failure, Wrong, a_file, as_json, say
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.markdown.importer import Imported, import_markdown
from cockpit.runbook.reader import read_runbook
from cockpit.runbook.schema import schema as schema_of
from cockpit.runbook.writer import to_yaml
from cockpit.text import clean


@click.command(name="import", help="Read a Markdown document as a runbook, and write it as YAML.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output", type=click.Path(path_type=Path), callback=a_file, help="The YAML file; one that is there keeps its ids."
)
@click.option("--report", is_flag=True, help="Say of each block what it became, or why it stayed text.")
def import_file(file: Path, output: Path | None, report: bool) -> None:
    """Import it; with --output the YAML goes there, else it is printed."""
    made = imported(file, output)
    text = to_yaml(made.runbook)
    if output is not None:
        _write(output, text)
    lines = list(made.report.lines()) if report else _summary(made)
    if as_json():
        say("", lambda: {"runbook": made.runbook.model_dump(mode="json"), "report": made.report.as_dict()})
        return
    if output is None and not report:
        click.echo(text, nl=False)
        click.echo("\n".join(map(clean, lines)), err=True)
    else:
        click.echo("\n".join(map(clean, lines)))


def imported(file: Path, previous: Path | None = None) -> Imported:
    """A document, read; what `previous` holds keeps its ids.

    Raises:
        Wrong: a file cannot be read.
        Failure: it is no document that can be a runbook.
    """
    try:
        before = read_runbook(previous) if previous is not None and previous.exists() else None
        return import_markdown(file.read_bytes(), file.name, before)
    except OSError as error:
        raise Wrong(f"{clean(str(file))}: {error.strerror or error}") from None
    except RunbookError as error:
        raise Failure(str(error)) from None


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{clean(str(output))} cannot be written: {error.strerror or error}") from None


def _summary(made: Imported) -> list[str]:
    """What came of it in a few lines, the questions among them."""
    book, told = made.runbook, made.report
    parts = {
        "scenarios": book.scenarios, "procedures": book.procedures, "health checks": book.health_checks,
        "thresholds": book.thresholds, "severities": book.severities, "checklists": book.checklists,
        "contacts": book.contacts, "templates": book.templates,
    }  # fmt: skip
    counts = ", ".join(f"{len(each)} {_of(len(each), name)}" for name, each in parts.items() if each)
    lines = [f"{told.file}: {counts or 'nothing'}; {told.runnable} of {told.commands} commands can be run from here"]
    lines += [f"{told.file}:{each.line}: {each.question}" for each in told.asks]
    for each in told.open:
        why = f"waits for {', '.join(each.needs)}" if each.needs else f"by hand: {each.why}"
        lines.append(f"{told.file}:{each.line}: {each.step} {why}")
    if told.text:
        stayed = _of(len(told.text), "blocks")
        lines.append(f"{len(told.text)} {stayed} stayed text; --report says which, and why")
    return lines


def _of(count: int, name: str) -> str:
    """The plural `name`, or its singular where there is one of it."""
    if count != 1:
        return name
    return f"{name.removesuffix('ies')}y" if name.endswith("ies") else name.removesuffix("s")


@click.command(name="schema", help="The JSON schema of a runbook's YAML, for editors.")
def schema() -> None:
    """Print it."""
    click.echo(json.dumps(schema_of(), indent=2, ensure_ascii=False))
