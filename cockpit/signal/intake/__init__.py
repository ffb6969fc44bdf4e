"""Alerts that others send: their JSON read by mappings in YAML, shipped ones and users' own."""

from cockpit.signal.intake.errors import IntakeError
from cockpit.signal.intake.json import decode
from cockpit.signal.intake.mapping import Mapping, load_mapping, shipped_mapping
from cockpit.signal.intake.reading import Delivery, delivery

__all__ = ["Delivery", "IntakeError", "Mapping", "decode", "delivery", "load_mapping", "shipped_mapping"]
