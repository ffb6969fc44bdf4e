"""A receiver for mail: an SMTP server on a loopback port, with or without STARTTLS and AUTH.

After RFC 5321 (replies), RFC 3207 (STARTTLS) and RFC 4954 (AUTH), as aiosmtpd serves them. The steps that trouble can
befall are its paths: `CONNECT`, `AUTH`, `MAIL`, `RCPT`, `DATA`; `answer` replies with its status, as 451 or 550.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from secrets import token_hex
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from cockpit.simulator.receivers.door import Port
from cockpit.simulator.receivers.receiver import Receiver, Surroundings
from cockpit.simulator.receivers.trouble import Asked, Fault

_LONGEST_SILENCE = 300.0
"""Seconds after which a server that says nothing gives up on its client."""


class Mail(Receiver):
    """A mail server.

    Args:
        refused: addresses to which it takes no mail (550).
        tls: a context with a certificate: STARTTLS is offered, and wanted before anything else.
        log_in: whether nobody may send without AUTH; without encryption that is allowed here, on loopback.

    Attributes:
        user, password: of the one account.
        letters: what was taken, parsed, in its order.
    """

    name = "mail"
    scheme = "smtp"

    def __init__(
        self,
        around: Surroundings,
        refused: Iterable[str] = (),
        tls: ssl.SSLContext | None = None,
        *,
        log_in: bool = False,
    ) -> None:
        super().__init__(around)
        self.user, self.password = "cockpit", token_hex(12)
        self.refused = {each.lower() for each in refused}
        self.tls, self.log_in = tls, log_in
        self.letters: list[EmailMessage] = []
        self._envelopes: list[tuple[str, list[str]]] = []

    @property
    def number(self) -> int:
        """The port's number."""
        return int(self.url.rpartition(":")[2])

    def port(self) -> Port:
        """A port that speaks SMTP."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns at each login of an attribute of its own
        return _MailPort(self)

    def shown(self) -> list[str]:
        """Every letter as its readers see it."""
        lines = []
        for (sender, to), letter in zip(self._envelopes, self.letters, strict=True):
            lines += [f"From {sender} to {', '.join(to)}", f"  Subject: {letter['subject']}"]
            lines += [f"  {line}" for line in words(letter).splitlines()]
            lines += [f"  attached: {each.get_filename()}" for each in letter.iter_attachments()]
        return lines

    def held(self) -> Any:
        """The letters, with their envelopes."""
        return [
            {"from": sender, "to": to, "headers": dict(letter.items()), "text": words(letter)}
            for (sender, to), letter in zip(self._envelopes, self.letters, strict=True)
        ]

    def take(self, envelope: Envelope) -> str:
        """Take a letter; gives the queue's number for it."""
        content = envelope.content
        data = content.encode() if isinstance(content, str) else content or b""
        letter = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
        self.letters.append(letter)
        self._envelopes.append((envelope.mail_from or "", [*envelope.rcpt_tos]))
        number = f"Q{len(self.letters):06d}"
        where, key = ", ".join(envelope.rcpt_tos), str(letter["message-id"] or "")
        more = {"id": number, "key": key, "data": {"headers": dict(letter.items()), "to": [*envelope.rcpt_tos]}}
        text = f"{letter['subject'] or ''}\n{words(letter)}"
        self.arrived.add("mail", "letter", where=where, text=text, **more)
        return number


def words(letter: EmailMessage) -> str:
    """The text of a letter."""
    body = letter.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""


class _MailPort(Port):
    """A port whose connections speak SMTP."""

    def __init__(self, mail: Mail) -> None:
        super().__init__(mail.trouble)
        self._mail = mail
        self._connections: set[_Smtp] = set()

    def protocol(self) -> asyncio.Protocol:
        """A connection of aiosmtpd's."""
        made = _Smtp(self._mail, self._connections)
        self._connections.add(made)
        return made

    def drop(self) -> None:
        """End every connection."""
        for each in list(self._connections):
            each.drop()


class _Smtp(SMTP):
    """One connection, which goes out of `open_ones` when it ends."""

    def __init__(self, mail: Mail, open_ones: set[_Smtp]) -> None:
        self._handler = _Handler(mail)
        super().__init__(
            self._handler,
            hostname="mail.simulated",
            ident="ESMTP",
            tls_context=mail.tls,
            require_starttls=mail.tls is not None,
            auth_require_tls=mail.tls is not None,
            authenticator=self._handler.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._open_ones = open_ones
        self._greeted = False
        self.gone = asyncio.Event()

    async def push(self, status: AnyStr) -> None:
        """Say something: the greeting is the first, before which trouble may come."""
        first, self._greeted = not self._greeted, True
        failed = await self._handler.befallen("CONNECT", self) if first else ""
        if not failed:
            await super().push(status)
            return
        await super().push(failed)
        if isinstance(self.transport, asyncio.Transport):
            self.transport.close()

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802  # aiosmtpd's name
        """Log in, unless trouble comes before it."""
        if failed := await self._handler.befallen("AUTH", self):
            await self.push(failed)
            return
        await super().smtp_AUTH(arg)

    def drop(self) -> None:
        """End it at once."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Gone."""
        self._open_ones.discard(self)
        self.gone.set()
        super().connection_lost(error)


class _Handler:
    """What the server says at each step."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Whether a name and a password are those of the account."""
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (
            self._mail.user.encode(),
            self._mail.password.encode(),
        )
        self._note("AUTH", 235 if known else 535)
        return AuthResult(success=known, handled=False)

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A sender."""
        if failed := await self.befallen("MAIL", server):
            return failed
        if self._mail.log_in and not session.authenticated:
            return self._note("MAIL", 530) or "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._note("MAIL", 250) or "250 2.1.0 Sender accepted"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Somebody to send it to."""
        if failed := await self.befallen("RCPT", server):
            return failed
        if address.lower() in self._mail.refused:
            return self._note("RCPT", 550) or "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return self._note("RCPT", 250) or "250 2.1.5 Recipient accepted"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        """The letter itself."""
        if failed := await self.befallen("DATA", server, envelope):
            return failed
        return self._note("DATA", 250) or f"250 2.0.0 Queued as {self._mail.take(envelope)}"

    async def befallen(self, step: str, server: SMTP, envelope: Envelope | None = None) -> str:
        """What trouble makes of a step: a reply, or empty where there is none; a connection may be gone after it."""
        fault = self._mail.trouble.befalls(step)
        if fault is None:
            return ""
        if envelope is not None and (fault.takes or fault.kind == "cut"):
            self._mail.take(envelope)
        status = fault.status if fault.kind == "answer" else None
        self._note(step, status, fault)
        if fault.kind == "answer":
            return f"{fault.status} {fault.body or 'Not now'}"
        if fault.kind == "garbage":
            return "HTTP/1.1 200 OK"
        if fault.kind == "revoked":
            return "535 5.7.8 Authentication credentials invalid"
        await self._break(fault, server)
        return "421 4.3.0 Closing"

    async def _break(self, fault: Fault, server: SMTP) -> None:
        """Say nothing until the client is gone, or go at once."""
        assert isinstance(server, _Smtp)
        if fault.kind == "silence":
            with suppress(TimeoutError):
                await asyncio.wait_for(server.gone.wait(), _LONGEST_SILENCE)
        server.drop()

    def _note(self, step: str, status: int | None, fault: Fault | None = None) -> str:
        """Note what was asked; gives nothing, so that it can stand before an answer."""
        self._mail.trouble.asked.append(Asked("SMTP", step, status, fault.kind if fault else ""))
        return ""
