"""Text as Slack takes it: nothing in it pings, links or formats, and what is too long is cut where people see it."""

from __future__ import annotations

from cockpit.incident.kinds import Message
from cockpit.message.channel import Occasion
from cockpit.text import clean

LONGEST = 40_000
"""Characters of a message's text; Slack cuts off the rest without a word (docs: chat.postMessage, "Truncating
content")."""
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""The three characters that begin Slack's own marks: `<!channel>`, `<@U…>`, `<https://…|words>` (docs: "Escaping
text"). A bare `@here` is no mark where `parse` is `none`."""
_TOPIC = 250
"""Characters of a topic (docs: conversations.setTopic)."""
_ROOM = 200
"""Characters kept free for the note about what is missing."""


def escape(text: str) -> str:
    """`text` as it stands, for a reader: no mark of Slack's, and nothing that a terminal would act on."""
    return clean(text, keep_newlines=True).translate(_ESCAPED)


def words(message: Message, occasion: Occasion, head: str = "") -> str:
    """What is posted: the title with the status, then the text.

    Args:
        head: marks of ours that go first, as mentions of who is paged; taken as they are.
    """
    title = " · ".join(part for part in (message.title, message.status) if part)
    lines = message.text if message.text.startswith(title) else f"{title}\n{message.text}"
    return head + cut(lines.strip(), LONGEST - len(head), where(occasion))


def cut(text: str, longest: int, where: str) -> str:
    """`text` escaped, in at most `longest` characters; when it does not fit, its end says how much is missing and
    where the whole is."""
    escaped = escape(text)
    if len(escaped) <= longest:
        return escaped
    cleaned, room = clean(text, keep_newlines=True), longest - _ROOM
    kept = len(cleaned)
    while len(cleaned[:kept].translate(_ESCAPED)) > room:
        kept -= max(1, (len(cleaned[:kept].translate(_ESCAPED)) - room) // 5)  # an escape is five characters at most
    note = f"\n… {len(cleaned) - kept:,} characters are missing here; the whole text: {where[:100]}"
    return cleaned[:kept].translate(_ESCAPED) + escape(note)


def where(occasion: Occasion) -> str:
    """Where the whole of a message can be read."""
    return occasion.link or f"`cockpit message list --incident {occasion.label or occasion.incident}`"


def topic(occasion: Occasion, commander: str = "") -> str:
    """The topic of an incident's own channel, within Slack's 250 characters; the label goes first.

    Args:
        commander: who leads while the record names nobody.
    """
    leads = occasion.commander or commander
    parts = (occasion.label, occasion.severity, f"IC {leads}" if leads else "", occasion.title, occasion.link)
    text = clean(" · ".join(part for part in parts if part))
    kept = next(end for end in range(min(len(text), _TOPIC), -1, -1) if len(text[:end].translate(_ESCAPED)) <= _TOPIC)
    return text[:kept].translate(_ESCAPED)
