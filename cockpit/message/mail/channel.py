"""The `email` channel: a message is handed to a mail server by SMTP (RFC 5321), encrypted or not at all."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.config import EmailConfig, SecretError
from cockpit.incident.kinds import Message
from cockpit.message.channel import Again, ChannelError, Occasion, Reference
from cockpit.message.mail.letter import letter, message_id
from cockpit.message.reach import must_be_near
from cockpit.text import safe

if TYPE_CHECKING:
    from aiosmtplib import SMTP

TIMEOUT = 20.0
"""Seconds for the connection and for each of the server's answers."""
_CLOSING = 421
"""The answer after which a server closes the connection, whatever it was asked (RFC 5321, 3.8)."""


class EmailChannel:
    """Sends to the configured addresses. Nobody can tell afterwards whether a mail was taken when the connection broke
    after its words were sent: then a person is asked. Whatever fails before is certain.

    A message's options: `ics`, the invitation that deed `meeting` attaches.
    """

    again: Again = "ask"
    pace = 0.0
    reaches = True
    deeds = frozenset({"tell", "page", "acknowledge", "resolve", "note", "meeting"})

    def __init__(self, name: str, config: EmailConfig, clock: Clock, *, near: bool = False) -> None:
        self.name = name
        self._config = config
        self._clock = clock
        self._near = near
        self._password = ""

    async def send(self, message: Message, occasion: Occasion) -> Reference:
        """Hand `message` over, in the thread of the earlier ones to the same audience.

        Some addresses may be refused and the others served: that is sent, and the reference names who was refused.

        Raises:
            ChannelError: nobody got it, or nobody knows.
        """
        if self._near:
            must_be_near(self._config.host)
        written = letter(message, occasion, self._config, self._clock.now())
        client = await self._connect()
        try:
            refused = await self._envelope(client)
            await self._data(client, written)
        finally:
            await _leave(client)
        id = message_id(message.message, self._config.sender)
        served = [address for address in self._config.to if address not in refused]
        said = f"{id} to {_count(len(served))}"
        if refused:
            said += "; refused: " + ", ".join(f"{address} ({why})" for address, why in refused.items())
        return Reference(self._hidden(said), remote=id)

    async def greet(self) -> None:
        """Let the server say that it would take mail from us, and send none. Raises ChannelError."""
        import aiosmtplib

        if self._near:
            must_be_near(self._config.host)
        client = await self._connect()
        try:
            await client.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._refused(error, "let us in and then refused to speak") from None
        finally:
            await _leave(client)

    async def find(self, message: Message, occasion: Occasion) -> Reference | None:
        """A mail server cannot be asked."""
        return None

    async def close(self) -> None:
        """Each message has a connection of its own."""

    async def _connect(self) -> SMTP:
        """A connection, encrypted and logged in as the configuration says. Raises ChannelError."""
        import aiosmtplib

        config = self._config
        if config.password is not None:
            try:
                self._password = await asyncio.to_thread(config.password.resolve)
            except SecretError as error:
                raise ChannelError(f"mail: {error}", retryable=False) from None
        encrypted = config.security != "none"
        client = aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port,
            username=config.user,
            password=self._password or None,
            use_tls=config.security == "tls",
            start_tls=config.security == "starttls",
            tls_context=await asyncio.to_thread(ssl.create_default_context) if encrypted else None,
            timeout=TIMEOUT,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise self._refused(error, "did not let us in") from None
        return client

    async def _envelope(self, client: SMTP) -> dict[str, str]:
        """Name the sender and everybody; give those that were refused, with the server's words. Raises ChannelError
        when nobody is left, for good only when all were refused for good."""
        import aiosmtplib

        refusals: dict[str, ChannelError] = {}
        asked = f"refused the sender {self._config.sender}"
        try:
            await client.mail(self._config.sender)
            for address in self._config.to:
                asked = f"refused {address}"
                try:
                    await client.rcpt(address)
                except aiosmtplib.SMTPRecipientRefused as error:
                    if error.code == _CLOSING:
                        raise
                    refusals[address] = self._refused(error, asked)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise self._refused(error, asked) from None
        if len(refusals) == len(self._config.to):
            raise next((each for each in refusals.values() if each.retryable), next(iter(refusals.values())))
        return {address: self._words(error.__cause__ or error) for address, error in refusals.items()}

    async def _data(self, client: SMTP, written: bytes) -> None:
        """Hand over the words. Only what breaks from here on may have been taken. Raises ChannelError."""
        import aiosmtplib

        try:
            await client.data(written)
        except (aiosmtplib.SMTPException, OSError) as error:
            if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:  # else no answer of SMTP's came
                raise self._refused(error, "did not take the message") from None
            raise ChannelError(
                f"mail: {self._config.host} broke off while it took the message ({self._words(error)}); "
                "it may have been taken",
                retryable=True,
                uncertain=True,
            ) from None

    def _refused(self, error: Exception, what: str) -> ChannelError:
        """A failure before anything was taken. 4yz answers and lost connections pass (RFC 5321, 4.2.1: 421, 450, 451,
        452, greylisting); 5yz answers, a certificate that is not trusted and encryption that is not offered do not."""
        import aiosmtplib

        words, host = self._words(error), self._config.host
        cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
        if isinstance(cause, ssl.SSLError):
            said = f"mail: {host} has no encryption that can be trusted: {words}; see `host` and `security`"
            made = ChannelError(said, retryable=False)
        elif isinstance(error, aiosmtplib.SMTPResponseException):
            passes = 400 <= error.code < 500
            mend = "it is tried again" if passes else "see the channel in the configuration"
            made = ChannelError(f"mail: {host} {what}: {words}; {mend}", retryable=passes)
        elif isinstance(error, aiosmtplib.SMTPTimeoutError | ConnectionError | OSError):
            made = ChannelError(f"mail: {host} cannot be reached: {words}; it is tried again", retryable=True)
        else:
            mend = "nothing was sent in the clear; see `security` and `user` of the channel"
            made = ChannelError(f"mail: {host}: {words}; {mend}", retryable=False)
        made.__cause__ = error
        return made

    def _words(self, error: BaseException) -> str:
        """What an error says, with the server's number, on one line without the password."""
        code = getattr(error, "code", None)
        said = str(getattr(error, "message", "") or error) or type(error).__name__
        words = self._hidden(safe(self._hidden(said)))[:200]  # cut last, so that no half of a password is left
        return f"{code} {words}" if isinstance(code, int) and code > 0 else words

    def _hidden(self, text: str) -> str:
        return text.replace(self._password, "***") if self._password else text


async def _leave(client: SMTP) -> None:
    """Say goodbye; how a server takes that changes nothing."""
    import aiosmtplib

    with suppress(aiosmtplib.SMTPException, OSError):
        if client.is_connected:
            await client.quit(timeout=1.0)
    client.close()


def _count(number: int) -> str:
    return "1 address" if number == 1 else f"{number} addresses"
