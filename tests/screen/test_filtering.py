"""The filter's language: words, regular expressions, labels, each negated or not, all of them together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.screen.filtering import line_filter, pod_filter

LABELS = {"app": "web", "tier": "cache", "app.kubernetes.io/name": "shop"}


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("", True), ("CRASH", True), ("crash node-a", True), ("crash node-b", False),
        ("/crash.*node-[ab]/", True), ("/^node/", False), (r"/a\/b/", False), ("/crash loop/", True),
        ("app=web", True), ("app=web,tier!=db", True), ("app=web,tier=db", False), ("other!=x", True),
        ("app.kubernetes.io/name==shop", True), ("app=", False), ("!crash", False), ("!calm", True),
        ("!/nothing/ crash", True), ("!app=web", False), ("/unclosed", False),
    ],
)  # fmt: skip
def test_every_part_must_hold(typed: str, passes: bool) -> None:
    assert pod_filter(typed).holds("web-1 Crash loop node-a", LABELS) is passes


@pytest.mark.parametrize(
    ("typed", "passes"),
    [
        ("-l app=web", True), ("-l app = web, tier != db", True), ("-l app in (web, db)", True),
        ("-l app in (db),tier", False), ("-l app notin (db,api)", True), ("-l other notin (x)", True),
        ("-l app notin (web)", False), ("-l tier", True), ("-l legacy", False), ("-l !legacy", True),
        ("-l !tier", False), ("-l app=", False), ("-l app in (), tier", False), ("-l", True),
        ("crash -l app=web", True), ("calm -l app=web", False),
        ("-l app.kubernetes.io/name==shop", True), ("x-l", False), ("pod-l app=web", False),
    ],
)  # fmt: skip
def test_a_label_selector_is_read_as_kubectl_reads_it(typed: str, passes: bool) -> None:
    """Also the sets, and whether a label is there, which a word by itself could not ask."""
    assert pod_filter(typed).holds("web-1 Crash loop node-a", LABELS) is passes


@pytest.mark.parametrize("typed", ["-l app in web", "-l app in (web", "-l app=web,,tier", "-l a b", "-l app=(web)"])
def test_a_selector_that_is_none_says_so_and_keeps_nothing_out(typed: str) -> None:
    found = pod_filter(f"web {typed}")
    assert "is no label selector, as in: -l app=web" in found.error
    assert found.holds("web-1", {})
    assert not found.holds("db-1", {})


def test_an_exclamation_mark_alone_wants_faults_of_pods_and_nothing_of_lines() -> None:
    assert pod_filter("! web").faults
    assert not pod_filter("!web").faults
    assert line_filter("!").all_pass
    assert pod_filter("").all_pass
    assert not pod_filter("!").all_pass


def test_in_a_log_a_label_is_a_word() -> None:
    assert line_filter("level=error").holds("12:00 level=error no route")
    assert not pod_filter("level=error").holds("12:00 level=error no route")


def test_a_regular_expression_that_is_none_says_so_and_keeps_nothing_out() -> None:
    found = pod_filter("/(/ web")
    assert found.error == "/(/ is no regular expression: missing ), unterminated subpattern at position 0"
    assert found.holds("web-1")
    assert not found.holds("db-1")


@pytest.mark.parametrize("pattern", [r"/(a+)+$/", r"/(\w+\s?)*x/", "/(?:a{2,})+/", "/(x*)*/"])
def test_a_repetition_of_a_repetition_is_refused(pattern: str) -> None:
    found = line_filter(pattern)
    assert "may take for ever" in found.error
    assert found.holds("a" * 50)


@given(st.text(max_size=40), st.text(max_size=60))
def test_whatever_is_typed_is_a_filter(typed: str, text: str) -> None:
    for read in (pod_filter, line_filter):
        assert isinstance(read(typed).holds(text, LABELS), bool)


@given(st.lists(st.text("abc/!", min_size=1, max_size=4).filter(lambda w: w[0] not in "/!"), max_size=4))
def test_words_pass_exactly_what_holds_all_of_them(words: list[str]) -> None:
    text = "abc/ca!b aab"
    assert line_filter(" ".join(words)).holds(text) is all(word in text for word in words)
