"""A request as documents write it, `GET https://… ` with headers and a body, as an action."""

from __future__ import annotations

import re

from cockpit.runbook.markdown.commands.commands import Made, made

_LINE = re.compile(r"(?P<method>[A-Z]+)\s+(?P<url>\S+)(?:\s+HTTP/[\d.]+)?")
_HEADER = re.compile(r"(?P<name>[A-Za-z][\w-]*):\s*(?P<value>.+)")


def made_http(text: str) -> Made:
    """The request; for a person where it names no host, or is several."""
    head, _, body = text.strip().partition("\n\n")
    first, *others = head.split("\n")
    line = _LINE.fullmatch(first.strip())
    headers = [_HEADER.fullmatch(each.strip()) for each in others]
    if line is None or not all(headers):
        return Made(None, (), "it is more than one request, or not in a form that is understood")
    named = {found["name"].lower(): found["value"] for found in headers if found}
    url = line["url"]
    if url.startswith("/"):
        if "host" not in named:
            return Made(None, (), "the request names no host")
        url = f"https://{named['host']}{url}"
    words = ["curl", "-X", line["method"], f'"{url}"']
    words += [f'-H "{found[0].strip()}"' for found in headers if found and found["name"].lower() != "host"]
    if body.strip():
        quoted = body.strip().replace("'", "'\\''")
        words.append(f"--data-raw '{quoted}'")
    return made(" ".join(words))
