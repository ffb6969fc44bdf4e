"""Text for Slack: whatever somebody writes, it marks nothing, loses nothing unseen, and fits."""

from __future__ import annotations

import html

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.message.channel import Occasion
from cockpit.message.slack.text import LONGEST, cut, escape, topic
from cockpit.text import clean

HOSTILE = st.text(st.sampled_from("<>&!@#|*`~_ \n:/channel\x1b\u202e\U0001f525"), max_size=300)


@given(HOSTILE)
def test_no_text_has_a_mark(text: str) -> None:
    """Slack's marks begin with `<`; what people read is what was written."""
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert html.unescape(escaped) == clean(text, keep_newlines=True)


@settings(deadline=None)
@given(HOSTILE, st.integers(min_value=1, max_value=3), st.integers(min_value=400, max_value=700))
def test_what_does_not_fit_is_counted(text: str, times: int, longest: int) -> None:
    """Kept and missing characters are all there were, and no escape is cut in its middle."""
    whole = clean(text * times, keep_newlines=True)
    said = cut(text * times, longest, "the record")
    assert len(said) <= longest
    if len(escape(whole)) <= longest:
        assert html.unescape(said) == whole
        return
    head, _, note = said.rpartition("\n… ")
    kept = html.unescape(head)
    assert whole.startswith(kept)
    assert len(kept) + int(note.split()[0].replace(",", "")) == len(whole)
    assert note.endswith("the whole text: the record")


def test_the_limit_is_slacks() -> None:
    """docs.slack.dev, chat.postMessage, "Truncating content"; conversations.setTopic takes 250 characters."""
    assert LONGEST == 40_000
    assert topic(Occasion(label="INC-1", severity="P1", title="<!channel> & all")) == (
        "INC-1 · P1 · &lt;!channel&gt; &amp; all"
    )
    assert topic(Occasion(label="INC-1"), "@alice") == "INC-1 · IC @alice"
    for title in ("x" * 400, "<" * 400, "&amp;" * 80):
        said = topic(Occasion(label="INC-1", title=title, severity="P1", commander="@alice"))
        assert 245 < len(said) <= 250
        assert html.unescape(said).startswith("INC-1 · P1 · IC @alice · ")
