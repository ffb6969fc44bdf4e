"""The shipped templates say what the document says; broken ones are refused with file and line."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.incident import kinds
from cockpit.incident.policies import shipped as shipped_policies
from cockpit.incident.state import State
from cockpit.incident.terms import Status
from cockpit.message.templates.choosing import INITIAL, RESOLUTION, UPDATE, fitting, moment
from cockpit.message.templates.context import NAMES, context
from cockpit.message.templates.folder import load
from cockpit.message.templates.head import Moment, TemplateError
from cockpit.message.templates.reading import read
from cockpit.message.templates.rendering import default, render
from cockpit.message.templates.template import Template, Templates
from tests.conftest import ROOT
from tests.scribe.story import Book, at, bad_release

SHIPPED = ROOT / "templates"
TOLD = kinds.Message(message="m", template="t", audience="customers", channels=("a",), title="T", text="x")
HEAD = "---\nname: house\naudience: customers\ntitle: T\n"


@lru_cache
def load_once() -> Templates:
    """The templates of this repository."""
    return load([], SHIPPED)


@pytest.fixture(scope="module")
def shipped() -> Templates:
    """The templates of this repository."""
    return load_once()


def words(state: State | None = None, promised: str | None = "30:00") -> dict[str, str]:
    """The context of a payment incident at 02:15."""
    return dict(context(state or bad_release().timeline.state, at("15:00"), at(promised) if promised else None))


def write(folder: Path, text: str, name: str = "house.md") -> Path:
    """A template file."""
    path = folder / name
    path.write_text(text)
    return path


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
    templates = load([tmp_path], SHIPPED)
    assert templates.names() == load([], SHIPPED).names()
    assert (templates.get("status-page-initial").own, templates.get("status-page-update").own) == (True, False)
    assert render(templates.get("status-page-initial"), words(), {}).text == "We look at payment-service."
    with pytest.raises(TemplateError, match="there is no template 'nope'; there are customer-communication, "):
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
        (HEAD + "fields:\n  why:\n    default: '{{ whom }}'\n---\nx", 7, "'whom' is neither a field"),
        (HEAD + "moments: [lunch]\n---\nx", 5, "`moments.0`: Input should be 'declaration'"),
    ],
)
def test_a_broken_template_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """File, line, what, and what to do."""
    path = write(tmp_path, text)
    with pytest.raises(TemplateError) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    """Not UTF-8, far too large, no folder, a name taken twice."""
    (tmp_path / "house.md").write_bytes(b"---\nname: h\xff")
    with pytest.raises(TemplateError, match=r"house.md:2: is not UTF-8"):
        load([tmp_path]).get("house")
    write(tmp_path, "x" * 70_000)
    with pytest.raises(TemplateError, match="larger than 64 KiB"):
        load([tmp_path]).get("house")
    write(tmp_path, HEAD + "---\nx")
    write(tmp_path, HEAD + "---\nx", "other.md")
    with pytest.raises(TemplateError, match=r"other.md:1: the name 'house' is taken by .*house.md"):
        load([tmp_path]).get("house")
    with pytest.raises(TemplateError, match="no such folder of templates"):
        load([tmp_path / "nowhere"])


def test_a_broken_template_keeps_nobody_from_the_others(tmp_path: Path) -> None:
    """It says why by its own name, the shipped one of that name does not speak in its place, and all others work."""
    write(tmp_path, "---\nname: status-page-initial\naudience: customers\ntitle: T\n---\n{{ nonsense }}", "a.md")
    write(tmp_path, "---\nname: house\naudience: customers\nmoments: []\ntitle: T\n---\nx", "b.md")
    templates = load([tmp_path], SHIPPED)
    assert list(templates.broken) == ["status-page-initial"]
    assert "status-page-initial" not in templates.names()
    with pytest.raises(TemplateError, match=r"a.md:6: 'nonsense' is neither a field"):
        templates.get("status-page-initial")
    assert templates.get("house").own
    policy = shipped_policies()["payment-service"]
    assert fitting(templates, "customers", "declaration", policy) == []
    assert fitting(templates, "customers", "update", policy)[0].name == UPDATE


@pytest.mark.parametrize("body", ["{% for a in status %}{{ loop.index > service }}{% endfor %}", "{{ status < 1 }}"])
def test_a_template_that_fails_when_rendered_names_its_line(tmp_path: Path, body: str) -> None:
    """Errors come with file and line, never as a traceback."""
    template: Template = read(write(tmp_path, f"{HEAD}---\nfine\n{body}\n"))
    with pytest.raises(TemplateError, match=r"house.md:7: .*mend the template"):
        render(template, words(), {})


def test_context_has_every_name() -> None:
    """What a template may name is what it is given, also before anything is known."""
    assert set(words(State())) == NAMES
    known = words()
    assert (known["severity"], known["status"], known["declared"]) == ("P1", "resolved", "02:03 UTC")
    assert (known["duration"], known["commander"]) == ("37 min", "@oncall")


def page(state: State, shipped: Templates) -> str:
    """The template that fits what customers hear next."""
    return fitting(shipped, "customers", moment(state, "customers"), None)[0].name


def test_what_fits_follows_the_incident(shipped: Templates) -> None:
    """Initial until customers were told, and while the cause is unknown; update after; resolution when it is over."""
    book = Book()
    book.add(kinds.Declared(name="pay"), "0:00", "@a")
    said = [page(book.timeline.state, shipped)]
    for payload, clock in (
        (TOLD, "1:00"),
        (kinds.Delivery(message="m", channel="a", state="sent"), "1:01"),
        (kinds.StatusChange(status=Status.IDENTIFIED), "2:00"),
        (kinds.StatusChange(status=Status.RESOLVED), "3:00"),
    ):
        book.add(payload, clock, "@a")
        said.append(page(book.timeline.state, shipped).removeprefix("status-page-"))
    assert said == [INITIAL, "initial", "initial", "update", "resolution"]


def test_a_refused_message_told_nobody(shipped: Templates) -> None:
    """When every channel refused the first message, the next one is still the first."""
    book = Book()
    book.add(kinds.Declared(name="pay"), "0:00", "@a")
    book.add(kinds.StatusChange(status=Status.IDENTIFIED), "0:30", "@a")
    book.add(TOLD, "1:00", "@a")
    assert page(book.timeline.state, shipped) == UPDATE
    book.add(kinds.Delivery(message="m", channel="a", state="failed", reason="no"), "1:01")
    assert page(book.timeline.state, shipped) == INITIAL


def test_the_policys_own_document_goes_first_and_a_teams_own_before_it(tmp_path: Path) -> None:
    """Under a policy its document's wording fits before that which any may use; another policy's is chosen by hand."""
    write(tmp_path, "---\nname: house-alert\naudience: internal\nmoments: [update]\ntitle: T\n---\nx")
    templates, policies = load([tmp_path], SHIPPED), shipped_policies()

    def fits(audience: str, moment: Moment, policy: str) -> list[str]:
        return [each.name for each in fitting(templates, audience, moment, policies[policy])]

    assert fits("internal", "declaration", "payment-service") == [
        "incident-declaration",
        "incident-update",
    ]
    assert fits("internal", "declaration", "order-service")[0] == "internal-alert"
    assert fits("internal", "update", "order-service") == ["house-alert", "internal-alert", "incident-update"]
    assert fits("customers", "investigating", "incident-response-plan")[0] == "service-update"
    assert fits("customers", "declaration", "order-service")[0] == "customer-communication"
    assert "service-update" not in fits("customers", "update", "payment-service")
    assert fits("customers", "resolution", "order-service") == [RESOLUTION]
    assert fits("reviewers", "resolution", "order-service") == [], "an invitation is sent by hand, or by the resolution"


def test_a_default_is_what_the_record_knows(tmp_path: Path, shipped: Templates) -> None:
    """A blank that nobody filled has its default; one that was emptied is empty."""
    path = write(tmp_path, HEAD + "fields:\n  what: {required: true, default: '{{ title }}'}\n---\n{{ what }}!")
    template, values = read(path), words()
    assert render(template, values, {}).text == "Payments fail at checkout!"
    assert default(template, template.fields[0], values) == "Payments fail at checkout"
    assert render(template, values, {"what": "Cards"}).text == "Cards!"
    with pytest.raises(TemplateError, match="needs 'what'"):
        render(template, values, {"what": ""})


@given(said=st.text(max_size=300), known=st.text(max_size=300))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
def test_hostile_values_stay_values(said: str, known: str) -> None:
    """Whatever people or records say, a template renders, runs nothing of it, and gives no control character."""
    shipped = load_once()
    state = State(name=known, title=known, service=known, impact=kinds.Impact(text=known, who=known))
    values = context(state, at("15:00"), at("30:00"), label=known)
    for name in shipped.names():
        template = shipped.get(name)
        fields = {blank.name: f"x{said}{{{{ 7 * 191 }}}}" for blank in template.fields}
        rendered = render(template, values, fields)
        whole = f"{rendered.title}\n{rendered.status}\n{rendered.text}"
        assert "1337" not in whole.replace(said, "").replace(known, "")
        assert not [c for c in whole if c != "\n" and unicodedata.category(c) == "Cc"]
        assert "\n" not in rendered.title + rendered.status


def test_actions_come_from_the_record() -> None:
    """What was said last, what runs, what is looked into, what is in place, who was asked; nothing once it is over."""
    book = Book()
    book.add(kinds.Declared(name="pay", service="pay"), "0:00", "@a")
    book.add(kinds.RunIntent(run="r1", title="Restart pods", risk="changing", command="kubectl"), "2:00", "@a")
    book.add(kinds.Hypothesis(hypothesis="h1", number=1, text="the pool is too small"), "2:10", "@a")
    book.add(kinds.Mitigation(text="traffic goes to the backup"), "2:20", "@a")
    book.add(kinds.Ask(ask="a1", number=1, handle="@dba", text="count the connections", due=at("9:00")), "2:30", "@a")
    assert words(book.timeline.state)["actions"].count("traffic goes to the backup") == 1
    book.add(kinds.StatusChange(status=Status.MITIGATING, text="it is the pool\nsecond line"), "2:40", "@a")
    assert words(book.timeline.state)["actions"].splitlines() == [
        "- it is the pool", "- Running: Restart pods", "- Investigating: the pool is too small",
        "- In place: traffic goes to the backup", "- Asked @dba: count the connections",
    ]  # fmt: skip
    book.add(kinds.StatusChange(status=Status.RESOLVED), "9:00", "@a")
    assert words(book.timeline.state)["actions"] == ""


def test_on_call_is_who_holds_the_role_else_who_a_pager_names() -> None:
    """The record goes first: whoever took the alert is on call, whatever a schedule says."""
    book = Book()
    book.add(kinds.Declared(name="pay"), "0:00", "@a")
    assert context(book.timeline.state, at("1:00"), None, on_call="@rota")["on_call"] == "@rota"
    book.add(kinds.Acknowledged(), "0:30", "@b")
    assert context(book.timeline.state, at("1:00"), None, on_call="@rota")["on_call"] == "@b"


def test_status_page_says_whether_the_page_has_spoken() -> None:
    """Not updated, updating, updated: what was delivered, not what was written, and when: it is read later."""
    book = Book()
    book.add(kinds.Declared(name="pay", service="pay"), "0:00", "@a")
    said = [words(book.timeline.state)["status_page"]]
    said.append(context(book.timeline.state, at("1:00"), None, telling=["customers"])["status_page"])
    book.add(TOLD, "1:00", "@a")
    said.append(words(book.timeline.state)["status_page"])
    book.add(kinds.Delivery(message="m", channel="a", state="sent"), "1:01")
    said.append(words(book.timeline.state)["status_page"])
    assert said == ["Not updated as of 02:15 UTC", "Updating since 02:01 UTC", "Updating since 02:01 UTC",
                    "Updated at 02:01 UTC"]  # fmt: skip
