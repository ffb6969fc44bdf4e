"""What public text must not say: internal hosts and names, people, secrets. It is found and told, never changed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from msgspec import Struct, field

from cockpit.incident.state import State
from cockpit.incident.terms import Role
from cockpit.text import MASK, clean, redact

__all__ = ["Known", "is_public", "known_of", "leaks"]

_PUBLIC = ("customer", "merchant", "partner", "public", "regulator", "user")
"""How the names of audiences outside the house begin: `customers`, `customer-email`, `merchants`."""
_LISTED = 12
"""Findings that are told; a longer list is no more reason to look again."""

_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        # RFC 1918, 6598, 3927 and 1122; RFC 4193, 4291
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
         "fc00::/7", "fe80::/10", "::1/128"),
    )
)  # fmt: skip
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f:]{2,39}(?![\w:]|\.\w)", re.I)
_INTERNAL = re.compile(
    r"(?<![\w.-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}"
    r"(?:internal|intranet|private|local|localdomain|lan|corp|svc|home\.arpa)(?![\w-]|\.[\w])",
    re.I,
)
"""Names that no public name server knows: .internal (ICANN, 2024), .local (RFC 6762), home.arpa (RFC 8375), a cluster's
`NAME.NAMESPACE.svc` with and without `.cluster.local`, and what companies use."""
_LOCALHOST = re.compile(r"(?<![\w.-])localhost(?![\w-])", re.I)
_POD = re.compile(
    r"(?<![\w.-])[a-z0-9](?:[a-z0-9-]{0,200}[a-z0-9])?-[bcdfghj-np-tv-xz24-9]{5,10}-[bcdfghj-np-tv-xz24-9]{5}(?![\w-])"
)
"""`payment-service-7599565f95-4kgb8`: a deployment's name, its template's hash, and five characters, both of the
alphabet that Kubernetes draws from (k8s.io/apimachinery, util/rand)."""
_HANDLE = re.compile(r"(?<![\w@./+-])@[a-z0-9][\w.+-]{0,63}(?<![.+-])", re.I)
_ADDRESS = re.compile(r"(?<![\w@.+-])([\w.+-]{1,64})@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.I)

_ORDINARY = frozenset(
    (
        "will", "mark", "may", "grace", "hope", "art", "bill", "rob", "sue", "pat", "drew", "chase", "page", "june",
        "april", "august", "rich", "frank", "jack", "dean", "faith", "joy", "on-call", "dba", "team", "platform",
        "database", "engineering", "security", "customer", "customers", "service", "admin", *map(str, Role),
    )
)  # fmt: skip
"""Handles that are words of a message, too: they count only with their @."""
_PLACES = r"namespaces?|clusters?|contexts?|nodes?|deployments?|pods?|hosts?|servers?"


class Known(Struct, frozen=True):
    """What is known here that nobody outside need know.

    Attributes:
        names: of pods, deployments, namespaces, clusters, contexts, hosts; each with what it is, for people.
        people: handles of responders, with or without @.
        said: names that may be said, as the service's own, which every template says.
    """

    names: tuple[tuple[str, str], ...] = ()
    people: frozenset[str] = frozenset()
    said: frozenset[str] = field(default_factory=frozenset)


def is_public(audience: str) -> bool:
    """Whether an audience is outside the house, by its name."""
    return audience.lower().startswith(_PUBLIC)


def known_of(state: State, *, names: Iterable[tuple[str, str]] = (), people: Iterable[str] = ()) -> Known:
    """What an incident's record knows of places and people.

    Args:
        names: more of them from elsewhere, as the configuration: `("db.prod", "host")`.
        people: more handles, as those of the targets that are paged.
    """
    found = [*names]
    if place := state.target:
        found += [(place.cluster, "cluster"), (place.context, "context"), (place.namespace, "namespace")]
        found += [(place.deployment, "deployment"), (urlsplit(place.server).hostname or "", "host")]
    for pods, _ in ([state.pods] if state.pods else []) + list(state.unready.values()):
        found += [(pod, "pod") for pod in pods.pods]
    if state.rollout:
        found.append((state.rollout[0].deployment, "deployment"))
    handles = {holder for _, holder, _ in state.role_history if holder} | set(people)
    handles |= {handle for page, _ in state.pages for handle in page.handles}
    handles |= {fact.actor for fact in (state.declared, state.acknowledged) if fact and fact.actor.startswith("@")}
    names = tuple(dict.fromkeys((name, kind) for name, kind in found if name))
    return Known(names, frozenset(handles), frozenset({state.service}))


def leaks(text: str, known: Known) -> list[str]:
    """What `text` says that is not for the public, each as words that go on from "it"; empty where there is nothing.

    The words repeat what was found, but for secrets. Nothing is found twice. That a text passes does not make it fit
    for the public: only names that are known, or shaped as internal ones, are found.
    """
    text = clean(text, keep_newlines=True)
    found = [*_secrets(text), *_hosts(text), *_names(text, known), *_people(text, known)]
    kept = list(dict.fromkeys(found))
    return kept if len(kept) <= _LISTED else [*kept[:_LISTED], f"and {len(kept) - _LISTED} more of the kind"]


def _secrets(text: str) -> Iterator[str]:
    if MASK in text:
        yield f"has a secret that was masked: {MASK} would be published"
    elif redact(text) != text:
        yield "has what looks like a secret: a password, a token, a key or a card's number"


def _hosts(text: str) -> Iterator[str]:
    """Addresses of private networks and names that only an inner name server knows."""
    for candidate in (*_IPV4.findall(text), *_IPV6.findall(text)):
        if _is_private(candidate):
            yield f"names the internal address {candidate}"
    for host in (*_INTERNAL.finditer(text), *_LOCALHOST.finditer(text)):
        yield f"names the internal host {host.group()}"
    for pod in _POD.finditer(text):
        yield f"names the pod {pod.group()}"


def _is_private(candidate: str) -> bool:
    try:
        address = ipaddress.ip_address(candidate)
    except ValueError:
        return False
    return any(address in network for network in _NETWORKS if network.version == address.version)


def _names(text: str, known: Known) -> Iterator[str]:
    for name, kind in known.names:
        if name not in known.said and not _POD.fullmatch(name) and _of_name(name).search(text):
            yield f"names the {kind} {clean(name)}"


@lru_cache(maxsize=4096)
def _of_name(name: str) -> re.Pattern[str]:
    """A name as a word of its own. One of letters alone ("production") is a word of everybody's: it counts beside a
    word that says what it is, or as a part of `prod/production`."""
    word = re.escape(name)
    if not name.isalpha():
        return re.compile(rf"(?<![\w.-]){word}(?![\w-]|\.\w)", re.I)
    beside = rf"\b(?:{_PLACES})\s*[:=]?\s*[\"'`]?{word}(?![\w-])|(?<![\w-]){word}[\"'`]?\s+(?:{_PLACES})\b"
    return re.compile(rf"{beside}|(?<![\w./-]){word}/[\w]|[\w]/{word}(?![\w./-])", re.I)


def _people(text: str, known: Known) -> Iterator[str]:
    """Handles with their @, those of responders also without, and addresses of responders."""
    handles = {handle.removeprefix("@").lower() for handle in known.people}
    for found in _HANDLE.finditer(text):
        yield f"names a person: {found.group()}"
    for found in _ADDRESS.finditer(text):
        if found[1].lower() in handles:
            yield f"names a person: {found.group()}"
    for handle in sorted(handles - _ORDINARY - {""}):
        if len(handle) > 2 and _of_handle(handle).search(text):
            yield f"names a person: {clean(handle)}"


@lru_cache(maxsize=1024)
def _of_handle(handle: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@./+-]){re.escape(handle)}(?![\w@+-]|\.\w)", re.I)
