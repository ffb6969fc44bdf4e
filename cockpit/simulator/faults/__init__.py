"""The scenarios: each fault is a cause that is put into the world, in a file of its own."""

from __future__ import annotations

from cockpit.simulator.faults.bad_release import BadRelease
from cockpit.simulator.faults.fault import ChurnFault, Fault, OrdersFault
from cockpit.simulator.faults.gateway_failure import GatewayFailure
from cockpit.simulator.faults.leaking_sessions import LeakingSessions
from cockpit.simulator.faults.memory_leak import MemoryLeak
from cockpit.simulator.faults.scheduler_backlog import SchedulerBacklog
from cockpit.simulator.faults.stuck_orders import StuckOrders
from cockpit.simulator.faults.webhook_backlog import WebhookBacklog

SCENARIOS: dict[str, type[Fault]] = {fault.name: fault for fault in (BadRelease, MemoryLeak, GatewayFailure)}

ORDERS: dict[str, type[OrdersFault]] = {fault.name: fault for fault in (StuckOrders, LeakingSessions)}
"""The same for the order service, which needs a PostgreSQL."""

CHURN: dict[str, type[ChurnFault]] = {fault.name: fault for fault in (WebhookBacklog, SchedulerBacklog)}
"""The same for Churn Saver."""

__all__ = ["CHURN", "ORDERS", "SCENARIOS", "ChurnFault", "Fault", "OrdersFault"]
