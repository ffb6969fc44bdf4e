"""Plans: configuration, runbook, policies and templates for one service, read before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from cockpit.config import ClusterConfig, Config, ConfigError, PolicyConfig, ServiceConfig, find, load, without_file
from cockpit.incident.calendar import Calendar
from cockpit.incident.kinds import Target
from cockpit.incident.policies import Policy, with_own
from cockpit.incident.policies import shipped as shipped_policies
from cockpit.incident.state import State
from cockpit.message.templates.folder import load as load_templates
from cockpit.message.templates.head import TemplateError
from cockpit.message.templates.template import Templates
from cockpit.room.facts.severities import check_words
from cockpit.room.messages.places import Places
from cockpit.room.options import Options
from cockpit.room.permission import Permission
from cockpit.room.refusal import HouseError
from cockpit.room.setting import Setting
from cockpit.runbook.errors import RunbookError
from cockpit.runbook.library import Library
from cockpit.runbook.model import Runbook, Threshold
from cockpit.runbook.shipped import shipped
from cockpit.runbook.thresholds import thresholds
from cockpit.values import replace


class Plans(Struct, frozen=True):
    """What was read before anything is opened; all of it fits together."""

    config: Config
    service: str
    library: Library
    runbook: Runbook | None
    thresholds: tuple[Threshold, ...]
    templates: Templates
    setting: Setting

    @property
    def of_service(self) -> ServiceConfig | None:
        """The service's part of the configuration."""
        return self.config.services.get(self.service)

    @property
    def cluster(self) -> ClusterConfig | None:
        """The cluster that the service runs in."""
        place = self.of_service.kubernetes if self.of_service else None
        return self.config.kubernetes.get(place.cluster) if place else None


def read_config(options: Options) -> Config:
    """The configuration that is meant; raises HouseError."""
    try:
        return _config(options)
    except ConfigError as error:
        raise HouseError(str(error)) from error


def read_plans(options: Options, record: State | None = None, config: Config | None = None) -> Plans:
    """Read everything from files, for the incident of `record` if one was named; raises HouseError, file and line.

    Args:
        config: the configuration, where it was read already.
    """
    config = config if config is not None else read_config(options)
    try:
        service = _service(config, options, record)
        templates = load_templates(config.templates, shipped("templates"))
        named = service or (record.service if record else "")
        setting = Setting(named, placed=bool(options.context), permission=Permission.of(config))
        return _planned(config, Library(config.runbooks), templates, service, setting, record)
    except (ConfigError, RunbookError, TemplateError) as error:
        raise HouseError(str(error)) from error


def setting_of(config: Config, service: str) -> Setting:
    """What there is for one of several services, also for one that the configuration does not have; raises HouseError.

    It reads the runbook: call it in a thread.
    """
    known = service if service in config.services else ""
    setting = Setting(service, permission=Permission.of(config))
    try:
        return _planned(config, Library(config.runbooks), Templates({}), known, setting, State(service=service)).setting
    except (ConfigError, RunbookError) as error:
        raise HouseError(str(error)) from error


def read_policies(config: Config) -> Mapping[str, Policy]:
    """Every policy there is, whichever service is meant."""
    return _policies(config)


def _policies(config: Config, of_runbook: Mapping[str, PolicyConfig] | None = None) -> Mapping[str, Policy]:
    """The shipped ones, that of the runbook's own document, and the configuration's, which goes first."""
    return with_own(shipped_policies(), {**(of_runbook or {}), **config.policies}, Calendar.of(config.calendar))


def _policy_of(service: ServiceConfig, runbook: Runbook | None) -> str:
    """The policy that the configuration names, else the runbook's, else the one that its document defines."""
    if "policy" in service.model_fields_set or runbook is None:
        return service.policy
    return runbook.policy or (service.runbook if runbook.own_policy and service.runbook else service.policy)


def plans_of(plans: Plans, record: State) -> Plans:
    """`plans` as they are for the incident of `record`, which may be of another service; raises HouseError.

    Of a service that the configuration does not have, the record can be read and written, and nothing is watched.
    """
    service = record.service if record.service in plans.config.services else ""
    setting = replace(plans.setting, service=record.service)
    try:
        return _planned(plans.config, plans.library, plans.templates, service, setting, record)
    except (ConfigError, RunbookError) as error:
        raise HouseError(str(error)) from error


def _planned(
    config: Config, library: Library, templates: Templates, service: str, setting: Setting, record: State | None
) -> Plans:
    """What there is for `service`; empty when the configuration has none for it."""
    known = config.services.get(service)
    name = known.runbook if known else None
    runbook = library.runbook(name) if name else None
    policies = _policies(config, {name: runbook.own_policy} if name and runbook and runbook.own_policy else {})
    named = _policy_of(known, runbook) if known else record.policy if record else ""
    policy = policies.get(named) or policies["payment-service"]
    check_words(config, _in_use(config, policy if known else None, policies))
    bounds = thresholds(runbook, config, service) if service else ()
    lists, target = library.checklists(name), _target(config, known)
    setting = replace(setting, policy=policy, policies=policies, target=target, checklists=lists)
    steps = {step.id: step for step in runbook.steps()} if runbook else {}
    setting = replace(
        setting, targets=config.targets, steps=steps, places=Places.of(config), severities=config.alerts.words
    )
    return Plans(config, service, library, runbook, bounds, templates, setting)


def _in_use(config: Config, own: Policy | None, policies: Mapping[str, Policy]) -> list[Policy]:
    """The service's own policy and those of the others; without any service all there are."""
    named = (policies.get(service.policy) for service in config.services.values())
    found = [each for each in (own, *named) if each is not None]
    return found or list(policies.values())


def _config(options: Options) -> Config:
    """The configuration: the command line's cluster when it names one, else a file, else an empty one."""
    if options.context:
        if not options.namespace or not options.selector:
            raise HouseError("--context needs --namespace and --selector too; as in -n production -l app=shop")
        selected = (options.context, options.namespace, options.selector, options.deployment or None)
        return without_file(options.kubeconfig, *selected)
    path = find(options.config, options.environ, options.cwd)
    return load(path) if path else Config()


def _service(config: Config, options: Options, record: State | None) -> str:
    """The service that is meant, the named incident's if there is one; empty when none is configured for it."""
    if record is not None and record.service:
        if options.service not in ("", record.service):
            raise HouseError(f"that incident is of service `{record.service}`; leave `--service {options.service}` out")
        return record.service if record.service in config.services else ""
    if not config.services and not options.service:
        return ""
    try:
        return config.service(options.service or None)[0]
    except KeyError as error:
        names = error.args[0]
        if options.service:
            raise HouseError(f"there is no service `{options.service}`; the configuration has {names}") from None
        raise HouseError(f"the configuration has several services; choose one with --service: {names}") from None


def _target(config: Config, service: ServiceConfig | None) -> Target | None:
    """Where the service is."""
    place = service.kubernetes if service else None
    if place is None:
        return None
    cluster = config.kubernetes[place.cluster]
    return Target(
        cluster=place.cluster,
        context=cluster.context,
        namespace=place.namespace,
        selector=place.selector,
        deployment=place.deployment or "",
        production=cluster.production,
    )
