"""The shipped templates say what the document says; broken ones are refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.incident import kinds
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.message.context import NAMES, RESOLUTION, UPDATE, context, suggested
from cockpit.message.head import TemplateError
from cockpit.message.templates import Template, Templates, load, read, render
from tests.conftest import ROOT
from tests.scribe.story import Book, at, bad_release

SHIPPED = ROOT / "templates"
HEAD = "---\nname: house\naudience: customers\ntitle: T\n"


@pytest.fixture(scope="module")
def shipped() -> Templates:
    """The templates of this repository."""
    return load([SHIPPED])


def words(state: State | None = None, promised: str | None = "30:00") -> dict[str, str]:
    """The context of a payment incident at 02:15."""
    return dict(context(state or bad_release().timeline.state, at("15:00"), at(promised) if promised else None))


def write(folder: Path, text: str, name: str = "house.md") -> Path:
    """A template file."""
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "fields", "lines", "filled"),
    [
        ("status-page-initial", {}, (94, 95, 96), {}),
        ("status-page-update", {"details": "One payment in eight fails"}, (99, 100, 101),
         {"[Optional: Add specific details about impact]": "One payment in eight fails"}),
        ("status-page-resolution", {"explanation": "Release 1.4.2 could not start"}, (104, 105, 106),
         {"[Brief explanation of what happened]": "Release 1.4.2 could not start"}),
    ],
)  # fmt: skip
def test_shipped_wording_is_the_documents(
    shared: Path, shipped: Templates, name: str, fields: dict[str, str], lines: tuple[int, ...], filled: dict[str, str]
) -> None:
    """Title, status and message are those of the cited lines, with the placeholders filled in."""
    document = (shared / "source-documents/incident-response-process.md").read_text().splitlines()
    said = [document[line - 1].split(": ", 1)[1] for line in lines]
    for placeholder, value in {
        "[Service Name]": "payment-service",
        "[service name]": "payment-service",
        **filled,
    }.items():
        said = [line.replace(placeholder, value) for line in said]
    template = shipped.get(name)
    rendered = render(template, words(promised=None), fields)
    assert [rendered.title, rendered.status, rendered.text] == said
    first, last = (int(number) for number in template.source.rpartition(":")[2].split("-"))
    assert set(lines) <= set(range(first, last + 1))


def test_next_update_is_promised(shipped: Templates) -> None:
    """A message that is not the last ends with the time of the next, in UTC, with the date when it is another day."""
    initial = shipped.get("status-page-initial")
    assert render(initial, words(), {}).text.endswith(" as we learn more. Next update by 02:30 UTC.")
    tomorrow = render(initial, words(promised="1500:00"), {}).text
    assert tomorrow.endswith("Next update by 2026-02-04 03:00 UTC.")
    assert "Next update" not in render(shipped.get(RESOLUTION), words(), {"explanation": "x"}).text


def test_fields_are_asked_and_checked(shipped: Templates) -> None:
    """A form learns what to ask; what is required must be given; nothing else may be."""
    resolution = shipped.get(RESOLUTION)
    (field,) = resolution.fields
    assert (field.name, field.required, bool(field.hint)) == ("explanation", True, True)
    with pytest.raises(TemplateError, match="needs 'explanation': a brief explanation"):
        render(resolution, words(), {"explanation": "  "})
    with pytest.raises(TemplateError, match="'why' is no field of status-page-resolution; it has explanation"):
        render(resolution, words(), {"why": "x"})
    without = render(shipped.get(UPDATE), words(), {}).text
    assert "working on a fix. We will continue" in without
    assert render(shipped.get(UPDATE), words(), {"details": "All of it!"}).text.count("!.") == 0


def test_values_are_cleaned_redacted_and_never_templates(shipped: Templates) -> None:
    """What a person typed or a record holds can neither command a terminal, leak a secret, nor run."""
    hostile = "\x1b[31mred\x07 {{ 7 * 7 }} password=hunter2 <b>"
    text = render(shipped.get(RESOLUTION), words(), {"explanation": hostile}).text
    assert "red {{ 7 * 7 }} password=‹redacted› <b>." in text
    book = Book()
    book.add(kinds.Declared(name="x", service="pay\x1b]0;owned\x07{{ now }}"), "0:00")
    assert (
        "issues with pay{{ now }}." in render(shipped.get("status-page-initial"), words(book.timeline.state), {}).text
    )


def test_a_drill_is_marked(shipped: Templates) -> None:
    """Nobody takes a drill's message for a real one."""
    book = Book()
    book.add(kinds.Declared(name="game-day", service="pay", drill=True), "0:00")
    assert render(shipped.get("status-page-initial"), words(book.timeline.state), {}).title.startswith("DRILL: pay")


