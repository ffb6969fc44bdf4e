"""The doors of the intake: one for each name that alerts may be sent to, with its mapping and its guard."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from msgspec import Struct

from cockpit.config import SHIPPED_MAPPINGS, Config, ConfigError, IntakeConfig, Secret, SecretError
from cockpit.room.listening.guard import Guard
from cockpit.room.refusal import HouseError
from cockpit.signal.intake import Mapping as Reading
from cockpit.signal.intake import load_mapping, shipped_mapping


class Door(Struct, frozen=True):
    """One way in: its mapping, who may come, and whose the alerts are; an empty service: each says so itself."""

    name: str
    mapping: Reading
    guard: Guard
    service: str = ""


def doors_of(config: Config, token: Secret | None) -> Mapping[str, Door]:
    """The shipped doors and the configuration's, by name. It reads files and secrets: call it in a thread.

    Args:
        token: what opens every door that has no guard of its own.

    Raises:
        HouseError: a mapping is broken, or a secret cannot be had.
    """
    known = {name: IntakeConfig() for name in sorted(SHIPPED_MAPPINGS)} | config.intake
    shared = _secret(token, "--token-env")
    return {name: _door(name, intake, shared) for name, intake in known.items()}


def _door(name: str, intake: IntakeConfig, shared: str) -> Door:
    try:
        mapping = load_mapping(intake.file) if intake.file else shipped_mapping(intake.mapping or name)
    except ConfigError as error:
        raise HouseError(str(error)) from None
    if intake.secret and mapping.signature is None:
        raise HouseError(f"`intake.{name}.secret`: the mapping does not say how a body is signed; give a `token`")
    token = _secret(intake.token, f"`intake.{name}.token`")
    secret = _secret(intake.secret, f"`intake.{name}.secret`")
    guard = Guard(token or ("" if secret else shared), secret, mapping.signature)
    return Door(name, mapping, guard, intake.service or "")


def _secret(secret: Secret | None, what: str) -> str:
    try:
        return secret.resolve() if secret else ""
    except SecretError as error:
        raise HouseError(f"{what}: {error}") from None


def served(doors: Mapping[str, Door], host: str, *, proxied: bool = False) -> Mapping[str, Door]:
    """The doors that may stand at `host`: without a guard only those that nobody from elsewhere can reach.

    Args:
        proxied: a proxy stands before it, by which others come.

    Raises:
        HouseError: none may.
    """
    if is_loopback(host) and not proxied:
        return doors
    guarded = {name: door for name, door in doors.items() if not door.guard.is_open}
    if not guarded:
        reached = f"{host} can be reached from elsewhere{' by the proxy' if proxied else ''}"
        text = f"{reached}, and nothing guards the intake; give --token-env NAME"
        raise HouseError(f"{text}, or a `token` under `intake` in the configuration")
    return guarded


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
