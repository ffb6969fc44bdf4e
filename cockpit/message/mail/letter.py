"""A message as a mail (RFC 5322): its headers, its thread, its words, and the invitation that it may carry."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from cockpit.config import EmailConfig
from cockpit.incident.kinds import Message
from cockpit.message.channel import ChannelError, Occasion
from cockpit.message.mail.meeting import calendar_of
from cockpit.text import clean

LONGEST_SUBJECT = 400
"""Characters: a header line may be folded, but no reader shows more."""
_THREAD = 20
"""Earlier messages that a reference names: the first, and the last ones."""
_UNSAFE = re.compile(r"[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_METHOD = re.compile(r"^METHOD:([A-Z]+)\s*$", re.M | re.I)


def message_id(id: str, sender: str) -> str:
    """The `Message-ID` of a message: the same at each attempt, so that a reader's program shows one that came twice
    once."""
    return f"<{_UNSAFE.sub('-', id)}@{sender.rpartition('@')[2]}>"


def letter(message: Message, occasion: Occasion, config: EmailConfig, now: datetime) -> bytes:
    """`message` as it goes to the server.

    A text cannot add a header: headers are set by `EmailMessage`, which takes none with a line end in it.

    Raises:
        ChannelError: it cannot be written so: an invitation without its calendar part.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = config.sender
    mail["To"] = "undisclosed-recipients:;" if config.blind else ", ".join(config.to)
    mail["Subject"] = clean(message.title)[:LONGEST_SUBJECT] or "Incident"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message.message, config.sender)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice answers it
    if message.deed == "page":
        mail["Importance"] = "high"
    if thread := _thread(message, occasion):
        mail["In-Reply-To"] = thread[-1]
        mail["References"] = " ".join(thread)
    mail.set_content(_words(message, occasion), cte="quoted-printable" if _folds(message) else None)
    if message.deed == "meeting":
        _invite(mail, message, config.sender, now)
    return mail.as_bytes()


def _thread(message: Message, occasion: Occasion) -> list[str]:
    """The ids of the earlier messages to the same audience about this incident, the first first."""
    ids = [remote for sent, remote in occasion.earlier if sent.audience == message.audience and remote]
    return ids if len(ids) <= _THREAD else [ids[0], *ids[1 - _THREAD :]]


def _words(message: Message, occasion: Occasion) -> str:
    text = clean(message.text, keep_newlines=True).rstrip("\n")
    return f"{text}\n\n-- \n{occasion.link}\n" if occasion.link and message.deed == "page" else f"{text}\n"


def _folds(message: Message) -> bool:
    """Whether a line is longer than mail may carry as it stands (998 octets, RFC 5322, 2.1.1), or none is ASCII."""
    return not message.text.isascii() or any(len(line) > 900 for line in message.text.split("\n"))


def _invite(mail: EmailMessage, message: Message, sender: str, now: datetime) -> None:
    """Attach the calendar part, with the method that it names itself (RFC 6047, 2.4)."""
    calendar = message.options.get("ics", "")
    if "begins" in message.options and not calendar:
        with suppress(ValueError):
            calendar = calendar_of(message, now=now, organizer=sender)
    if not calendar.startswith("BEGIN:VCALENDAR"):
        raise ChannelError("the invitation has no calendar part (.ics); make the meeting anew", retryable=False)
    method = _METHOD.search(calendar)
    mail.add_attachment(
        calendar,
        subtype="calendar",
        filename="invitation.ics",
        params={"method": method[1].upper() if method else "REQUEST"},
    )
