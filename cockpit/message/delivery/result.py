"""What became of a message, for whoever waits for it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from cockpit.incident.deliveries import KEPT, SENT
from cockpit.incident.kinds import Delivery


class Result(Struct, frozen=True):
    """What became of a message here: the attempts that were made, and how it stands now."""

    message: str
    deliveries: tuple[Delivery, ...]
    state: str = ""
    next_try: datetime | None = None
    words: str = ""

    @property
    def sent(self) -> Delivery | None:
        """The delivery that reached the audience."""
        return next((delivery for delivery in self.deliveries if delivery.state == SENT), None)

    @property
    def kept(self) -> Delivery | None:
        """The delivery to a file that stood in for those who were not reached."""
        return next((delivery for delivery in self.deliveries if delivery.state == KEPT), None)

    @property
    def arrived(self) -> bool:
        """Whether somebody was reached, from here or by another cockpit."""
        return self.state == SENT or self.sent is not None

    @property
    def reason(self) -> str:
        """Why nobody was reached yet, channel by channel; empty when somebody was."""
        if self.arrived:
            return ""
        said = (each for each in self.deliveries if each.reason)
        return "; ".join(f"{each.channel}: {each.reason}" if each.channel else each.reason for each in said)
