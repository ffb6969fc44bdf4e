"""E-mail: encrypted or not at all, one thread per audience, and known from unknown at every step of SMTP."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config import EmailConfig
from cockpit.message.channel import Channel, Occasion
from cockpit.message.mail import channel as mail
from cockpit.message.mail.letter import letter
from tests.message.channels.chat import INCIDENT, after, channel, config, message, refusal, secret
from tests.receivers import Receivers, receiving

pytestmark = pytest.mark.anyio

ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
TO = ["one@example.com", "two@example.com"]


@asynccontextmanager
async def post(
    folder: Path, *, server: dict[str, Any] | None = None, **keys: Any
) -> AsyncIterator[tuple[Any, Channel]]:
    """A mail server with its channel."""
    async with receiving("mail", mail=server or {}) as receivers:
        given = {"type": "email", "host": "127.0.0.1", "port": receivers.mail.number, "from": "ops@shop.example"}
        async with channel(folder, **({**given, "security": "none", "to": TO} | keys)) as made:
            yield receivers, made


def only(receivers: Receivers) -> EmailMessage:
    """The one letter that was taken."""
    (found,) = receivers.mail.letters
    return found


async def test_a_letter_says_who_when_and_what_and_answers_no_machine(tmp_path: Path) -> None:
    async with post(tmp_path) as (receivers, channel):
        sent = message(title="DRILL Zahlung fällt aus – 支払い", text="Wir sehen nach. ✓\n\n.\nZeile\n")
        found = await channel.send(sent, INCIDENT)
        letter = only(receivers)
        assert letter["subject"] == "DRILL Zahlung fällt aus – 支払い"
        assert letter["from"] == "ops@shop.example"
        assert letter["to"].groups[0].display_name == "undisclosed-recipients"
        assert letter["message-id"] == found.remote == f"<{sent.message}@shop.example>"
        assert letter["auto-submitted"] == "auto-generated"
        assert abs((parsedate_to_datetime(letter["date"]) - datetime.now(UTC)).total_seconds()) < 60
        assert letter.get_content_type() == "text/plain"
        assert str(letter.get_content()).replace("\r\n", "\n") == "Wir sehen nach. ✓\n\n.\nZeile\n"
        assert receivers.mail.held()[0]["to"] == TO
        assert found.text == f"{found.remote} to 2 addresses"


async def test_who_is_not_blind_sees_the_others(tmp_path: Path) -> None:
    async with post(tmp_path, blind=False) as (receivers, channel):
        await channel.send(message(), INCIDENT)
        assert [each.addr_spec for each in only(receivers)["to"].addresses] == TO


async def test_an_audience_has_a_thread_of_its_own(tmp_path: Path) -> None:
    async with post(tmp_path) as (receivers, channel):
        first, other = message(audience="executives"), message(audience="support")
        occasion = after(INCIDENT, (first, await channel.send(first, INCIDENT)))
        occasion = after(occasion, (other, await channel.send(other, occasion)))
        second = message(audience="executives")
        occasion = after(occasion, (second, await channel.send(second, occasion)))
        await channel.send(message(audience="executives"), occasion)
        ids = [letter["message-id"] for letter in receivers.mail.letters]
        assert [letter["in-reply-to"] for letter in receivers.mail.letters] == [None, None, ids[0], ids[2]]
        assert receivers.mail.letters[3]["references"] == f"{ids[0]} {ids[2]}"


async def test_a_meeting_carries_its_invitation(tmp_path: Path) -> None:
    """text/calendar with the calendar's own method (RFC 6047, 2.4), beside the words."""
    async with post(tmp_path) as (receivers, channel):
        await channel.send(message("meeting", "Post-mortem tomorrow.", options={"ics": ICS}), INCIDENT)
        letter = only(receivers)
        body = letter.get_body(("plain",))
        assert body is not None
        assert str(body.get_content()).strip() == "Post-mortem tomorrow."
        (part,) = letter.iter_attachments()
        assert part.get_content_type() == "text/calendar"
        assert part["content-type"].params["method"] == "REQUEST"
        assert part.get_filename() == "invitation.ics"
        assert "UID:1" in str(part.get_content())
        refused = await refusal(channel, message("meeting"))
        assert "no calendar part" in refused.reason


