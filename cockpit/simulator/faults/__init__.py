"""The scenarios: each fault is a cause that is put into the world, in a file of its own."""

from __future__ import annotations

from cockpit.simulator.faults.bad_release import BadRelease
from cockpit.simulator.faults.fault import Fault
from cockpit.simulator.faults.gateway_failure import GatewayFailure
from cockpit.simulator.faults.memory_leak import MemoryLeak

SCENARIOS: dict[str, type[Fault]] = {fault.name: fault for fault in (BadRelease, MemoryLeak, GatewayFailure)}

__all__ = ["SCENARIOS", "Fault"]
