"""Matchers of alerts, written as Alertmanager's own tools take them: `alertname=HighLatency`, `pod=~"pay.*"`.

The rules are those of https://prometheus.io/docs/alerting/latest/configuration/#matcher (the classic form).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_MATCHER = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.S)
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
LONGEST = 1000
"""Characters of a matcher."""


class MatcherError(ValueError):
    """What was written is no matcher; the message says what would be."""


class Matcher(NamedTuple):
    """What a label of an alert must be: `operator` is `=`, `!=`, `=~` (a whole match of a regular expression), `!~`."""

    name: str
    operator: str
    value: str

    def __str__(self) -> str:
        """With its value in double quotes, in which a backslash escapes."""
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.operator}"{escaped}"'

    @property
    def everything(self) -> bool:
        """Whether an alert without the label fits too; of a silence's matchers not all may be so."""
        if "~" not in self.operator:
            return (self.value == "") == (self.operator == "=")
        try:
            fits = re.fullmatch(self.value, "") is not None
        except re.error:  # RE2 has what Python has not; then the Alertmanager decides
            return False
        return fits == (self.operator == "=~")


def matcher(text: str) -> Matcher:
    """Read one matcher; a bare word is the name of an alert.

    Raises:
        MatcherError: it is none.
    """
    found = _MATCHER.fullmatch(text)
    if len(text) > LONGEST:
        raise MatcherError(f"a matcher of {len(text)} characters is too long; it may have {LONGEST}")
    if found is None:
        if _NAME.fullmatch(text.strip()):
            return Matcher("alertname", "=", text.strip())
        raise MatcherError(f"'{text[:60]}' is no matcher; write alertname=HighLatency, or pod=~\"pay.*\"")
    name, operator, value = found.groups()
    if value.startswith('"'):
        value = _unquoted(value, text)
    elif '"' in value:
        raise MatcherError(f"'{text[:60]}' has a quote inside; put the whole value into double quotes")
    return Matcher(name, operator, value)


def equals(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    """The matchers that ask for these labels."""
    return tuple(Matcher(name, "=", value) for name, value in labels.items())


def _unquoted(value: str, text: str) -> str:
    if not re.fullmatch(r'"(?:[^"\\]|\\.)*"', value, re.S):
        raise MatcherError(f"'{text[:60]}' does not end its quotes; write it like pod=~\"pay.*\"")
    return re.sub(r'\\[\\"n]', lambda found: _ESCAPES[found[0]], value[1:-1])
