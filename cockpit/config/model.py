"""What a configuration says, once it is read: the parts of the file that this version works with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config.alerts import AlertsConfig
from cockpit.config.calendar import CalendarConfig
from cockpit.config.channels import ChannelConfig
from cockpit.config.endpoints import EndpointConfig, EndpointSignal
from cockpit.config.intake import IntakeConfig
from cockpit.config.policies import PolicyConfig
from cockpit.config.postgresql import PostgresConfig, SqlSignal
from cockpit.config.prometheus import PrometheusConfig
from cockpit.config.thresholds import PodsSignal, ThresholdOverride
from cockpit.config.values import Duration, FilePath, Name, Secret, Strict, Text, Unit, Url

KubeName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]
"""A Kubernetes object's name: an RFC 1123 subdomain."""


class ClusterConfig(Strict):
    """One Kubernetes cluster. The context is always named: the kubeconfig's current one is never used."""

    context: Text
    kubeconfig: FilePath | None = None
    """None: what `KUBECONFIG` names, else `~/.kube/config`, as kubectl finds it."""
    production: bool = False
    drill: bool = False
    """Whether drills may change things here."""


LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,127}$")]
"""A label of Prometheus' data model."""


class AlertmanagerConfig(Strict):
    """One Alertmanager."""

    url: Url
    interval: Duration = 15.0
    """Seconds between two looks at what fires."""
    token: Secret | None = None


class ServiceAlerts(Strict):
    """Which alerts are a service's."""

    source: Name
    """The Alertmanager's name."""
    match: dict[LabelName, Text] = Field(default_factory=dict)
    """The labels that an alert of the service has, each with its value; none: every alert there is the service's."""


class ServiceKubernetes(Strict):
    """Where a service runs."""

    cluster: Name
    namespace: KubeName
    selector: Text
    """A label selector, as kubectl's `-l` takes it."""
    deployment: KubeName | None = None


class SignalConfig(Strict):
    """Where a threshold's value comes from."""

    unit: Unit
    query: Text
    """PromQL."""


def _kind_of_signal(value: Any) -> str:
    """Which is meant, also where several keys or none is there: a fault is told as one of that kind."""
    for key, kind in (("sql", SqlSignal), ("pods", PodsSignal), ("endpoint", EndpointSignal)):
        if key in value if isinstance(value, dict) else isinstance(value, kind):
            return f"{key} signal"
    return "query signal"


Signal = Annotated[
    Annotated[SignalConfig, Tag("query signal")]
    | Annotated[SqlSignal, Tag("sql signal")]
    | Annotated[PodsSignal, Tag("pods signal")]
    | Annotated[EndpointSignal, Tag("endpoint signal")],
    Discriminator(_kind_of_signal),
]


class ServiceConfig(Strict):
    """One service, and what watches it."""

    runbook: Name | None = None
    policy: Name = "payment-service"
    kubernetes: ServiceKubernetes | None = None
    prometheus: Name | None = None
    postgresql: Name | None = None
    """The database of its SQL steps and SQL signals, whose sessions are watched."""
    alertmanager: ServiceAlerts | None = None
    """Where its alerts fire, and which they are."""
    signals: dict[Name, Signal] = Field(default_factory=dict)
    thresholds: dict[Name, ThresholdOverride] = Field(default_factory=dict)
    endpoints: dict[Name, EndpointConfig] = Field(default_factory=dict)
    """What is asked whether it answers: the service itself, and what it depends on."""
    dashboards: dict[Name, Url] = Field(default_factory=dict)
    parameters: dict[Name, Text] = Field(default_factory=dict)
    """Values for the runbook's parameters of these names, such as the address of the service."""


class PageTarget(Strict):
    """Whom `page` reaches: by channels, tried in order, or by hand where there are none."""

    channels: list[Name] = Field(default_factory=list)
    handles: list[Text] = Field(default_factory=list)
    """The responders who are paged so."""
    phone: str = ""

    @model_validator(mode="after")
    def _reached(self) -> PageTarget:
        if not (self.channels or self.handles or self.phone):
            raise PydanticCustomError("target", "reaches nobody; give it `channels`, `phone` or `handles`")
        return self


RoleName = Literal["ic", "ops", "comms", "scribe", "tl", "oncall", "support", "observer"]
"""The seven roles, and whoever only looks on."""
Deed = Literal["read", "change", "destroy", "severity", "resolve", "close"]
"""What a role may be let do: run steps that read, that change something, that destroy something; set the severity;
resolve the incident; close it."""


class RoleConfig(Strict):
    """What a role may do in the cockpit: advice among people, while the cluster's RBAC decides."""

    may: list[Deed]


class RecordConfig(Strict):
    """A record that several journals share."""

    url: Secret


class Config(Strict):
    """A configuration. Paths are absolute."""

    version: Literal[1] = 1
    record: RecordConfig | None = None
    """The PostgreSQL that shares the record; None: the local journal alone."""
    calendar: CalendarConfig | None = None
    """What "next business day" means; None: Monday to Friday, 09:00-17:00 UTC."""
    policies: dict[Name, PolicyConfig] = Field(default_factory=dict)
    kubernetes: dict[Name, ClusterConfig] = Field(default_factory=dict)
    prometheus: dict[Name, PrometheusConfig] = Field(default_factory=dict)
    postgresql: dict[Name, PostgresConfig] = Field(default_factory=dict)
    alertmanager: dict[Name, AlertmanagerConfig] = Field(default_factory=dict)
    alerts: AlertsConfig = Field(default_factory=AlertsConfig)
    """How alerts are understood, wherever they come from."""
    intake: dict[Name, IntakeConfig] = Field(default_factory=dict)
    """Who sends alerts to `cockpit listen`, beside the shipped ones; the key is the last part of the address."""
    services: dict[Name, ServiceConfig] = Field(default_factory=dict)
    channels: dict[Name, ChannelConfig] = Field(default_factory=dict)
    audiences: dict[Name, list[Name]] = Field(default_factory=dict)
    """Channels per audience, tried in order."""
    targets: dict[Name, PageTarget] = Field(default_factory=dict)
    """Whom `page` reaches."""
    roles: dict[RoleName, RoleConfig] = Field(default_factory=dict)
    """What each role may do; a role that is not named here may do everything."""
    runbooks: list[FilePath] = Field(default_factory=list)
    templates: list[FilePath] = Field(default_factory=list)
    _path: Path | None = PrivateAttr(default=None)
    _lines: dict[tuple[str | int, ...], int] = PrivateAttr(default_factory=dict)

    @property
    def path(self) -> Path | None:
        """The file it was read from, None where there was none."""
        return self._path

    def placed(self, path: Path, lines: dict[tuple[str | int, ...], int]) -> Config:
        """A copy that knows its file, and the line of each key."""
        copy = self.model_copy()
        copy._path, copy._lines = path, lines
        return copy

    def where(self, *path: str | int) -> str:
        """`FILE:LINE` of a key such as `("services", "shop", "policy")`, or of the nearest thing around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return f"{self.path or 'the command line'}:{self._lines.get(path, 1)}"

    def service(self, name: str | None = None) -> tuple[str, ServiceConfig]:
        """The service called `name`, or the only one. Raises KeyError with the names there are."""
        if name is None and len(self.services) == 1:
            return next(iter(self.services.items()))
        if name is None or name not in self.services:
            raise KeyError(", ".join(self.services) or "none")
        return name, self.services[name]