async def test_some_refused_is_sent_and_names_them(tmp_path: Path) -> None:
    async with post(tmp_path, server={"refused": [TO[0]]}) as (receivers, channel):
        found = await channel.send(message(), INCIDENT)
        assert found.text.endswith("to 1 address; refused: one@example.com (550 5.1.1 No such user here)")
        assert receivers.mail.held()[0]["to"] == [TO[1]]


@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("status", "retryable"),
    [(421, True), (450, True), (451, True), (452, True), (550, False), (552, False), (554, False)],
)
async def test_a_refusal_is_certain_and_passes_by_its_number(
    tmp_path: Path, step: str, status: int, retryable: bool
) -> None:
    """4yz passes, greylisting (450) among them; 5yz does not (RFC 5321, 4.2.1)."""
    async with post(tmp_path) as (receivers, channel):
        receivers.mail.trouble.answers(status, "4.7.1 Not now", path=step)
        refused = await refusal(channel, message())
        assert (refused.retryable, refused.uncertain) == (retryable, False)
        assert f"{status} " in refused.reason
        assert receivers.mail.letters == []


@pytest.mark.parametrize(
    ("kind", "step"),
    [*((kind, step) for kind in ("reset", "silence") for step in ("CONNECT", "MAIL", "RCPT", "DATA")),
     ("garbage", "DATA")],
)  # fmt: skip
async def test_only_a_break_after_the_words_is_unknown(
    tmp_path: Path, kind: Any, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.5 if kind == "silence" else mail.TIMEOUT)
    async with post(tmp_path) as (receivers, channel):
        receivers.mail.trouble.set(kind, path=step, takes=step == "DATA")
        refused = await refusal(channel, message())
        assert (refused.retryable, refused.uncertain) == (True, step == "DATA")
        assert ("may have been taken" in refused.reason) == (step == "DATA")
        assert len(receivers.mail.letters) == (1 if step == "DATA" else 0)
        assert await channel.find(message(), INCIDENT) is None


async def test_a_server_that_is_not_there_has_taken_nothing(tmp_path: Path) -> None:
    async with post(tmp_path) as (receivers, channel):
        receivers.mail.trouble.set("refuse")
        refused = await refusal(channel, message())
        assert (refused.retryable, refused.uncertain) == (True, False)
        assert "cannot be reached" in refused.reason


