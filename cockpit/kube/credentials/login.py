"""What a person does when credentials no longer count: which command logs in again, by the kubeconfig's user."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

_LOGINS = {
    "gke-gcloud-auth-plugin": "gcloud auth login",
    "gcloud": "gcloud auth login",
    "tsh": "tsh login",
    "doctl": "doctl auth init",
    "oci": "oci session authenticate",
    "ibmcloud": "ibmcloud login",
    "vault": "vault login",
    "okta-aws-cli": "okta-aws-cli",
    "saml2aws": "saml2aws login",
    "aws-vault": "aws sso login",
}
"""The command that logs in, by the plugin's file name."""


def login_command(user: Mapping[str, Any]) -> str:
    """The command that logs this user in again; empty where none is known.

    Args:
        user: the `user` of a kubeconfig: its `exec`, `auth-provider`, `token`, …
    """
    provider = user.get("auth-provider")
    if isinstance(provider, Mapping):
        return {"gcp": "gcloud auth login", "azure": "az login", "oidc": "kubectl oidc-login setup"}.get(
            str(provider.get("name")), ""
        )
    plugin = user.get("exec")
    if not isinstance(plugin, Mapping) or not plugin.get("command"):
        return ""
    args = [str(arg) for arg in plugin.get("args") or ()]
    return _by_argv([str(plugin["command"]), *args], _environment(plugin))


def _environment(plugin: Mapping[str, Any]) -> dict[str, str]:
    """The variables that the kubeconfig sets for its plugin."""
    pairs = [one for one in plugin.get("env") or () if isinstance(one, Mapping)]
    return {str(one.get("name")): str(one.get("value")) for one in pairs}


def _by_argv(argv: Sequence[str], env: Mapping[str, str]) -> str:
    name = PurePath(argv[0]).name.removesuffix(".exe")
    if name in ("aws", "aws-iam-authenticator"):
        profile = _value(argv, "--profile") or env.get("AWS_PROFILE", "")
        return "aws sso login" + (f" --profile {shlex.quote(profile)}" if profile else "")
    if name in ("kubectl", "kubectl-oidc_login") or (name == "kubelogin" and _value(argv, "--oidc-issuer-url")):
        return f"kubectl {shlex.quote(argv[1])}" if name == "kubectl" and argv[1:] else "kubectl oidc-login"
    if name == "kubelogin":  # Azure's program has the same name
        return "az login"
    return _LOGINS.get(name, shlex.join(argv[:1]))


def _value(argv: Sequence[str], flag: str) -> str:
    """The value of a flag, as `--flag value` or `--flag=value`."""
    for place, word in enumerate(argv):
        if word == flag:
            return argv[place + 1] if place + 1 < len(argv) else ""
        if word.startswith(f"{flag}="):
            return word.partition("=")[2]
    return ""


def mend(user: Mapping[str, Any], context: str) -> str:
    """What to do now, in one sentence: the cockpit reads new credentials by itself."""
    if command := login_command(user):
        return f"log in with `{command}` (ctrl+z leaves the cockpit meanwhile, `fg` returns); it then goes on by itself"
    check = f"`kubectl --context {shlex.quote(context)} auth whoami`"
    if "tokenFile" in user:
        return f"the token in {user['tokenFile']} is read again by itself when it is renewed; try {check}"
    if "token" in user:
        return f"put a new token into the kubeconfig, it is read again by itself; try {check}"
    if "client-certificate" in user or "client-certificate-data" in user:
        return f"its client certificate may have ended: renew it in the kubeconfig; try {check}"
    return f"log in again, then {check}"
