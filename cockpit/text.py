"""Text from outside made safe: `clean` takes out what could command a terminal, `redact` what nobody may read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# Terminal strings (OSC, DCS, PM, APC, SOS) carry a payload up to BEL or ST; an unfinished one goes to the line's end.
_STRINGS = re.compile(
    r"(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c|(?=\x1b)|(?=\n)|$)"
)
_CSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?")
_ESCAPES = re.compile(r"\x1b[ -/]*[0-~]?")
_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_INVISIBLE = dict.fromkeys([0x200B, 0x2060, 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)])


def clean(text: str, *, keep_newlines: bool = False) -> str:
    """Give `text` without anything that a terminal would act on or that hides what is written.

    Control sequences (CSI, OSC and the other strings, lone escapes), C0 and C1 controls, bidirectional controls and
    invisible characters are dropped; a tab becomes two spaces. Line ends become one space, or stay with
    `keep_newlines`. Lone surrogates, which no terminal can be sent, become U+FFFD.
    """
    if text.isascii() and (text.replace("\n", "") if keep_newlines else text).isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if "\x1b" in text or not text.isascii():
        text = _ESCAPES.sub("", _CSI.sub("", _STRINGS.sub("", text)))
        text = text.translate(_BIDI).translate(_INVISIBLE)
    text = text.replace("\t", "  ")
    if not keep_newlines:
        text = text.replace("\n", " ")
    if text.replace("\n", "").isprintable():  # has no character of a control category: most texts end here
        return text
    return "".join(c if c == "\n" or not unicodedata.category(c).startswith("C") else _instead(c) for c in text)


def _instead(character: str) -> str:
    """What stands for a character of a control category: unknown and private ones are kept, the rest goes."""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return character if category in ("Co", "Cn") else ""


def takes_utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale that `environ` names has UTF-8; where it names none at all, the terminal is taken to have it.

    Where the locale is C, Python itself sets LC_CTYPE to C.UTF-8 (PEP 538), which says nothing of the terminal: then
    LANG decides.
    """
    said = [environ.get("LC_ALL"), environ.get("LC_CTYPE"), environ.get("LANG")]
    if said[1] == "C.UTF-8":
        said[1] = ""
    named = next((value for value in said if value), "utf-8")
    return "utf" in named.lower()


MASK = "‹redacted›"
"""What stands where a secret stood."""

# Repetitions have bounds wherever a hostile text could make them start at every character: 64 KB take milliseconds.
_SECRET_NAME = (
    r"(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential"
    r"|routing[_-]?key|session[_-]?id)[\w.-]{0,60}"
)
_VALUE = r"\\+\"[^\"\n]*\"?|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?"
"""A quoted value, also with escaped quotes around or inside, and also where its end was cut off."""

_ABOUT_A_SECRET = re.compile(r"(?:name|ref|ur[il]|endpoint|type|file|path|count|limit|ttl|bucket|size)s?$", re.I)
"""How names end that point at a secret or count them, as secretName, token_url, token_count."""

