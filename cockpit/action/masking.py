"""Takes the values of secret parameters out of what comes back, in the forms in which programs write them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

from cockpit.runbook.fill import variable
from cockpit.runbook.parameters import Values

_SHORTEST_LINE = 6
"""Characters from which one line of a secret of several lines is taken out by itself."""


class Masking:
    """Replaces secret values by the names under which they were given, as `$API_KEY`.

    Args:
        secrets: the values by their parameter's name.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        forms = {form: name for name, value in secrets.items() for form in _forms(value)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._names = {form: f"${variable(forms[form])}" for form in forms}
        self._pattern = re.compile("|".join(re.escape(form) for form in longest_first)) if forms else None
        self.longest = len(longest_first[0]) if forms else 0
        """Characters of the longest form; text that is cut must not be cut within one."""

    @classmethod
    def of(cls, values: Values) -> Masking:
        """For those of `values` that are secret."""
        return cls({name: values.known[name] for name in values.secret if values.known.get(name)})

    def text(self, text: str) -> str:
        """`text` without the secrets."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._names[found[0]], text)


def _forms(value: str) -> set[str]:
    """The value as it is, in a URL, in JSON, in an SQL literal, and line by line."""
    forms = {value, quote(value, safe=""), quote(value), quote_plus(value), value.replace("'", "''")}
    forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    if "\n" in value:
        forms |= {line for line in value.splitlines() if len(line) >= _SHORTEST_LINE}
    return {form for form in forms if form}
