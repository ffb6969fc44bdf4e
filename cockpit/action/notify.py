"""Telling an audience, as a step: the preview is the message, and it goes through the same outbox as every other."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.action.errors import ActionError
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Live
from cockpit.action.model import Never, Outcome, Plan, ReadOnly, Situation
from cockpit.action.ports import Teller, Told
from cockpit.incident.ids import new_id
from cockpit.values import replace


@dataclass(frozen=True, slots=True)
class Notify:
    """Tells `audience` by a template or by a text.

    Args:
        teller: who writes and sends.
        heading: how it appears.
    """

    audience: str
    template: str
    text: str
    teller: Teller
    heading: Heading = field(default_factory=lambda: Heading("Notify"))

    needs_cluster = False

    async def prepare(self, access: object, situation: Situation) -> Plan:
        """Compose the message; what stands against it is a refusal."""
        plan = Plan(
            run=new_id(),
            title=self.heading.title,
            risk=self.heading.risk or "changing",
            command=f"cockpit message send {self.template}" if self.template else f"tell {self.audience}: {self.text}",
            execution=Never(),
            step=self.heading.step,
            server="the configured channels",
            object=f"audience/{self.audience}",
            checks=(),
            rehearsed=True,  # what a drill says goes to channels of its own
        )
        try:
            told = self.teller.compose(self.audience, self.template, self.text)
        except ActionError as error:
            return replace(plan, refusals=(str(error),))
        lines = [f"+{line}" for line in (told.title, *told.text.splitlines()) if line]
        request = f"to {told.audience} by {', '.join(told.channels)}"
        return replace(plan, execution=Sending(self.teller, told), request=request, change=tuple(lines))


@dataclass(frozen=True, slots=True)
class Sending(ReadOnly):
    """A composed message on its way. What is not delivered waits in the outbox, which tries again."""

    teller: Teller
    told: Told

    async def run(self, live: Live) -> Outcome:
        """Send it once."""
        live.sent = True
        try:
            where = await self.teller.send(self.told)
        except ActionError as error:
            return Outcome("failed", 1, str(error))
        await live.write([where])
        return Outcome("succeeded", 0)
