"""The simulated mail server: what it takes, refuses and loses, as RFC 5321 has it, met with a real client."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio


def letter(text: str = "It is down.") -> EmailMessage:
    """A letter with something attached."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "Störung", "cockpit@example.com", "b@example.com"
    made["Message-ID"] = "<m-1@example.com>"
    made.set_content(text)
    made.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="invitation.ics")
    return made


async def send(receivers: Receivers, *to: str, **options: Any) -> Any:
    """Hand the letter over; gives who was refused."""
    given = {"hostname": "127.0.0.1", "port": receivers.mail.number, "start_tls": False, "timeout": 0.5, **options}
    refused, _ = await aiosmtplib.send(letter(), recipients=list(to or ["b@example.com"]), **given)
    return refused


async def test_a_letter_is_taken_and_shown() -> None:
    async with receiving("mail") as receivers:
        assert await send(receivers) == {}
        (taken,) = receivers.mail.letters
        assert (taken["subject"], taken["message-id"]) == ("Störung", "<m-1@example.com>")
        (arrival,) = receivers.arrived.of("mail", "letter")
        assert (arrival.where, arrival.key) == ("b@example.com", "<m-1@example.com>")
        assert receivers.mail.shown() == [
            "From cockpit@example.com to b@example.com", "  Subject: Störung", "  It is down.",
            "  attached: invitation.ics",
        ]  # fmt: skip


async def test_some_recipients_are_refused_and_the_others_served() -> None:
    async with receiving("mail", mail={"refused": ["gone@example.com"]}) as receivers:
        refused = await send(receivers, "b@example.com", "Gone@example.com")
        assert {to: response.code for to, response in refused.items()} == {"Gone@example.com": 550}
        assert receivers.arrived.of("mail")[0].where == "b@example.com"
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await send(receivers, "gone@example.com")
        assert len(receivers.arrived) == 1


async def test_nobody_sends_without_a_password_where_one_is_wanted() -> None:
    async with receiving("mail", mail={"log_in": True}) as receivers:
        mail = receivers.mail
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as unknown:
            await send(receivers)
        assert unknown.value.code == 530
        with pytest.raises(aiosmtplib.SMTPAuthenticationError) as wrong:
            await send(receivers, username=mail.user, password="other")
        assert wrong.value.code == 535
        mail.trouble.set("revoked", path="AUTH", next=2)  # the client tries two ways
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await send(receivers, username=mail.user, password=mail.password)
        await send(receivers, username=mail.user, password=mail.password)
        assert len(receivers.arrived) == 1


async def test_encryption_is_wanted_before_anything_else(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no certificate can be made")
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", *files]
    words += ["-addext", "subjectAltName=IP:127.0.0.1"]
    made = await asyncio.create_subprocess_exec("openssl", *words, stderr=asyncio.subprocess.DEVNULL)
    assert await made.wait() == 0
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    async with receiving("mail", mail={"tls": ours, "log_in": True}) as receivers:
        account = {"username": receivers.mail.user, "password": receivers.mail.password}
        with pytest.raises(aiosmtplib.SMTPException):
            await send(receivers, **account)
        trusting = ssl.create_default_context(cafile=tmp_path / "cert")
        assert await send(receivers, start_tls=True, tls_context=trusting, timeout=5, **account) == {}
        assert len(receivers.arrived) == 1


@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("kind", "takes"), [("answer", False), ("silence", False), ("reset", False), ("reset", True)])
async def test_each_step_can_fail(step: str, kind: Any, takes: bool) -> None:
    async with receiving("mail") as receivers:
        receivers.mail.trouble.set(kind, path=step, takes=takes, status=451, body="4.3.2 Later", next=1)
        with pytest.raises(aiosmtplib.SMTPException) as failed:
            await send(receivers)
        if kind == "answer" and step == "RCPT":
            assert isinstance(failed.value, aiosmtplib.SMTPRecipientsRefused)
        elif kind == "answer":
            assert getattr(failed.value, "code", 0) == 451
        assert len(receivers.arrived) == (1 if takes and step == "DATA" else 0)
        assert receivers.asked("mail")[-1] == f"SMTP {step}{' 451' if kind == 'answer' else ''}"
        await send(receivers)
        assert len(receivers.arrived) == (2 if takes and step == "DATA" else 1)


async def test_a_server_that_is_not_there() -> None:
    async with receiving("mail") as receivers:
        receivers.mail.trouble.set("refuse")
        await asyncio.sleep(0.01)
        with pytest.raises(aiosmtplib.SMTPConnectError):
            await send(receivers)
        receivers.mail.trouble.lift()
        await asyncio.sleep(0.01)
        await send(receivers)
        assert len(receivers.arrived) == 1