_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (
        ("private key",),
        re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.S),
        MASK,
    ),
    (
        ("authorization",),
        re.compile(r"(\bauthorization[\"']?\s*[:=]\s*[\"']?)(?:[a-z]+\s+)?[^\s,;\"']+", re.I),
        rf"\1{MASK}",
    ),
    # A word of prose after "basic" or "token" has neither digits nor padding nor capitals inside; a credential has.
    (
        ("bearer", "basic", "token"),
        re.compile(r"\b(?i:Bearer|Basic|Token)\s+(?=\S{0,80}[\d=]|\S{0,80}[a-z]\S{0,80}[A-Z])[A-Za-z0-9+/=._~-]{8,}"),
        MASK,
    ),
    (("bearer",), re.compile(r"\bBearer\s+[A-Za-z0-9+/=._~-]{20,}", re.I), MASK),
    (("eyj",), re.compile(r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"), MASK),
    (("://",), re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@:]{0,200}:[^\s/]{1,500}@", re.I), rf"\1{MASK}@"),
    (
        ("cookie",),
        re.compile(r"(\b(?:set-)?cookie[\"']?\s*[:=]\s*[\"']?)(?=[\w.-]+=)[^\n\"']+", re.I),
        rf"\1{MASK}",
    ),
    (
        ("curl",),
        re.compile(r"(\bcurl\b[^\n]{0,300}?\s(?:-u|--user|-U|--proxy-user)[\s=]*[\"']?)[^\s:\"']+:[^\s\"']+"),
        rf"\1{MASK}",
    ),
    (
        ("mysql", "mariadb"),
        re.compile(r"(\b(?:mysql|mariadb)\w*(?=\s)[^\n]{0,300}?\s-p)(?!ass|ort)[^\s=-]\S*"),
        rf"\1{MASK}",
    ),
    # SQL: CREATE and ALTER ROLE, OPTIONS of a user mapping, in quotes of each kind; also where the end was cut off.
    (
        ("password", "identified"),
        re.compile(
            r"(\b(?:password|identified\s{1,9}by)\s{1,9})"
            r"(?:(?:E|U&)?'(?:''|\\.|[^'\\\n])*'?|\$(\w{0,60})\$.*?(?:\$\2\$|\Z))",
            re.I | re.S,
        ),
        rf"\1{MASK}",
    ),
    (("akia", "asia"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), MASK),
    (
        ("gh", "glpat", "xox"),
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{8,})"),
        MASK,
    ),
    (
        ("_live_", "_test_", "whsec_"),
        re.compile(r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}|\bwhsec_[A-Za-z0-9+/=]{16,}"),
        MASK,
    ),
    (("sk-", "aiza"), re.compile(r"\bsk-[A-Za-z0-9_-]{20,}|\bAIza[\w-]{30,}"), MASK),
    (("hooks.slack.com",), re.compile(r"https://hooks\.slack\.com/services/\S+"), MASK),
    (("--",), re.compile(rf"((?<![\w-])--[\w.-]{{0,60}}?{_SECRET_NAME}\s+)({_VALUE}|\S+)", re.I), rf"\1{MASK}"),
)
"""For each pattern the words of which a text must have one, in lower case, to match it; the pattern; its replacement.

To look for the words takes a tenth of the time that the patterns take, and a followed log has thousands of lines a
second."""
_NAMED = re.compile(rf"(?P<head>(?P<name>{_SECRET_NAME})\\*[\"']?\s*[=:]\s*)(?P<value>{_VALUE}|[^\s,;&\"'}}\]]+)", re.I)
# Card numbers begin with 2 to 6, which machine times in milliseconds and nanoseconds do not; no part of a UUID is one.
_CARD = re.compile(r"(?<!\w)(?<!\d-)[2-6](?:[ -]?\d){12,18}(?!-?\w)")
_DIGITS = re.compile(r"[2-6](?:[ -]?\d){12}")
"""What every card number holds, found ten times as fast."""
_NAMES = ("passw", "passphrase", "secret", "token", "api", "access", "private", "credential", "routing", "session")
"""What a text must have one of, in lower case, for a name of a secret to be in it."""


_ROUNDS = 5
"""A mask may stand beside what only then reads as part of a secret; more than two rounds were never seen to matter."""


def redact(text: str) -> str:
    """Give `text` with what looks like a secret masked.

    Covers private keys, authorization headers, JSON web tokens, passwords in URLs, known token prefixes, values beside
    names such as `password`, `token` or `api_key`, and payment card numbers (Luhn-checked). It is idempotent. What was
    executed is never changed by it: it serves what is stored and shown.
    """
    for _ in range(_ROUNDS):
        masked = _redacted_once(text)
        if masked == text:
            break
        text = masked
    return text


def _redacted_once(text: str) -> str:
    # What is not ASCII is not known by its words: a pattern takes `ſ` for an s.
    lower = text.lower() if text.isascii() else None
    for words, pattern, instead in _PATTERNS:
        if lower is None or any(word in lower for word in words):
            text = pattern.sub(instead, text)
    if lower is None or any(word in lower for word in _NAMES):
        text = _NAMED.sub(_mask_named, text)
    if _DIGITS.search(text):
        text = _CARD.sub(lambda found: MASK if _luhn(found.group()) else found.group(), text)
    return text


def _mask_named(found: re.Match[str]) -> str:
    """What stands for `name: value`: masked, unless the name is about a secret or counts tokens."""
    name, value = found["name"], found["value"]
    counts = name.lower().endswith("tokens") and value.isdigit()
    return found[0] if counts or _ABOUT_A_SECRET.search(name) else f"{found['head']}{MASK}"


def _luhn(number: str) -> bool:
    """Whether the digits of `number` pass the check digit of payment cards (ISO/IEC 7812-1)."""
    digits = [int(c) for c in number if c.isdigit()]
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0


def safe(text: str, *, keep_newlines: bool = False) -> str:
    """`redact(clean(text))`: what captured output passes through on its way to the record and the screen."""
    return redact(clean(text, keep_newlines=keep_newlines))
