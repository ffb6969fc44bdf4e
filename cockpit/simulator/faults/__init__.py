"""The scenarios: each fault is a cause that is put into the world, in a file of its own."""

from __future__ import annotations

from cockpit.simulator.faults.bad_release import BadRelease
from cockpit.simulator.faults.fault import Fault, OrdersFault
from cockpit.simulator.faults.gateway_failure import GatewayFailure
from cockpit.simulator.faults.leaking_sessions import LeakingSessions
from cockpit.simulator.faults.memory_leak import MemoryLeak
from cockpit.simulator.faults.stuck_orders import StuckOrders

SCENARIOS: dict[str, type[Fault]] = {fault.name: fault for fault in (BadRelease, MemoryLeak, GatewayFailure)}

ORDERS: dict[str, type[OrdersFault]] = {fault.name: fault for fault in (StuckOrders, LeakingSessions)}
"""The same for the order service, which needs a PostgreSQL."""

__all__ = ["ORDERS", "SCENARIOS", "Fault", "OrdersFault"]
