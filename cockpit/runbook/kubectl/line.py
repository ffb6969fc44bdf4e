"""A line of kubectl taken apart, for those who only take it where every part of it is understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from cockpit.runbook.actions import SERVICE_NAMESPACE
from cockpit.runbook.kubectl.resources import plural
from cockpit.runbook.risk.options import Options, read, syntax
from cockpit.runbook.risk.tools.kubernetes import GLOBAL_VALUED, LOGS, OTHERS
from cockpit.runbook.risk.words import Word

_FRONT = syntax(GLOBAL_VALUED, first=True)
_PLACE = frozenset(("-n", "--namespace", "--context"))
_WHOLE = re.compile(r"\$\{([a-z][a-z0-9_-]*)\}")
_RESOURCE = re.compile(r"[a-z][A-Za-z0-9.-]*")
_NUMBER = re.compile(r"\d{1,6}")


class NotExactError(Exception):
    """The line says something that the typed action would not do."""


class Line:
    """A line: its verb, its operands and its options.

    Args:
        argv: the words; the first is kubectl.
        elsewhere: namespaces that are not the service's, and stay.

    Raises:
        NotExactError: it has no verb.
    """

    def __init__(self, argv: Sequence[str], elsewhere: Collection[str] = ()) -> None:
        words = [Word(each) for each in argv[1:]]
        front = read(words, _FRONT)
        if not front.operands or argv[0] not in ("kubectl", "k", "oc"):
            raise NotExactError
        self.verb = front.operands[0].text
        behind = words[next(at for at, word in enumerate(words) if word is front.operands[0]) + 1 :]
        options = read(behind, LOGS if self.verb == "logs" else OTHERS)
        self.options = Options([*front.given, *options.given], options.operands, options.rest)
        self.operands = [whole(each.text) for each in options.operands]
        self.elsewhere = elsewhere

    @property
    def namespace(self) -> str:
        """The service's own, unless the line names a parameter or a namespace that is not the service's."""
        given = self.value("-n", "--namespace")
        return given if given.startswith("$") or given in self.elsewhere else SERVICE_NAMESPACE

    def value(self, *names: str) -> str:
        """The value of an option; empty without it."""
        values = self.options.values(*names)
        return whole(values[-1].text) if values else ""

    def on(self, *names: str) -> bool:
        """Whether a switch is given.

        Raises:
            NotExactError: it is given with a value other than true.
        """
        given = [value for name, value in self.options.given if name in names]
        if any(value is not None and value.text != "true" for value in given):
            raise NotExactError
        return bool(given)

    def only(self, allowed: str, switches: str = "", operands: Collection[int] = (0,)) -> None:
        """Refuses what is not understood.

        Args:
            allowed: options with a value.
            switches: options without.
            operands: how many operands there may be.

        Raises:
            NotExactError: there is more, an option twice, or one without its value.
        """
        valued, plain = _PLACE | set(allowed.split()), set(switches.split())
        seen = [name for name, _ in self.options.given]
        if len(set(seen)) < len(seen) or any(name not in valued | plain for name in seen):
            raise NotExactError
        if any(name in valued and value is None for name, value in self.options.given):
            raise NotExactError
        if len(self.operands) not in operands or (self.options.rest is not None and self.verb != "exec"):
            raise NotExactError

    def target(self, of: str, at: int = 0) -> str:
        """The name of the one object that the operands say: `deployment/NAME` or `deployment NAME`.

        Raises:
            NotExactError: it is not one of `of`, or not one.
        """
        resource, name = self.object(at)
        if plural(resource) != of or not name:
            raise NotExactError
        return name

    def object(self, at: int = 0) -> tuple[str, str]:
        """Resource and name; the name is empty where there is none.

        Raises:
            NotExactError: several resources, names, or none.
        """
        rest = self.operands[at:]
        if not rest or len(rest) > 2:
            raise NotExactError
        resource, slash, name = rest[0].partition("/")
        if slash and (len(rest) > 1 or not name):
            raise NotExactError
        found = name if slash else (rest[1] if len(rest) > 1 else "")
        if not _RESOURCE.fullmatch(resource) or resource == "all" or "/" in found or "," in found:
            raise NotExactError
        return resource, whole(found)


def whole(text: str) -> str:
    """`${name}` alone as `$name`, which is the same."""
    found = _WHOLE.fullmatch(text)
    return f"${found[1]}" if found else text


def count(text: str) -> int | str:
    """A number, or the parameter that gives it.

    Raises:
        NotExactError: it is neither.
    """
    if text.startswith("$"):
        return text
    if not _NUMBER.fullmatch(text):
        raise NotExactError
    return int(text)
