"""What stands around a deployment and changes how it behaves: config maps, secrets, autoscalers, services.

The rows' times are of our clock, which the cluster's is `ahead` of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from cockpit.kube.around.autoscalers import Autoscaler
from cockpit.kube.managers import Setter, setter_of, utc
from cockpit.kube.shapes import OwnedMeta, Shape
from cockpit.kube.skew import NONE, ours
from cockpit.text import clean


class AroundRow(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One such object, as far as a change of it can be told.

    Attributes:
        version: its resourceVersion.
        setter: who set anything of it last.
        content: what counts as a change, by name; of a secret there is none, and every version counts.
        since: when it was made.
    """

    uid: str
    name: str
    version: str
    setter: Setter = Setter()
    content: Mapping[str, str] = {}
    since: datetime | None = None

    @property
    def changed_at(self) -> datetime | None:
        """When it was last set, as far as the server says."""
        return self.setter.at or self.since


class ConfigMapRow(AroundRow, frozen=True, gc=False, kw_only=True):
    """A config map: its content is its data, and of what is bytes a digest."""


class SecretRow(AroundRow, frozen=True, gc=False, kw_only=True):
    """A secret: nothing of its content is ever asked for."""


class ServiceRow(AroundRow, frozen=True, gc=False, kw_only=True):
    """A service: its content is its selector."""


class AutoscalerRow(AroundRow, frozen=True, gc=False, kw_only=True):
    """A horizontal pod autoscaler."""

    kind: str = ""
    target: str = ""
    """What it scales: the kind and the name."""
    least: int = 1
    most: int = 0

    @property
    def bounds(self) -> str:
        """Its bounds, as `2–10 pods`."""
        return f"{self.least}–{self.most} pods"


class _Object(Shape, frozen=True):
    metadata: OwnedMeta = OwnedMeta()


class _ConfigMap(_Object, frozen=True):
    data: dict[str, str] | None = None
    binary_data: dict[str, str] | None = None


class _Service(_Object, frozen=True):
    class Spec(Shape, frozen=True):
        selector: dict[str, str] | None = None

    spec: Spec = Spec()


class _Autoscaler(_Object, frozen=True):
    spec: Autoscaler.Spec = Autoscaler.Spec()


RowT = TypeVar("RowT", bound=AroundRow)

_CONFIG_MAP = msgspec.json.Decoder(_ConfigMap)
_SECRET = msgspec.json.Decoder(_Object)
_SERVICE = msgspec.json.Decoder(_Service)
_AUTOSCALER = msgspec.json.Decoder(_Autoscaler)


def config_map_row(raw: bytes, ahead: timedelta = NONE) -> ConfigMapRow:
    """The row of a config map. Raises msgspec.DecodeError."""
    read = ours(_CONFIG_MAP.decode(raw), ahead)
    hashes = {key: _digest(value) for key, value in (read.binary_data or {}).items()}
    return _row(ConfigMapRow, read, hashes | (read.data or {}))


def secret_row(raw: bytes, ahead: timedelta = NONE) -> SecretRow:
    """The row of a secret, from its metadata. Raises msgspec.DecodeError."""
    return _row(SecretRow, ours(_SECRET.decode(raw), ahead), {})


def service_row(raw: bytes, ahead: timedelta = NONE) -> ServiceRow:
    """The row of a service. Raises msgspec.DecodeError."""
    read = ours(_SERVICE.decode(raw), ahead)
    return _row(ServiceRow, read, read.spec.selector or {})


def autoscaler_row(raw: bytes, ahead: timedelta = NONE) -> AutoscalerRow:
    """The row of an autoscaler (autoscaling/v2). Raises msgspec.DecodeError."""
    read = ours(_AUTOSCALER.decode(raw), ahead)
    spec = read.spec
    row = _row(AutoscalerRow, read, {"bounds": f"{spec.min_replicas} {spec.max_replicas}"})
    target = spec.scale_target_ref
    return msgspec.structs.replace(
        row, kind=clean(target.kind), target=clean(target.name), least=spec.min_replicas, most=spec.max_replicas
    )


def _digest(value: str) -> str:
    return f"bytes sha256:{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _row(made: type[RowT], read: _Object, content: Mapping[str, str]) -> RowT:
    meta = read.metadata
    if not (meta.uid or meta.name):
        raise msgspec.ValidationError("an object without uid and name")
    return made(
        uid=meta.uid or meta.name,
        name=clean(meta.name),
        version=meta.resource_version,
        setter=setter_of(meta.managed_fields),
        content=content,
        since=utc(meta.creation_timestamp),
    )