async def test_who_speaks_something_else_is_no_mail_server(tmp_path: Path) -> None:
    async with post(tmp_path) as (receivers, channel):
        receivers.mail.trouble.set("garbage", path="CONNECT")
        refused = await refusal(channel, message())
        assert not refused.uncertain
        assert receivers.mail.letters == []


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of this machine's own, and a server's context with it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, and makes the certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(
        [*made, "-addext", names, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True, timeout=60
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


async def test_starttls_and_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, context = await asyncio.to_thread(certificate, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with receiving("mail", mail={"tls": context, "log_in": True}) as receivers:
        there = receivers.mail
        keys = {"type": "email", "host": "127.0.0.1", "port": there.number, "from": "ops@shop.example", "to": TO}
        known = {"user": there.user, "password": secret(tmp_path, there.password, "password")}
        async with channel(tmp_path, **keys, **known) as encrypted:
            await encrypted.send(message(), INCIDENT)
            there.trouble.set("revoked", path="AUTH")
            refused = await refusal(encrypted, message())
            there.trouble.lift()
            there.trouble.answers(535, f"{'x' * 190} {there.password}", path="AUTH")
            assert there.password[:6] not in (await refusal(encrypted, message())).reason
            there.trouble.lift()
            assert "535 5.7.8" in refused.reason
            assert not refused.retryable
        wrong = {**known, "password": secret(tmp_path, "hunter2-hunter2", "wrong")}
        async with channel(tmp_path, **keys, **wrong) as stranger:
            refused = await refusal(stranger, message())
            assert (refused.retryable, refused.uncertain) == (False, False)
            assert "hunter2" not in refused.reason
        missing = {**known, "password": {"env": "NO_SUCH_PASSWORD"}}
        async with channel(tmp_path, **keys, **missing) as forgetful:
            assert "$NO_SUCH_PASSWORD gives nothing" in (await refusal(forgetful, message())).reason
        assert len(there.letters) == 1


async def test_a_server_that_is_encrypted_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, context = await asyncio.to_thread(certificate, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with receiving("mail") as receivers, encrypted(receivers, context) as port:
        keys = {"type": "email", "host": "127.0.0.1", "port": port, "from": "ops@shop.example", "to": TO}
        async with channel(tmp_path, **keys, security="tls") as safe:
            await safe.send(message(), INCIDENT)
        assert len(receivers.mail.letters) == 1


@asynccontextmanager
async def encrypted(receivers: Receivers, context: ssl.SSLContext) -> AsyncIterator[int]:
    """A port of the same server that takes TLS and nothing else."""
    port = receivers.mail.port()
    server = await asyncio.get_running_loop().create_server(port.protocol, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        port.drop()


async def test_a_certificate_that_nobody_trusts_ends_it(tmp_path: Path) -> None:
    _, context = await asyncio.to_thread(certificate, tmp_path)
    async with post(tmp_path, server={"tls": context}, security="starttls") as (receivers, channel):
        refused = await refusal(channel, message())
        assert "no encryption that can be trusted" in refused.reason
        assert (refused.retryable, refused.uncertain) == (False, False)
        assert receivers.mail.letters == []


async def test_a_server_without_encryption_gets_nothing_in_the_clear(tmp_path: Path) -> None:
    """Neither the words nor the password: a downgrade is an error."""
    known = {"user": "cockpit", "password": secret(tmp_path, "hunter2-hunter2")}
    async with post(tmp_path, security="starttls", **known) as (receivers, channel):
        refused = await refusal(channel, message())
        assert "STARTTLS" in refused.reason
        assert "nothing was sent in the clear" in refused.reason
        assert (refused.retryable, refused.uncertain) == (False, False)
        assert receivers.asked("mail") == []


async def test_a_demo_reaches_no_server_elsewhere(tmp_path: Path) -> None:
    keys = {"type": "email", "host": "mail.example.com", "from": "ops@shop.example", "to": TO}
    async with channel(tmp_path, **keys) as elsewhere:
        assert "a demo or a drill reaches nothing else" in (await refusal(elsewhere, message())).reason


@settings(deadline=None, max_examples=60)
@given(
    title=st.text(max_size=300),
    text=st.text(max_size=300),
    id=st.text(min_size=1, max_size=40),
    audience=st.sampled_from(["internal", "a\r\nBcc: x@example.com"]),
)
def test_no_text_adds_a_header_or_a_recipient(title: str, text: str, id: str, audience: str) -> None:
    """Whatever people and alerts write, the headers are those that we set, once each."""
    known = config(type="email", host="localhost", security="none", to=TO, **{"from": "ops@shop.example"})
    assert isinstance(known, EmailConfig)
    given = message(title=title, text=text, id=id, audience=audience)
    written = letter(
        given, Occasion(earlier=((given, "<m-0@shop.example>"),)), known, datetime(2026, 11, 21, tzinfo=UTC)
    )
    head = written.split(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    names = [line.split(b":")[0].decode().lower() for line in head.split(b"\r\n")]
    assert sorted(names) == sorted(
        ["from", "to", "subject", "date", "message-id", "auto-submitted", "in-reply-to", "references", "content-type",
         "content-transfer-encoding", "mime-version"]
    )  # fmt: skip
    assert max(len(line) for line in written.split(b"\r\n")) <= 998
    assert b"\n" not in written.replace(b"\r\n", b"")
