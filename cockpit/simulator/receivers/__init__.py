"""Receivers: the APIs of the providers that messages go to, on this machine, which check what the real ones check."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cockpit.simulator.receivers.arrived import Arrival, Arrived
from cockpit.simulator.receivers.door import Door, opened
from cockpit.simulator.receivers.page import Page
from cockpit.simulator.receivers.receiver import Receiver, Surroundings
from cockpit.simulator.receivers.trouble import Fault, Trouble

if TYPE_CHECKING:
    from cockpit.simulator.receivers.alertmanager import Alertmanager
    from cockpit.simulator.receivers.jira import Jira
    from cockpit.simulator.receivers.mail import Mail
    from cockpit.simulator.receivers.opsgenie import Opsgenie
    from cockpit.simulator.receivers.pagerduty import PagerDuty
    from cockpit.simulator.receivers.slack import Slack
    from cockpit.simulator.receivers.statuspage import Statuspage

__all__ = ["NAMES", "Arrival", "Arrived", "Fault", "Receiver", "Receivers", "Trouble", "receiving"]

NAMES = ("slack", "pagerduty", "opsgenie", "statuspage", "mail", "jira", "alertmanager")


class Receivers:
    """Receivers that are served. Each is there by its name when it was asked for.

    Attributes:
        arrived: everything that arrived at them.
        each: all of them, by name.
        url: their common page.
    """

    slack: Slack
    pagerduty: PagerDuty
    opsgenie: Opsgenie
    statuspage: Statuspage
    mail: Mail
    jira: Jira
    alertmanager: Alertmanager

    def __init__(self, arrived: Arrived) -> None:
        self.arrived = arrived
        self.each: dict[str, Receiver] = {}
        self.url = ""
        self.page = Page(self.each, arrived)

    def add(self, name: str, receiver: Receiver) -> None:
        """One more."""
        self.each[name] = receiver
        setattr(self, name, receiver)

    def asked(self, name: str) -> list[str]:
        """Every request that a receiver got, as `POST /path 200`; without a status where no answer was given."""
        lines = ((each.method, each.path, each.status) for each in self.each[name].trouble.asked)
        return [" ".join(str(part) for part in line if part is not None) for line in lines]


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def receiving(
    *names: str,
    now: Callable[[], datetime] = _now,
    rated: bool = True,
    seed: int = 1,
    **options: dict[str, Any],
) -> AsyncIterator[Receivers]:
    """Serve receivers on free loopback ports until the block ends.

    Args:
        names: of `NAMES`; none: all.
        now: gives aware UTC; rates and time stamps are by it.
        rated: whether they limit how often they are asked.
        seed: of what happens by chance.
        options: for a receiver by its name, what its class takes: `slack={"people": ["dba"]}`.

    Raises:
        KeyError: there is no such receiver.
        OSError: no port can be had.
    """
    receivers = Receivers(Arrived(now))
    around = Surroundings(receivers.arrived, now, rated, seed)
    async with AsyncExitStack() as ports:
        for name in names or NAMES:
            receiver = _class(name)(around, **options.get(name, {}))
            port = receiver.port()
            await ports.enter_async_context(opened(port))
            receiver.url = f"{receiver.scheme}://127.0.0.1:{port.number}"
            receivers.add(name, receiver)
        page = Door(receivers.page.app(), Trouble())
        await ports.enter_async_context(opened(page))
        receivers.url = page.url
        yield receivers


def _class(name: str) -> Callable[..., Receiver]:
    """A receiver's class, loaded when it is wanted."""
    match name:
        case "slack":
            from cockpit.simulator.receivers.slack import Slack

            return Slack
        case "pagerduty":
            from cockpit.simulator.receivers.pagerduty import PagerDuty

            return PagerDuty
        case "opsgenie":
            from cockpit.simulator.receivers.opsgenie import Opsgenie

            return Opsgenie
        case "mail":
            from cockpit.simulator.receivers.mail import Mail

            return Mail
        case "jira":
            from cockpit.simulator.receivers.jira import Jira

            return Jira
        case "alertmanager":
            from cockpit.simulator.receivers.alertmanager import Alertmanager

            return Alertmanager
        case "statuspage":
            from cockpit.simulator.receivers.statuspage import Statuspage

            return Statuspage
    raise KeyError(name)
