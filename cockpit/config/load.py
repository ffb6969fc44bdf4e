"""Finding the configuration, reading it, and checking that what it names is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from cockpit.config.endpoints import EndpointSignal
from cockpit.config.errors import ConfigError, Problem, located, problems, told
from cockpit.config.intake import wrong_intakes
from cockpit.config.lines import Document, Location, YamlError, YamlMapping, read
from cockpit.config.model import ClusterConfig, Config, ServiceConfig, ServiceKubernetes, SignalConfig
from cockpit.config.policies import SHIPPED_POLICIES, unknown_policy, wrong_policies
from cockpit.config.postgresql import SqlSignal
from cockpit.config.thresholds import PodsSignal
from cockpit.text import clean

FILE_NAME = "cockpit.yaml"


def find(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The configuration file: `explicit`, `$COCKPIT_CONFIG`, `./cockpit.yaml`, `$XDG_CONFIG_HOME/cockpit/cockpit.yaml`.

    The first two are given as they are, so that `load` says what is wrong with them; the others only if they exist.
    """
    if explicit is not None:
        return explicit
    if named := environ.get("COCKPIT_CONFIG"):
        return Path(named)
    places = [cwd / FILE_NAME]
    if base := environ.get("XDG_CONFIG_HOME") or (environ.get("HOME") and f"{environ['HOME']}/.config"):
        places.append(Path(base) / "cockpit" / FILE_NAME)
    return next((place for place in places if place.exists()), None)


def load(path: Path) -> Config:
    """Read a configuration whole. Relative paths in it start at its own folder.

    Raises:
        ConfigError: it cannot be read or used; the message has the file, the line and what to do.
    """
    try:
        document = read(path)
    except YamlError as error:
        raise ConfigError(f"{clean(str(path))}:{error.line}: {error.what}") from None
    context = {"folder": path.absolute().parent}
    document = _without_empty_sections(document)
    try:
        config = Config.model_validate(document.value, context=context)
    except ValidationError as error:
        raise _refusal(document, problems(error, document)) from None
    if wrong := [located(document, where, what) for where, what in _dangling(config)]:
        raise _refusal(document, wrong)
    return config.placed(path.absolute(), {where: place.line for where, place in document.keys.items()})


def _refusal(document: Document, found: Iterable[Problem]) -> ConfigError:
    first, *others = told(document.file, sorted(found))
    return ConfigError(first, tuple(others))


def _without_empty_sections(document: Document) -> Document:
    """A known section with nothing in it, as `channels:`, is taken as absent."""
    value = document.value
    if value is None:
        return Document(document.file, YamlMapping(), document.keys, document.values)
    if not isinstance(value, YamlMapping):
        return document
    kept = YamlMapping({k: v for k, v in value.items() if v is not None or k not in Config.model_fields})
    return Document(document.file, kept, document.keys, document.values)


def _dangling(config: Config) -> Iterator[tuple[Location, str]]:
    """References to what is not there, and what contradicts itself."""
    yield from wrong_policies(config.policies)
    yield from wrong_intakes(config.intake, config.services)
    for name, service in config.services.items():
        yield from _dangling_of_service(config, name, service)
    ways: dict[Location, list[str]] = {("audiences", name): ways for name, ways in config.audiences.items()}
    ways |= {("targets", name, "channels"): target.channels for name, target in config.targets.items()}
    for where, channels in ways.items():
        for number, channel in enumerate(channels):
            if channel not in config.channels:
                yield (*where, number), _unknown("channel", channel, config.channels, "channels")


def _dangling_of_service(config: Config, name: str, service: ServiceConfig) -> Iterator[tuple[Location, str]]:
    at = ("services", name)
    if service.policy not in SHIPPED_POLICIES | config.policies.keys():
        yield (*at, "policy"), unknown_policy(service.policy, config.policies)
    if service.kubernetes and service.kubernetes.cluster not in config.kubernetes:
        wrong = _unknown("cluster", service.kubernetes.cluster, config.kubernetes, "kubernetes")
        yield (*at, "kubernetes", "cluster"), wrong
    if service.prometheus and service.prometheus not in config.prometheus:
        yield (*at, "prometheus"), _unknown("Prometheus", service.prometheus, config.prometheus, "prometheus")
    if service.postgresql and service.postgresql not in config.postgresql:
        yield (*at, "postgresql"), _unknown("database", service.postgresql, config.postgresql, "postgresql")
    if service.alertmanager and service.alertmanager.source not in config.alertmanager:
        wrong = _unknown("Alertmanager", service.alertmanager.source, config.alertmanager, "alertmanager")
        yield (*at, "alertmanager", "source"), wrong
    yield from _dangling_signals(service, at)
    for endpoint, wanted in service.endpoints.items():
        if wanted.via != "direct" and not service.kubernetes:
            wrong = f"`via: {wanted.via}` needs a cluster; add `kubernetes:` to the service"
            yield (*at, "endpoints", endpoint, "via"), wrong


def _dangling_signals(service: ServiceConfig, at: Location) -> Iterator[tuple[Location, str]]:
    """Signals of a service for which it names nobody to ask."""
    queried = [id for id, signal in service.signals.items() if isinstance(signal, SignalConfig)]
    if queried and not service.prometheus:
        yield (*at, "signals", queried[0]), "this signal has no source; add `prometheus: NAME` to the service"
    asked = [id for id, signal in service.signals.items() if isinstance(signal, SqlSignal)]
    if asked and not service.postgresql:
        yield (*at, "signals", asked[0]), "this signal has no database; add `postgresql: NAME` to the service"
    counted = [id for id, signal in service.signals.items() if isinstance(signal, PodsSignal)]
    if counted and not service.kubernetes:
        yield (*at, "signals", counted[0]), "this signal has no pods; add `kubernetes:` to the service"
    timed = {id: signal.endpoint for id, signal in service.signals.items() if isinstance(signal, EndpointSignal)}
    for id, endpoint in timed.items():
        if endpoint not in service.endpoints:
            yield (*at, "signals", id, "endpoint"), _unknown("endpoint", endpoint, service.endpoints, "endpoints")


def _unknown(what: str, name: str, known: Iterable[str], section: str) -> str:
    names = ", ".join(known)
    return f"there is no {what} `{name}`; " + (f"use one of {names}" if names else f"add it under `{section}`")


def without_file(
    kubeconfig: Path | None, context: str, namespace: str, selector: str, deployment: str | None = None
) -> Config:
    """The configuration of `--context --namespace --selector`: one service, named after what the selector says.

    Raises:
        ConfigError: one of them cannot be what it should be.
    """
    value = selector.partition(",")[0].partition("=")[2].lstrip("=").strip()
    name = deployment or (value if value.replace("-", "").isalnum() else "") or "service"
    try:
        place = ServiceKubernetes(cluster="cluster", namespace=namespace, selector=selector, deployment=deployment)
        return Config(
            kubernetes={"cluster": ClusterConfig(context=context, kubeconfig=kubeconfig)},
            services={name: ServiceConfig(kubernetes=place)},
        )
    except ValidationError as error:
        wrong = problems(error, Document("the command line", {}))[0].what
        option = str(error.errors()[0]["loc"][-1])
        raise ConfigError(f"--{option} {wrong.removeprefix('the file ')}") from None
