"""The configuration: one YAML file, validated whole, refused with file and line where it is wrong."""

from cockpit.config.errors import ConfigError, Problem, problems, told
from cockpit.config.initial import KubeContext, contexts, initial_yaml, kubeconfig_files
from cockpit.config.lines import Document, Place, YamlError, YamlMapping, parse, read
from cockpit.config.load import find, load, without_file
from cockpit.config.model import (
    SHIPPED_POLICIES,
    ClusterConfig,
    Config,
    FileChannelConfig,
    PrometheusConfig,
    ServiceConfig,
    ServiceKubernetes,
    SignalConfig,
    ThresholdOverride,
)
from cockpit.config.values import Bound, Duration, Secret, SecretError, Strict, Unit

__all__ = [
    "SHIPPED_POLICIES",
    "Bound",
    "ClusterConfig",
    "Config",
    "ConfigError",
    "Document",
    "Duration",
    "FileChannelConfig",
    "KubeContext",
    "Place",
    "Problem",
    "PrometheusConfig",
    "Secret",
    "SecretError",
    "ServiceConfig",
    "ServiceKubernetes",
    "SignalConfig",
    "Strict",
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
