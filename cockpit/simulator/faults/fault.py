"""What a fault is: a cause, and the moment at which somebody or something brings it about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from cockpit.simulator.churn.world import ChurnWorld
    from cockpit.simulator.orders.world import OrdersWorld
    from cockpit.simulator.payments.program import Release
    from cockpit.simulator.postgres import Postgres
    from cockpit.simulator.world import World


class OrdersFault(ABC):
    """A cause of an outage of the order service, which works on a real PostgreSQL."""

    name: ClassVar[str]
    description: ClassVar[str]

    async def prepare(self, postgres: Postgres) -> None:  # noqa: B027  (most faults have nothing to prepare)
        """Change the database before any pod works on it."""

    @abstractmethod
    async def begin(self, world: OrdersWorld) -> None:
        """Bring the cause about, in its own time, in a world that runs."""


class ChurnFault(ABC):
    """A cause of an outage of Churn Saver."""

    name: ClassVar[str]
    description: ClassVar[str]

    @abstractmethod
    async def prepare(self, postgres: Postgres) -> None:
        """Change what there is before the application runs."""

    @abstractmethod
    async def begin(self, world: ChurnWorld) -> None:
        """Bring the cause about, in its own time, in a world that runs."""


class Fault(ABC):
    """A cause of an outage.

    It never touches a metric or a pod's state. It changes what there is (a release, a configuration, an object); what
    follows from that is the cluster's and the service's doing, and ends when somebody takes the cause away.
    """

    name: ClassVar[str]
    """How it is asked for: `cockpit simulate NAME`."""

    description: ClassVar[str]
    """One line for lists."""

    def releases(self) -> Sequence[Release]:
        """Versions of the payment service that it puts into the registry."""
        return ()

    def prepare(self, world: World) -> None:  # noqa: B027  (most faults have nothing to prepare)
        """Change the still healthy world before it starts, in a way that nobody notices yet."""

    @abstractmethod
    async def begin(self, world: World) -> None:
        """Bring the cause about, in its own time, in a world that runs."""
