"""The configuration: one YAML file, validated whole, refused with file and line where it is wrong."""

from cockpit.config.lines import Document, Place, YamlError, YamlMapping, parse, read
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
    "Document",
    "Duration",
    "FileChannelConfig",
    "Place",
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
    "parse",
    "read",
]
