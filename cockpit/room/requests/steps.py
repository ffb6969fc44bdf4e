"""A runbook's step that somebody did by hand, where the cockpit could not or should not."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches

from msgspec import Struct

from cockpit.incident.entry import Draft
from cockpit.incident.kinds import StepDone
from cockpit.incident.state import State
from cockpit.room.refusal import Refusal
from cockpit.room.requests.desk import Desk, must_be_declared, optional
from cockpit.room.requests.placing import placed
from cockpit.text import clean


class DoneByHand(Struct, frozen=True):
    """Say that a step was done, and what came of it."""

    step: str
    text: str = ""
    at: datetime | None = None

    def decide(self, state: State, desk: Desk) -> list[Draft]:
        """The step, which ticks what waits for it; a mitigating one mitigates."""
        must_be_declared(state)
        step = desk.steps.get(self.step)
        if step is None:
            near = get_close_matches(self.step, desk.steps, 1, 0.5)
            mend = f"did you mean `{near[0]}`?" if near else "`cockpit runbook show` lists them"
            raise Refusal(f"the runbook has no step '{clean(self.step)[:60]}'; {mend}")
        done = StepDone(
            step=step.id, title=clean(step.title), text=optional(self.text), mitigates=step.kind == "mitigate"
        )
        return [placed(done, self.at, state, desk)]
