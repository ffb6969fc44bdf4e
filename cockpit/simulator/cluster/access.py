"""Who may do what: users behind bearer tokens, the rules that they have, and the reviews that tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cockpit.simulator.cluster.resources import Resource
from cockpit.simulator.cluster.status import ApiError, bad_request, details

Obj = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is allowed, as in an RBAC rule; `*` means all. A subresource is named as `pods/log`."""

    verbs: Sequence[str]
    groups: Sequence[str]
    resources: Sequence[str]
    names: Sequence[str] = ()
    namespaces: Sequence[str] = ("*",)

    def allows(self, wish: Wish) -> bool:
        """Whether the rule lets its user do that."""
        resource = f"{wish.resource}/{wish.subresource}" if wish.subresource else wish.resource
        return (
            _among(wish.verb, self.verbs)
            and _among(wish.group, self.groups)
            and (_among(resource, self.resources) or f"*/{wish.subresource}" in self.resources)
            and (not self.names or wish.name in self.names)
            and _among(wish.namespace, self.namespaces)
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that somebody wants to do; an empty namespace is the whole cluster."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a token."""

    name: str
    groups: Sequence[str] = ("system:authenticated",)
    rules: Sequence[Rule] = ()

    def may(self, wish: Wish) -> bool:
        """Whether any of the user's rules lets them."""
        return any(rule.allows(wish) for rule in self.rules)


EVERYTHING = Rule(("*",), ("*",), ("*",))
READING = Rule(("get", "list", "watch"), ("*",), ("*",))
_REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")


def authorize(user: User, wish: Wish, resource: Resource) -> None:
    """Raise ApiError 403 where the user's rules do not allow it."""
    if not (user.may(wish) or wish.resource in _REVIEWS):  # everybody who is known may ask what they may
        raise forbidden(user, wish, resource)


def forbidden(user: User, wish: Wish, resource: Resource) -> ApiError:
    """403 in the server's words."""
    what = f"{wish.resource}/{wish.subresource}" if wish.subresource else wish.resource
    where = f'in the namespace "{wish.namespace}"' if wish.namespace else "at the cluster scope"
    subject = f'{resource.qualified} "{wish.name}"' if wish.name else resource.qualified
    message = (
        f'{subject} is forbidden: User "{user.name}" cannot {wish.verb} resource "{what}" '
        f'in API group "{wish.group}" {where}'
    )
    return ApiError(403, "Forbidden", message, details(resource, wish.name or None))


def access_review(user: User, body: Obj) -> Obj:
    """The answer to a SelfSubjectAccessReview; raises ApiError 400."""
    spec = body.get("spec")
    if not isinstance(spec, dict) or not (spec.get("resourceAttributes") or spec.get("nonResourceAttributes")):
        raise bad_request("exactly one of nonResourceAttributes or resourceAttributes must be specified")
    asked = spec.get("resourceAttributes")
    allowed = True  # what is no resource (version, health, discovery) is open to everybody who is known
    if asked:
        allowed = user.may(
            Wish(
                asked.get("verb", ""),
                asked.get("group", ""),
                asked.get("resource", ""),
                asked.get("subresource", ""),
                asked.get("namespace", ""),
                asked.get("name", ""),
            )
        )
    return {
        "kind": "SelfSubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": spec,
        "status": {"allowed": allowed},
    }


def rules_review(user: User, body: Obj) -> Obj:
    """The answer to a SelfSubjectRulesReview: what the user may do in one namespace; raises ApiError 400."""
    spec = body.get("spec")
    if not isinstance(spec, dict) or not spec.get("namespace"):
        raise bad_request("no namespace on request")
    rules: list[Obj] = [
        {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": list(_REVIEWS)},
    ]
    for rule in user.rules:
        if _among(spec["namespace"], rule.namespaces):
            told: Obj = {"verbs": list(rule.verbs), "apiGroups": list(rule.groups), "resources": list(rule.resources)}
            if rule.names:
                told["resourceNames"] = list(rule.names)
            rules.append(told)
    open_urls = ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
                 "/version", "/version/"]  # fmt: skip
    return {
        "kind": "SelfSubjectRulesReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": {},
        "status": {
            "resourceRules": rules,
            "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": open_urls}],
            "incomplete": False,
        },
    }


def _among(value: str, allowed: Sequence[str]) -> bool:
    return "*" in allowed or value in allowed
