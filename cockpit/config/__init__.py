"""The configuration: one YAML file, validated whole, refused with file and line where it is wrong."""

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
from cockpit.config.errors import ConfigError, Problem, problems, told
from cockpit.config.initial import KubeContext, contexts, initial_yaml, kubeconfig_files
from cockpit.config.lines import Document, Place, YamlError, YamlMapping, parse, read
from cockpit.config.load import find, load, without_file
from cockpit.config.model import (
    AlertmanagerConfig,
    ClusterConfig,
    Config,
    Deed,
    PageTarget,
    PrometheusConfig,
    RoleConfig,
    RoleName,
    ServiceAlerts,
    ServiceConfig,
    ServiceKubernetes,
    SignalConfig,
    ThresholdOverride,
)
from cockpit.config.policies import SHIPPED_POLICIES, LevelConfig, PolicyConfig, TargetConfig
from cockpit.config.postgresql import PostgresConfig, SqlSignal
from cockpit.config.values import Bound, Duration, Secret, SecretError, Strict, Unit

__all__ = [
    "SHIPPED_POLICIES",
    "AlertmanagerConfig",
    "Bound",
    "CalendarConfig",
    "ChannelConfig",
    "ClusterConfig",
    "Config",
    "ConfigError",
    "Deed",
    "Document",
    "Duration",
    "EmailConfig",
    "FileChannelConfig",
    "JiraConfig",
    "KubeContext",
    "LevelConfig",
    "OpsgenieConfig",
    "PageTarget",
    "PagerdutyConfig",
    "Place",
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
    "contexts",
    "find",
    "initial_yaml",
    "kubeconfig_files",
    "load",
    "parse",
    "problems",
    "read",
    "told",
    "without_file",
]
