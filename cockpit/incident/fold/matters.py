"""How hypotheses, asks and action items change: opened once, settled once."""

from __future__ import annotations

from cockpit.incident import kinds
from cockpit.incident.entry import Entry
from cockpit.incident.fact import Fact
from cockpit.incident.fold.registry import folds
from cockpit.incident.matters import ActionItem, Ask, Hypothesis
from cockpit.incident.state import State
from cockpit.values import replace


@folds(kinds.Hypothesis)
def _hypothesis(state: State, said: kinds.Hypothesis, entry: Entry) -> None:
    known = state.hypotheses.get(said.hypothesis)
    if known is None:
        known = Hypothesis(said.hypothesis, said.number, said.text, "open", Fact.of(entry))
    if said.state == "open":
        known = replace(known, state="open", settled=None, evidence="", text=said.text or known.text)
    else:
        known = replace(known, state=said.state, settled=Fact.of(entry), evidence=said.evidence)
    state.hypotheses[said.hypothesis] = known


@folds(kinds.Ask)
def _ask(state: State, said: kinds.Ask, entry: Entry) -> None:
    known = state.asks.get(said.ask)
    if known is None:
        known = Ask(said.ask, said.number, said.handle, said.text, said.due, "opened", Fact.of(entry))
    if said.state == "opened":
        known = replace(known, handle=said.handle, text=said.text or known.text, due=said.due or known.due)
    elif not known.is_open:
        return
    elif said.state == "acknowledged":
        known = replace(known, state=said.state, acknowledged=known.acknowledged or Fact.of(entry))
    elif said.state == "overdue":
        known = replace(known, state=said.state, overdue=known.overdue or Fact.of(entry))
    elif said.state in ("answered", "withdrawn"):
        known = replace(known, state=said.state, settled=Fact.of(entry), answer=said.answer)
    state.asks[said.ask] = known


@folds(kinds.ActionItem)
def _action_item(state: State, said: kinds.ActionItem, entry: Entry) -> None:
    known = state.action_items.get(said.item)
    if known is None:
        known = ActionItem(said.item, said.number, said.text, said.owner, said.due, said.term, "open", Fact.of(entry))
    if said.state == "open":
        text, owner, due = said.text or known.text, said.owner or known.owner, said.due or known.due
        known = replace(
            known, text=text, owner=owner, due=due, term=said.term, state="open", settled=None, why=said.why,
            changed=Fact.of(entry),
        )  # fmt: skip
    else:
        known = replace(known, state=said.state, settled=Fact.of(entry), why=said.why)
    state.action_items[said.item] = known
