"""The configuration: one YAML file, validated whole, refused with file and line where it is wrong."""

from cockpit.config.alerts import AlertsConfig
from cockpit.config.calendar import CalendarConfig
from cockpit.config.channels import (
    ChannelConfig,
    EmailConfig,
    FileChannelConfig,
    JiraConfig,
    OpsgenieConfig,
    PagerdutyConfig,
    SlackConfig,
    StatuspageConfig,
)
from cockpit.config.endpoints import BodyCheck, EndpointConfig, EndpointSignal, JsonCheck
from cockpit.config.errors import ConfigError, Problem, problems, told
from cockpit.config.headers import HeaderValue
from cockpit.config.initial import KubeContext, contexts, initial_yaml, kubeconfig_files
from cockpit.config.intake import SHIPPED_MAPPINGS, IntakeConfig
from cockpit.config.lines import Document, Place, YamlError, YamlMapping, parse, read
from cockpit.config.load import find, load, without_file
from cockpit.config.model import (
    AlertmanagerConfig,
    ClusterConfig,
    Config,
    Deed,
    PageTarget,
    RoleConfig,
    RoleName,
    ServiceAlerts,
    ServiceConfig,
    ServiceKubernetes,
    SignalConfig,
)
from cockpit.config.policies import SHIPPED_POLICIES, LevelConfig, PolicyConfig, TargetConfig
from cockpit.config.postgresql import PostgresConfig, SqlSignal
from cockpit.config.prometheus import BasicAuth, PrometheusConfig
from cockpit.config.thresholds import (
    PODS_WINDOW,
    Baseline,
    Earlier,
    PodsReading,
    PodsSignal,
    ThresholdOverride,
    check_bounds,
    unit_of_pods,
)
from cockpit.config.values import Bound, Duration, Secret, SecretError, Strict, Unit

__all__ = [
    "PODS_WINDOW",
    "SHIPPED_MAPPINGS",
    "SHIPPED_POLICIES",
    "AlertmanagerConfig",
    "AlertsConfig",
    "Baseline",
    "BasicAuth",
    "BodyCheck",
    "Bound",
    "CalendarConfig",
    "ChannelConfig",
    "ClusterConfig",
    "Config",
    "ConfigError",
    "Deed",
    "Document",
    "Duration",
    "Earlier",
    "EmailConfig",
    "EndpointConfig",
    "EndpointSignal",
    "FileChannelConfig",
    "HeaderValue",
    "IntakeConfig",
    "JiraConfig",
    "JsonCheck",
    "KubeContext",
    "LevelConfig",
    "OpsgenieConfig",
    "PageTarget",
    "PagerdutyConfig",
    "Place",
    "PodsReading",
    "PodsSignal",
    "PolicyConfig",
    "PostgresConfig",
    "Problem",
    "PrometheusConfig",
    "RoleConfig",
    "RoleName",
    "Secret",
    "SecretError",
    "ServiceAlerts",
    "ServiceConfig",
    "ServiceKubernetes",
    "SignalConfig",
    "SlackConfig",
    "SqlSignal",
    "StatuspageConfig",
    "Strict",
    "TargetConfig",
    "ThresholdOverride",
    "Unit",
    "YamlError",
    "YamlMapping",
    "check_bounds",
    "contexts",
    "find",
    "initial_yaml",
    "kubeconfig_files",
    "load",
    "parse",
    "problems",
    "read",
    "told",
    "unit_of_pods",
    "without_file",
]
