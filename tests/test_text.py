"""`clean` lets nothing through that commands a terminal; `redact` masks secrets of every kind and leaves prose."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cockpit.text import MASK, clean, redact, safe

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PIECES = st.sampled_from(
    ["\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b\\", "\x07", "\x9b", "\x9d", "\x9c", "[31m", "0;title", "\r\n", "\n", "\t",
     "\u2028", "\ufeff", "\u200b", "\ud800", "é", "語", "😀", "a", " ", ";", "8", *BIDI]
)  # fmt: skip
HOSTILE = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join), st.text(st.characters(codec=None)))


@given(HOSTILE, st.booleans())
@example("\x1b\x1b[31m[0m", False)
@example("\x1b\x9b31mx", True)
@example("a\x1b\u202e]0;x", True)
@example("\x1b\ufeff[2J", True)
def test_nothing_that_a_terminal_acts_on_comes_out(text: str, lines: bool) -> None:
    out = clean(text, keep_newlines=lines)
    for character in out:
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") or (lines and character == "\n")
        assert character not in BIDI
    assert clean(out, keep_newlines=lines) == out
    out.encode()


@pytest.mark.parametrize(
    "text",
    ["plain", "naïve café", "データベース接続エラー", "ошибка", "שגיאה", "خطأ", "ข้อผิดพลาด",
     "नमस्ते", "한국어", "a😀b", "1 < 2 & 3 > 2",
     "[/red] [type=x, v={'a[0]'}]", "e\u0301", "🇩🇪", "✓ ▲ ‹x›", "−5 °C ± 1 µs"],
)  # fmt: skip
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\after", "after"),
        ("\x9b2Jafter", "after"),
        ("\x9d0;title\x9cafter", "after"),
        ("\x1b]0;never ends\nnext", " next"),
        ("over\x08\x08written", "overwritten"),
        ("one\r\ntwo\rthree\u2028four", "one two three four"),
        ("a\tb", "a  b"),
        ("good\u202etxt.exe", "goodtxt.exe"),
        ("in\u200bvisible", "invisible"),
        ("\x1b(Bascii", "ascii"),
        ("\x1bcreset", "reset"),
    ],
)
def test_control_sequences_go_and_their_text_stays(text: str, left: str) -> None:
    assert clean(text) == left


def test_lines_are_kept_when_asked_for() -> None:
    assert clean("one\r\n\x1b[1mtwo\x1b[0m\rthree", keep_newlines=True) == "one\ntwo\nthree"


SECRET = "Tr0ub4dor-and-3"
MASKED = {
    "assignment": f"password={SECRET}",
    "spaced": f"password = {SECRET}",
    "colon": f"Password: {SECRET}",
    "quoted": f'password="{SECRET} with spaces"',
    "SQL": f"ALTER ROLE app WITH ENCRYPTED PASSWORD '{SECRET}' LOGIN",
    "SQL's doubled quotes": f"CREATE USER app PASSWORD 'it''s {SECRET}'",
    "SQL's escapes": f"alter role app password E'\\'{SECRET}'",
    "SQL's dollars": f"ALTER ROLE app PASSWORD $x${SECRET}$x$",
    "SQL's options": f"OPTIONS (user 'app', password '{SECRET}')",
    "another SQL": f"ALTER USER app IDENTIFIED BY '{SECRET}'",
    "single quotes": f"export DB_PASSWORD='{SECRET} x'",
    "JSON": f'{{"db_password": "{SECRET}", "user": "app"}}',
    "escaped JSON": f'{{\\"password\\": \\"{SECRET}\\"}}',
    "environment": f"PAYMENT_API_KEY={SECRET}",
    "yaml": f"  client_secret: {SECRET}",
    "camel case": f"clientSecret: {SECRET}",
    "camel key": f"apiKey={SECRET}",
    "flag": f"mysql --password {SECRET} -h db",
    "flag with =": f"tool --api-key={SECRET}",
    "query": f"GET /pay?id=1&access_token={SECRET}&x=2",
    "url": f"postgresql://app:{SECRET}@db:5432/payments",
    "url without user": f"redis://:{SECRET}@cache:6379",
    "url with an @ inside": f"amqp://app:p@{SECRET}@mq",
    "bearer": "Authorization: Bearer abcdefghijklmnop.Tr0ub4dor-and-3",
    "basic": f"authorization: Basic dXNlcjpw{SECRET}==",
    "lone bearer": f"sent Bearer abc{SECRET}defghijk",
    "proxy": f"Proxy-Authorization: Basic abc{SECRET}",
    "header": f"X-Api-Key: {SECRET}",
    "cookie": f"Set-Cookie: session={SECRET}; Path=/",
    "cookies": f"Cookie: a=1; sid={SECRET}",
    "header in curl": f"curl -H 'Authorization: Bearer {SECRET}' https://x",
    "header in JSON": f'{{"Authorization": "Bearer {SECRET}"}}',
    "basic user in curl": f"curl -u admin:{SECRET} https://x",
    "escaped quote": f'{{"password": "a\\"{SECRET}", "user": "app"}}',
    "quote cut off": f'password="{SECRET} and mo',
    "mysql": f"mysql -h db -uapp -p{SECRET} payments",
    "pem": f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
    "pem cut off": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\nabc",
}
KNOWN = {
    "json web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "gitlab": "glpat-abcdefghij0123456789",
    "slack": "xoxb-123456789012-abcdefghijkl",
    "slack hook": "https://hooks.slack.com/services/T000/B000/abcdefghijkl",
    "stripe": "sk_live_abcdefghijklmnop",
    "stripe restricted": "rk_live_abcdefghijklmnop",
    "stripe webhook": "whsec_abcdefghijklmnopqrstuv",
    "google": "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
    "card": "4111 1111 1111 1111",
    "card with dashes": "5500-0000-0000-0004",
    "american express": "378282246310005",
}


@pytest.mark.parametrize("case", MASKED)
def test_a_secret_is_masked_where_its_context_tells(case: str) -> None:
    out = redact(f"before {MASKED[case]}")
    assert SECRET not in out
    assert MASK in out
    assert out.startswith("before ")
    assert redact(out) == out


@pytest.mark.parametrize("case", KNOWN)
def test_a_secret_is_masked_where_its_form_tells(case: str) -> None:
    out = redact(f"saw {KNOWN[case]}, then stopped")
    assert KNOWN[case] not in out
    assert MASK in out
    assert out.startswith("saw ")
    assert redact(out) == out


def test_what_stands_beside_a_secret_stays_readable() -> None:
    assert redact("GET /pay?id=1&token=abc123&x=2") == f"GET /pay?id=1&token={MASK}&x=2"
    assert redact('{"password": "x y", "user": "app"}') == f'{{"password": {MASK}, "user": "app"}}'
    assert redact("postgresql://app:pw@db:5432/payments") == f"postgresql://{MASK}@db:5432/payments"
    assert redact("tool --password hunter2 --host db") == f"tool --password {MASK} --host db"


PROSE = (
    "Basic functionality is impaired",
    "Basic authentication failed for the gateway",
    "author: bob",
    "token bucket is empty",
    "the token refresh job is slow",
    "the password page is slow",
    "password reset mails are delayed",
    "secrets were rotated at 03:10",
    "authorization failures doubled since 03:10",
    "bearer of bad news",
    "the session id is missing from the logs",
    "tokens: 5 of 10 used",
    "max_tokens=4096",
    "token_count: 17",
    "passwords are not affected",
    "kubectl get secret payment-credentials -n production",
    "secretName: payment-credentials",
    "https://grafana.example:3000/d/abc?orgId=1",
    "see http://user@host/path",
    "10.0.0.1:5432 refused, 12 retries",
    "order 1234567890123 is stuck",
    "2026-03-14T02:00:07.123456Z",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "pod payment-service-6785ddb76f-thrrm restarted 3 times",
    "01950000-0000-7000-8000-000000000001",
    "error rate 8.4 % > 5 %, p95 2.9 s",
    "mysql -h db --port 3306 -P 3306",
    "mysql on payment-pool is slow",
    "docker run -u 1000:1000 alpine",
    "Cookie: the banner is broken",
    "2147483647000 ms since 1773453607123",
    "risk-free rollback, skip the tests",
)


@pytest.mark.parametrize("text", PROSE)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert redact(text) == text


FRAGMENTS = st.sampled_from(
    ["password", "token", "=", ": ", " ", '"', "'", "Bearer ", "Authorization: ", "://", "@", ":", "abc123DEF456", "--",
     "api_key", MASK, "\n", ",", "4111111111111111", "-----BEGIN PRIVATE KEY-----", "eyJabcdefghijk.abcdefghijk", "\\"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=14).map("".join)))
@example('PASSWD:""0')
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    assert safe(safe(text, keep_newlines=True), keep_newlines=True) == safe(text, keep_newlines=True)


@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=14).map("".join)))
def test_a_text_in_ascii_is_masked_as_any_other(text: str) -> None:
    """Patterns whose words are not in an ASCII text are not tried on it."""
    assert redact(f"é {text}") == f"é {redact(text)}"


@pytest.mark.parametrize("case", [*MASKED.values(), *KNOWN.values()])
def test_every_secret_is_found_by_the_words_of_its_pattern(case: str) -> None:
    assert redact(f"é {case}") == f"é {redact(case)}" != f"é {case}"


TEDIOUS = (
    "a-", "a.", "-a", "4", "4-", "4 ", "curl ", "mysql ", "curl -u ", "-----BEGIN A", "-----BEGIN PRIVATE KEY-----",
    "cookie: a", "a:", "a://", "a://b:", "password='", "password", "token: ", "--token", "--", "\\", "\\\"", "Bearer ",
    "Bearer a", "eyJ", "eyJ-", "eyJa.", "authorization:", "authorization: a ", " ", "\x1b", "\x1b]", "\x1b[",
    "\x9d", "\x9b0",
)  # fmt: skip
"""What hostile output may repeat for ever."""


def test_hostile_repetition_is_read_in_bounded_time() -> None:
    """A quadratic pattern takes minutes for these; all of them together take seconds."""
    program = f"from cockpit.text import safe\nfor piece in {TEDIOUS!r}:\n    safe(piece * (65536 // len(piece)))"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=90)
    long = f"a-{'a' * 65536} {'b' * 65536}"
    assert redact(long) == long
