"""Templates that would never end, or fill the memory, end with an error that names file and line; none is slow."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.message.templates.context import context
from cockpit.message.templates.head import TemplateError
from cockpit.message.templates.reading import read
from cockpit.message.templates.rendering import render
from cockpit.message.templates.sandbox import FILTERS, LONGEST, MOST_NODES, compiled
from tests.scribe.story import at, bad_release

HEAD = "---\nname: house\naudience: customers\ntitle: T\nfields:\n  big: {}\n---\n"
FIRST = HEAD.count("\n") + 1
LARGE = "word " * 8000
"""40,000 characters, as somebody pastes them."""
BUDGET = 5.0
"""Seconds of this process's own time that no template may take, on a machine that has other things to do; the slowest
of these takes a twenty-fifth of that."""

REFUSED = {
    "a call": "{{ service() }}",
    "a method": "{{ service.upper() }}",
    "a look inside": "{{ service.__class__.__mro__ }}",
    "an item": "{{ service['__class__'] }}",
    "a part": "{{ service[0:2] }}",
    "range": "{% for a in range(10 ** 9) %}x{% endfor %}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a product": "{{ 'x' * 10 ** 10 }}",
    "a division": "{{ 1 // 0 }}",
    "a format": "{{ '%1000000000d' % 1 }}",
    "a sum": "{{ service + service }}",
    "a filter that pads": "{{ service | center(10 ** 9) }}",
    "a filter of another kind": "{{ service | attr('x') }}",
    "a filter by its inner name": "{{ service | _turns(1) }}",
    "a macro": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "itself": "{% include 'house.md' %}",
    "a parent": "{% extends 'house.md' %}",
    "an import": "{% import 'os' as os %}",
    "a block": "{% block a %}{% endblock %}",
    "a captured text": "{% set a %}{{ service }}{% endset %}",
    "a filtered text": "{% filter upper %}x{% endfilter %}",
    "a loop that calls itself": "{% for a in service recursive %}{{ loop(a) }}{% endfor %}",
    "a list of lists": "{% set a = [[]] %}",
    "two names at once": "{% for a, b in service %}x{% endfor %}",
    "a name of the budget": "{% set _budget = 'x' %}{{ service | upper }}",
    "a test": "{{ service is divisibleby 3 }}",
    "a keyword": "{{ service | default(otherwise='x') }}",
}
ENDLESS = {
    "a loop in a loop": "{% for a in big %}{% for b in big %}{% for c in big %}{% endfor %}{% endfor %}{% endfor %}",
    "a loop that says much": "{% for a in big %}{{ big }}{% endfor %}",
    "a loop that works much": "{% for a in big %}{% set b = big | upper | lower | title %}{% endfor %}",
    "a loop that compares": "{% for a in big %}" + "{% if big == service %}{% endif %}" * 400 + "{% endfor %}",
    "a loop that searches": "{% for a in big %}" + "{% if 'wordy' in big %}{% endif %}" * 6 + "{% endfor %}",
    "a loop with a condition": "{% for a in big if " + " and ".join(["big"] * 60) + " %}{% endfor %}",
    "doubling": "{% set a = big %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "joining": "{{ (big | lines) | join(big) }}",
    "saying all of it again": "{{ big }}" * 400,
}


VALUES = context(bad_release().timeline.state, at("15:00"), None)
"""Of an incident that is over."""


def written(folder: Path, body: str) -> Path:
    """A template file with this text."""
    path = folder / "house.md"
    path.write_text(HEAD + body)
    return path


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_message_does_not_need_is_refused_when_it_is_read(tmp_path: Path, what: str) -> None:
    """With the file and the line, before anybody needs the template."""
    with pytest.raises(TemplateError) as refused:
        read(written(tmp_path, f"fine\n{REFUSED[what]}\n"))
    assert str(refused.value).startswith(f"{tmp_path}/house.md:{FIRST + 1}: ")


@pytest.mark.parametrize("what", ENDLESS)
def test_what_would_not_end_ends_with_an_error(tmp_path: Path, what: str) -> None:
    """Whatever is let in is paid for: time and memory have an end."""
    template = read(written(tmp_path, f"fine\n{ENDLESS[what]}\n"))
    began = process_time()
    with pytest.raises(TemplateError, match=rf"house.md:{FIRST + 1}: it (would not end soon|becomes longer than)"):
        render(template, VALUES, {"big": LARGE})
    assert process_time() - began < BUDGET


def test_a_template_too_deep_or_of_too_many_parts_is_refused(tmp_path: Path) -> None:
    """Neither jinja's parser nor Python's compiler is brought down."""
    for body, words in (
        ("{% if service %}" * 2000 + "{% endif %}" * 2000, "nested too deep"),
        ("{{ " + "(" * 9000 + "service" + ")" * 9000 + " }}", "nested too deep"),
        ("{{ " + "not " * 9000 + "service }}", "nested too deep"),
        ("{% for a in service %}" * 30 + "{% endfor %}" * 30, "nested too deep"),
        ("{{big}}" * 9000, "too many parts"),
    ):
        with pytest.raises(TemplateError, match=words):
            read(written(tmp_path, body))
    assert MOST_NODES < 10_000


def test_forty_thousand_characters_are_said(tmp_path: Path) -> None:
    """A long message is a message; one that is longer than any channel takes is refused with what to do."""
    template = read(written(tmp_path, "{{ big | sentence }}"))
    assert len(render(template, VALUES, {"big": LARGE}).text) == len(LARGE)
    with pytest.raises(TemplateError, match=f"longer than {LONGEST:,} characters"):
        render(template, VALUES, {"big": LARGE * 2})


def test_what_messages_need_is_there(tmp_path: Path) -> None:
    """Conditions, loops over lines, names of one's own, and the filters."""
    body = (
        "{% set who = big | default('nobody') %}{{ who ~ '!' }}\n"
        "{%- for line in big | lines %}\n{{ loop.index }}/{{ loop.length }} {{ line | upper }}"
        "{% if not loop.last %};{% endif %}{% else %}\nnothing{% endfor %}\n"
        "{{ 'grave' if severity in ('P0', 'P1') else 'light' }}, {{ big | lines | first | default('-') }}, "
        "{{ big | lines | join(' + ') }}, {{ 'a b' | title }}, {{ big | length }}, {{ severity is defined }}"
    )
    template = read(written(tmp_path, body))
    text = render(template, VALUES, {"big": "- one\n\n- two"}).text
    assert text.splitlines()[-3:] == ["1/2 ONE;", "2/2 TWO", "grave, one, one + two, A B, 12, True"]
    assert render(template, VALUES, {}).text == "nobody!\nnothing\ngrave, -, , A B, 0, True"
    assert [name for name, _ in compiled(body).names if name == "loop"] == []


