"""A small Prometheus: scraped series in memory, a subset of PromQL over them, and the HTTP API in front."""

from cockpit.simulator.prometheus.rules import ROUNDED, Rule
from cockpit.simulator.prometheus.scrape import Exposition, Metadata, Target
from cockpit.simulator.prometheus.server import Prometheus

__all__ = ["ROUNDED", "Exposition", "Metadata", "Prometheus", "Rule", "Target"]