def test_earlier_folders_win(tmp_path: Path) -> None:
    """A team's own template stands before the shipped one of the same name; the others remain."""
    write(tmp_path, "---\nname: status-page-initial\naudience: customers\ntitle: Ours\n---\nWe look at {{ service }}.")
    templates = load([tmp_path, SHIPPED])
    assert templates.names() == ["status-page-initial", "status-page-resolution", "status-page-update"]
    assert render(templates.get("status-page-initial"), words(), {}).text == "We look at payment-service."
    with pytest.raises(TemplateError, match="there is no template 'nope'; there are status-page-initial"):
        templates.get("nope")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("hello", 1, "begins with a line of ---"),
        ("", 1, "begins with a line of ---"),
        ("---\nname: house\n", 2, "the head is not closed"),
        (HEAD + "---\n\n", 5, "has no text"),
        (HEAD + "colour: red\n---\nx", 5, "`colour`: Extra inputs are not permitted"),
        ("---\nname: Not A Name\naudience: a\ntitle: T\n---\nx", 2, "`name`"),
        ("---\nname: house\n---\nx", 2, "`audience`: Field required"),
        (HEAD + "fields:\n  why: {needed: true}\n---\nx", 6, "`fields.why.needed`"),
        ("---\nname: [\n---\nx", 3, "not valid YAML"),
        ("---\nname: \x01\n---\nx", 2, "YAML"),
        ("---\nname: " + "[" * 5000 + "\n---\nx", 2, "it is nested more than 40 deep"),
        ("---\nname: a\nname: b\n---\nx", 3, "`name` stands here a second time, first in line 2"),
        ("---\n- a\n---\nx", 2, "has no keys"),
        (HEAD + "---\nfine\n{% if %}\n", 7, "see jinja's syntax"),
        (HEAD + "---\nfine\n\n{{ sevrity }}\n", 8, "'sevrity' is neither a field"),
        ("---\nname: house\naudience: a\ntitle: 'T {{ nme }}'\n---\nx", 4, "'nme' is neither a field"),
        (HEAD + "fields:\n  service: {}\n---\nx", 1, "the field 'service' has a name that the record fills"),
    ],
)
def test_a_broken_template_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """File, line, what, and what to do."""
    path = write(tmp_path, text)
    with pytest.raises(TemplateError) as refused:
        load([tmp_path])
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    """Not UTF-8, far too large, no folder, a name taken twice."""
    (tmp_path / "house.md").write_bytes(b"---\nname: h\xff")
    with pytest.raises(TemplateError, match=r"house.md:2: is not UTF-8"):
        load([tmp_path])
    write(tmp_path, "x" * 70_000)
    with pytest.raises(TemplateError, match="larger than 64 KiB"):
        load([tmp_path])
    write(tmp_path, HEAD + "---\nx")
    write(tmp_path, HEAD + "---\nx", "other.md")
    with pytest.raises(TemplateError, match=r"other.md:1: the name 'house' is taken by .*house.md"):
        load([tmp_path])
    with pytest.raises(TemplateError, match="no such folder of templates"):
        load([tmp_path / "nowhere"])


@pytest.mark.parametrize(
    "body", ["{{ service.__class__.__mro__ }}", "{{ 1 // 0 }}", "{{ service | round }}", "{{ service() }}"]
)
def test_a_template_that_fails_when_rendered_names_its_line(tmp_path: Path, body: str) -> None:
    """The sandbox forbids what is not a message's business; errors come with file and line, never as a traceback."""
    template: Template = read(write(tmp_path, f"{HEAD}---\nfine\n{body}\n"))
    with pytest.raises(TemplateError, match=r"house.md:7: .*mend the template"):
        render(template, words(), {})


def test_context_has_every_name() -> None:
    """What a template may name is what it is given, also before anything is known."""
    assert set(words(State())) == NAMES
    known = words()
    assert (known["severity"], known["status"], known["declared"]) == ("P1", "resolved", "02:03 UTC")
    assert (known["duration"], known["commander"]) == ("37 min", "@oncall")


def test_suggested_follows_the_incident() -> None:
    """Initial until customers were told, and while the cause is unknown; update after; resolution when it is over."""
    book = Book()
    book.add(kinds.Declared(name="pay"), "0:00", "@a")
    page = kinds.Message(message="m", template="t", audience="customers", channels=("a",), title="T", text="x")
    said = [suggested(book.timeline.state)]
    for payload, clock in (
        (page, "1:00"),
        (kinds.Delivery(message="m", channel="a", state="sent"), "1:01"),
        (kinds.StatusChange(status=Status.IDENTIFIED), "2:00"),
        (kinds.StatusChange(status=Status.RESOLVED), "3:00"),
    ):
        book.add(payload, clock, "@a")
        said.append(suggested(book.timeline.state).removeprefix("status-page-"))
    assert said == ["status-page-initial", "initial", "initial", "update", "resolution"]


def test_a_refused_message_told_nobody() -> None:
    """When every channel refused the first message, the next one is still the first."""
    book = Book()
    book.add(kinds.Declared(name="pay"), "0:00", "@a")
    book.add(kinds.StatusChange(status=Status.IDENTIFIED), "0:30", "@a")
    page = kinds.Message(message="m", template="t", audience="customers", channels=("a",), title="T", text="x")
    book.add(page, "1:00", "@a")
    assert suggested(book.timeline.state) == UPDATE
    book.add(kinds.Delivery(message="m", channel="a", state="failed", reason="no"), "1:01")
    assert suggested(book.timeline.state) == "status-page-initial"