NAMES = st.sampled_from(["big", "service", "severity", "actions", "line", "loop.index", "loop.last", "loop", "x"])
TEXTS = st.sampled_from(["''", "'a'", "'\\n'", "1", "-2", "1.5", "none", "true", "('a', 'b')", "['a']", "[]", "()"])
EXPRESSIONS = st.recursive(
    NAMES | TEXTS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(FILTERS)).map(lambda each: f"({each[0]} | {each[1]})"),
        st.tuples(inner, inner).map(lambda each: f"({each[0]} | default({each[1]}) | join({each[1]}))"),
        st.tuples(inner, st.sampled_from(["==", "in", "<", "~", "and", "or"]), inner).map(lambda e: f"({' '.join(e)})"),
        st.tuples(inner, inner, inner).map(lambda each: f"({each[0]} if {each[1]} else {each[2]})"),
        inner.map(lambda each: f"(not {each} is defined)"),
    ),
    max_leaves=6,
)
BODIES = st.recursive(
    st.just("words ") | EXPRESSIONS.map(lambda each: f"{{{{ {each} }}}}"),
    lambda inner: st.one_of(
        st.tuples(EXPRESSIONS, inner).map(lambda e: f"{{% for line in {e[0]} %}}{e[1]}{{% else %}}-{{% endfor %}}"),
        st.tuples(EXPRESSIONS, inner).map(lambda e: f"{{% if {e[0]} %}}{e[1]}{{% endif %}}"),
        st.tuples(EXPRESSIONS, inner).map(lambda e: f"{{% set x = {e[0]} %}}{e[1]}"),
        st.tuples(inner, inner).map("".join),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples."""
    return tmp_path_factory.mktemp("templates")


@given(body=BODIES, big=st.sampled_from(["", "a", "- a\n- b", LARGE]))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
def test_whatever_is_written_gives_a_text_or_an_error_with_its_line(folder: Path, body: str, big: str) -> None:
    """Nothing else comes out of a template, and no text that is longer than any channel takes."""
    path, text, refused = written(folder, body), "", f"{folder}/house.md:"
    try:
        text = render(read(path), VALUES, {"big": big}).text
    except TemplateError as error:
        refused = str(error)
    assert len(text) <= LONGEST
    assert refused.startswith(f"{path}:")
