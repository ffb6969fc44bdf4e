"""Pins a line of kubectl to the incident's context and the service's namespace, whatever the line itself says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cockpit.runbook.errors import RunbookError
from cockpit.runbook.risk.options import Syntax, read, syntax
from cockpit.runbook.risk.tools.kubernetes import GLOBAL_VALUED, LOGS, OTHERS, is_verb
from cockpit.runbook.risk.words import Word

_FRONT = syntax(GLOBAL_VALUED, first=True)
_ELSEWHERE = ("--kubeconfig", "--server", "-s", "--cluster", "--user", "--token", "--username", "--password")
"""Options that lead to another cluster, or there as somebody else: the incident's context says both."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line says that it acts; empty where it does not say.

    Attributes:
        everywhere: it asks all namespaces.
    """

    context: str = ""
    namespace: str = ""
    everywhere: bool = False


def place_of(argv: Sequence[str]) -> Place:
    """Where a line of kubectl says that it acts, so that a preview can show what yields."""
    options = read([Word(each) for each in argv[1:]], _syntax(argv))
    contexts, namespaces = options.values("--context"), options.values("-n", "--namespace")
    return Place(
        contexts[-1].text if contexts else "",
        namespaces[-1].text if namespaces else "",
        options.switched("-A", "--all-namespaces"),
    )


def leading_away(argv: Sequence[str]) -> str:
    """The option by which a line of kubectl goes to a cluster, or as a user, of its own; empty where there is none."""
    given = read([Word(each) for each in argv[1:]], _syntax(argv)).given
    return next((name for name, _ in given if name in _ELSEWHERE), "")


def yielding(argv: Sequence[str], elsewhere: Collection[str] = ()) -> tuple[str, ...]:
    """A document's line without its own place, for which the incident's is put when it is run.

    Args:
        argv: words, the first of them kubectl.
        elsewhere: namespaces that the document uses for something other than the service; they stay as written.
    """
    namespace = place_of(argv).namespace
    if namespace in elsewhere or "$" in namespace:
        return tuple(argv)
    return (argv[0], *_without_place(list(argv[1:]), _syntax(argv)))


def placed(argv: Sequence[str], context: str, namespace: str) -> tuple[str, ...]:
    """The line pinned to this context, and to this namespace where it names none; raises RunbookError as `pinned`."""
    return pinned(argv, context, place_of(argv).namespace or namespace)


def pinned(argv: Sequence[str], context: str, namespace: str) -> tuple[str, ...]:
    """The line with this context and namespace in place of its own.

    Args:
        argv: words, the first of them kubectl.
        namespace: empty leaves the context's.

    Raises:
        RunbookError: the line goes to a cluster, or as a user, of its own; or there is no certain place to pin it.
    """
    if own := leading_away(argv):
        raise RunbookError(
            f"`{own}` leads kubectl away from the incident's cluster; take it out of the step, "
            f"which runs in the context {context}"
        )
    words = _without_place(list(argv[1:]), _syntax(argv))
    place = ["--context", context]
    if namespace and not place_of(argv).everywhere:
        place += ["--namespace", namespace]
    if is_verb(_verb(argv)):
        return (argv[0], *place, *words)
    # kubectl takes no option before the name of a plugin.
    end = words.index("--") if "--" in words else len(words)
    if not end or words[end - 1].startswith("-"):
        raise RunbookError("the line of kubectl has no verb, or an option without its value; correct the step")
    return (argv[0], *words[:end], *place, *words[end:])


def _verb(argv: Sequence[str]) -> str:
    operands = read([Word(each) for each in argv[1:]], _FRONT).operands
    return operands[0].text if operands else ""


def _syntax(argv: Sequence[str]) -> Syntax:
    return LOGS if _verb(argv) == "logs" else OTHERS


def _without_place(words: list[str], how: Syntax) -> list[str]:
    """The words without `-n`, `--namespace` and `--context`, up to `--`, behind which nothing is kubectl's."""
    kept: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--":
            return [*kept, word, *words]
        name, equals, _ = word.partition("=")
        if name in ("--namespace", "--context"):
            del words[: 0 if equals else 1]
        elif word.startswith("-") and not word.startswith("--") and len(word) > 1:
            kept += _without_letter(word, words, how)
        else:
            kept.append(word)
            if name in how.valued and not equals and words:
                kept.append(words.pop(0))
    return kept


def _without_letter(word: str, words: list[str], how: Syntax) -> list[str]:
    """A word of letters without its `n`, whose value may be the next of `words`."""
    for place, letter in enumerate(word[1:], start=1):
        if letter == "n":
            if not word[place + 1 :]:
                del words[:1]
            return [word[:place]] if place > 1 else []
        if "-" + letter in how.valued:
            value = [words.pop(0)] if not word[place + 1 :] and words else []
            return [word, *value]
    return [word]
