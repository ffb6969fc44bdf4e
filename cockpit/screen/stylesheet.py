"""The style of all screens, each piece read once: Textual reads all of it again for each theme and each new page."""

from __future__ import annotations

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

_READ: dict[frozenset[tuple[str, str]], dict[tuple[object, ...], list[RuleSet]]] = {}
"""What was read in this process, by the variables that it was read with. There is one such set for each theme."""


class KeptStylesheet(Stylesheet):
    """A style sheet that keeps what it has read, whatever page is opened and whatever theme is chosen in between.

    Args:
        variables: the theme's values, by their names.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._read = self._read_with(self._variables)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take another theme's values."""
        super().set_variables(variables)
        self._read = self._read_with(variables)

    def reparse(self) -> None:
        """Take the rules as they are with the values of now; raises as `parse` does, which then leaves the old ones."""
        self.parse()

    def _parse_rules(
        self, css: str, read_from: CSSLocation, is_default_rules: bool = False, tie_breaker: int = 0, scope: str = ""
    ) -> list[RuleSet]:
        key = (css, read_from, is_default_rules, tie_breaker, scope)
        if key not in self._read:
            self._read[key] = super()._parse_rules(css, read_from, is_default_rules, tie_breaker, scope)
        return self._read[key]

    @staticmethod
    def _read_with(variables: dict[str, str]) -> dict[tuple[object, ...], list[RuleSet]]:
        return _READ.setdefault(frozenset(variables.items()), {})
