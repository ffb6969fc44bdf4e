"""What stands in a Jira issue or comment: its limits, its labels, and words in which nothing is markup or a mention."""

from __future__ import annotations

import re

from cockpit.incident.kinds import Message
from cockpit.message.channel import ChannelError, Occasion
from cockpit.text import clean

LONGEST_SUMMARY, LONGEST_TEXT, LONGEST_LABEL = 255, 32_767, 255
"""Characters of a summary, of a description or comment, and of a label that Jira takes."""

_MARKUP = re.compile(r"(\\*)([{\[]|!(?=\S))")
"""Where markup could begin: a macro, a link or mention, an image; with the backslashes before it."""


def marked(message: Message) -> str:
    """The mark of a message: a label has no spaces."""
    return f"cockpit-{re.sub(r'[^A-Za-z0-9_.-]', '-', message.message)}"[:LONGEST_LABEL]


def summary(message: Message) -> str:
    """One line."""
    line = clean(message.title) or "Incident"
    return line if len(line) <= LONGEST_SUMMARY else line[: LONGEST_SUMMARY - 1] + "…"


def labels(message: Message, occasion: Occasion) -> list[str]:
    """The message's mark, the incident's label, and what the message asks for."""
    asked = [*clean(message.options.get("labels", "")).split(), *re.sub(r"\s+", "-", occasion.label).split()]
    return [marked(message), *dict.fromkeys(label[:LONGEST_LABEL] for label in asked)]


def description(message: Message, occasion: Occasion) -> str:
    """The words, then who owns it and until when, and where the incident can be looked up.

    Raises:
        ChannelError: they are longer than Jira takes.
    """
    heads = {"Owner": message.options.get("owner", ""), "Due": message.options.get("due", "")}
    heads |= {"Incident": occasion.label, "See": occasion.link}
    foot = "\n".join(f"{name}: {plain(clean(value))}" for name, value in heads.items() if value)
    text = plain(clean(message.text, keep_newlines=True))
    return _within("\n\n".join(part for part in (text, foot) if part))


def body(message: Message) -> str:
    """A comment: the words, and the mark by which it is found again. Raises ChannelError, see `description`."""
    return _within(f"{plain(clean(message.text, keep_newlines=True))}\n\n{marked(message)}")


def plain(text: str) -> str:
    """`text` as Jira's notation shows it unchanged: what could begin a macro, a link, a mention or an image is escaped
    by a backslash, which a backslash of the text cannot take back."""
    return _MARKUP.sub(lambda found: f"{found[1]} \\{found[2]}" if found[1] else f"\\{found[2]}", text)


def _within(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ChannelError(
            f"Jira takes {LONGEST_TEXT:,} characters and the message has {len(text):,}; shorten it and send again",
            retryable=False,
        )
    return text
