"""Alertmanager's matchers, and the fingerprint by which it knows an alert."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WRITTEN = re.compile(r'\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*"?((?:[^"\\]|\\.)*)"?\s*')
_OFFSET, _PRIME = 14695981039346656037, 1099511628211  # FNV-1a, 64 bits


@dataclass(frozen=True, slots=True)
class Matcher:
    """One label's comparison."""

    name: str
    value: str
    regex: bool = False
    equal: bool = True

    @classmethod
    def parse(cls, text: str) -> Matcher:
        """As a filter has it: `name="value"`; raises ValueError."""
        found = _WRITTEN.fullmatch(text)
        if not found:
            raise ValueError(text)
        value = re.sub(r"\\(.)", r"\1", found[3])
        return cls(found[1], value, regex="~" in found[2], equal="!" not in found[2])._tried()

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Matcher:
        """As a silence has it; raises KeyError, TypeError, ValueError."""
        if not isinstance(given["name"], str) or not isinstance(given["value"], str) or not given["name"]:
            raise ValueError("name and value are texts")
        if not isinstance(given["isRegex"], bool) or not isinstance(given.get("isEqual", True), bool):
            raise ValueError("isRegex and isEqual are true or false")
        return cls(given["name"], given["value"], given["isRegex"], given.get("isEqual", True))._tried()

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fit it; a label that is not there is empty."""
        value = labels.get(self.name, "")
        same = re.fullmatch(self.value, value) is not None if self.regex else value == self.value
        return same == self.equal

    def described(self) -> dict[str, Any]:
        """As the API has it."""
        return {"isEqual": self.equal, "isRegex": self.regex, "name": self.name, "value": self.value}

    def __str__(self) -> str:
        sign = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
        return f'{self.name}{sign[self.equal, self.regex]}"{self.value}"'

    def _tried(self) -> Matcher:
        if self.regex:
            try:
                re.compile(self.value)
            except re.error as error:
                raise ValueError(f"{self.value}: {error}") from None
        return self


def fingerprint(labels: Mapping[str, str]) -> str:
    """FNV-1a over the sorted labels with 0xff between, as Prometheus' model.LabelSet has it."""
    number = _OFFSET
    for name in sorted(labels):
        for byte in (*name.encode(), 255, *labels[name].encode(), 255):
            number = ((number ^ byte) * _PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{number:016x}"
