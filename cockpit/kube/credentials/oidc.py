"""Renewing an OIDC id-token by its refresh token, for kubeconfigs with `auth-provider: oidc`.

The flow is OpenID Connect Core 1.0, section 12, the keys are kubectl's: `idp-issuer-url`, `client-id`, `client-secret`,
`refresh-token`, `idp-certificate-authority` and `idp-certificate-authority-data`.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime

_SECONDS = 15.0


class RefreshError(Exception):
    """Why there is no new token, in one line."""


def refreshed(config: Mapping[str, str]) -> tuple[str, str]:
    """A new id-token and the refresh token that goes with it now. It blocks: call it in a thread.

    The issuer's certificate is always verified.

    Raises:
        RefreshError: the issuer cannot be reached, or gives none: a person must log in.
    """
    import httpx  # a tenth of a second that few need

    issuer, refresh = config.get("idp-issuer-url", "").rstrip("/"), config.get("refresh-token", "")
    if not issuer or not refresh:
        raise RefreshError("its id-token has ended and it has no refresh-token with an idp-issuer-url")
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": config.get("client-id", "")}
    if secret := config.get("client-secret"):
        form["client_secret"] = secret
    try:
        with httpx.Client(verify=_trusted(config), timeout=_SECONDS) as client:
            found = client.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
            answer = client.post(found["token_endpoint"], data=form)
        given = answer.json()
        if answer.status_code >= 300:
            raise RefreshError(f"{issuer} refuses: {given.get('error_description') or given.get('error')}")
        return str(given["id_token"]), str(given.get("refresh_token") or refresh)
    except (httpx.HTTPError, OSError) as error:
        raise RefreshError(f"{issuer} cannot be asked: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RefreshError(f"{issuer} answers with what cannot be read") from error


def _trusted(config: Mapping[str, str]) -> ssl.SSLContext:
    """What the issuer's certificate is verified by: the kubeconfig's authority, else the system's."""
    given = config.get("idp-certificate-authority-data")
    try:
        text = base64.b64decode(given).decode() if given else None
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RefreshError("its idp-certificate-authority-data cannot be read") from error
    return ssl.create_default_context(cafile=config.get("idp-certificate-authority"), cadata=text)


def ends(token: str) -> datetime | None:
    """When a JSON Web Token ends (RFC 7519, `exp`); None for one that does not say. It is not verified here."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], tz=UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None
