"""An HTTP request by a program of a container, where a cluster's names resolve: its words, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

STATUS = re.compile(r"^\s*HTTP/[\d.]+ (\d{3})", re.MULTILINE)
NOT_THERE = (126, 127)
"""How a program ends that its image does not have, or cannot execute."""
_NOT_UNDERSTOOD = ("unrecognized option", "invalid option", "unknown option", "illegal option", "usage:")


_TOOK = re.compile(r"\ntook (\d+[.,]\d+) s\n")
"""What a timed curl writes last (curl.se/docs/manpage.html, "--write-out"); old ones have the comma of their place."""


def curl(
    method: str, url: str, headers: Mapping[str, str], body: str, timeout: float, *, timed: bool = False
) -> tuple[str, ...]:
    """The words of curl: silent but for errors, with the answer's headers; brackets in the address are no list.

    Args:
        timeout: seconds for the whole exchange.
        timed: have it write at the end how long the answer took: see `took_inside`.
    """
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    how = ["-I"] if method == "HEAD" else ["-i", "-X", method]
    data = ["--data-raw", body] if body else []
    clock = ["-w", "\\ntook %{time_starttransfer} s\\n"] if timed else []
    return ("curl", "-sS", *how, "--globoff", "--max-time", f"{timeout:g}", *clock, *given, *data, "--", url)


def wget(
    method: str, url: str, headers: Mapping[str, str], body: str, timeout: float, *, busybox: bool = False
) -> tuple[str, ...]:
    """The words of wget, which can only GET and POST, and counts in whole seconds.

    Args:
        busybox: as busybox's takes them, which goes wherever an answer leads it; GNU's is told not to. What such a one
            writes is the status of the redirect first, which is the one that counts; the last one's body; and of a
            redirect to what does not answer only its own complaint: then the first status is all that is known.
    """
    stays = [] if busybox else ["--max-redirect=0"]
    given = [f"--header={name}: {value}" for name, value in headers.items()]
    data = [f"--post-data={body}"] if method == "POST" else []
    limits = ("-T", f"{max(1.0, timeout):.0f}", "-t", "1")  # GNU's tries 20 times unless told; busybox' ignores that
    return ("wget", "-q", "-S", "-O", "-", *stays, *limits, *given, *data, "--", url)


def took_inside(output: str) -> tuple[str, float | None]:
    """What a program wrote without what it was told to write of its time, and the seconds until the answer began.

    None where it says nothing of its time, or its output was cut before that.
    """
    found = list(_TOOK.finditer(output))
    if not found:
        return output, None
    last = found[-1]  # what a body may say in these words comes before
    return output[: last.start()] + output[last.end() :], float(last[1].replace(",", "."))


def not_understood(status: int, output: str) -> bool:
    """Whether a program is another make of the same name, and so did not do what it was asked."""
    return bool(status) and any(words in output.lower() for words in _NOT_UNDERSTOOD)


def parts(output: str) -> tuple[dict[str, str], str]:
    """The headers of the last answer and its body.

    wget writes headers, indented and with no blank line behind them, to its error output: they may follow the body.

    Raises ValueError where no answer is.
    """
    lines = output.splitlines()
    at = max(number for number, line in enumerate(lines) if STATUS.match(line))
    first = min(number for number, line in enumerate(lines) if STATUS.match(line))
    head: dict[str, str] = {}
    end = len(lines)
    for number, line in enumerate(lines[at + 1 :], at + 1):
        name, colon, value = line.strip().partition(": ")
        if not colon or not re.fullmatch(r"[\w-]+", name):
            end = number + (not line.strip())
            break
        head[name.lower()] = value
    return head, "\n".join(lines[end:] or lines[:first])
