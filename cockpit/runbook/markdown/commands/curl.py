"""A plain `curl` as a request; where a flag means more than a request can say, it stays the program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from cockpit.runbook.actions import Http

_QUIET = re.compile(
    r"-[sSfivL]+|--(?:silent|show-error|fail|fail-with-body|include|verbose|location|compressed|no-progress-meter)"
)
_NAMED = {"-X": "method", "--request": "method", "-H": "header", "--header": "header", "--url": "url"}
_DATA = {"-d", "--data", "--data-raw", "--data-ascii", "--data-binary"}
_IGNORED = {"-m", "--max-time", "--connect-timeout", "--retry", "--retry-delay"}
_FORM = "application/x-www-form-urlencoded"
_IN_CLUSTER = re.compile(
    r"https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)?\.svc(?:\.cluster\.local)?|(?!localhost\b)[a-z0-9-]+)(?::\d+)?(?:/|$)"
)


@dataclass(slots=True)
class _Request:
    method: str = ""
    urls: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    json: bool = False


def http_of(words: Sequence[str]) -> Http | None:
    """The request that `curl` with these words makes; None where not every flag is understood.

    A host that is one word or ends in `.svc` resolves only inside a cluster: it is asked through the API server.
    """
    if not words or words[0] != "curl":
        return None
    request = _Request()
    rest = list(words[1:])
    while rest:
        if not _taken(request, rest.pop(0), rest):
            return None
    return _built(request) if len(request.urls) == 1 else None


def _taken(request: _Request, word: str, rest: list[str]) -> bool:
    """Whether `word`, with its value in `rest`, is understood."""
    if not word.startswith("-"):
        request.urls.append(word)
        return True
    if _QUIET.fullmatch(word):
        return True
    if word in ("-I", "--head"):
        request.method = request.method or "HEAD"
        return True
    name, _, joined = word.partition("=") if word.startswith("--") else (word[:2], "", word[2:])
    if name not in _NAMED and name not in _DATA and name not in _IGNORED and name != "--json":
        return False
    value = joined or (rest.pop(0) if rest else "")
    return bool(value) and (name in _IGNORED or _valued(request, name, value))


def _valued(request: _Request, name: str, value: str) -> bool:
    if name == "--json" or name in _DATA:
        request.json = request.json or name == "--json"
        request.data.append(value)
        return not value.startswith("@")
    match _NAMED[name]:
        case "method":
            request.method = value.upper()
        case "url":
            request.urls.append(value)
        case _:
            key, colon, text = value.partition(":")
            request.headers[key.strip()] = text.strip()
            return bool(colon and key.strip())
    return True


def _built(request: _Request) -> Http | None:
    url = request.urls[0]
    if not re.match(r"https?://|\$", url):
        url = f"http://{url}"
    if re.search(r"[{}\[\]](?![a-z])", re.sub(r"\$\{[a-z0-9_-]+\}", "", url)):
        return None
    headers = dict(request.headers)
    given = {name.lower() for name in headers}
    if request.data and "content-type" not in given:
        headers["Content-Type"] = "application/json" if request.json else _FORM
    fields: dict[str, Any] = {
        "kind": "http",
        "method": request.method or ("POST" if request.data else "GET"),
        "url": url,
        "headers": headers,
        "body": "&".join(request.data),
        "via": "service-proxy" if _IN_CLUSTER.match(url) else "direct",
    }
    try:
        return Http.model_validate(fields)
    except ValidationError:
        return None
