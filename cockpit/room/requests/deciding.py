"""What a decision was decided upon: written with it, so that what was decided apart is known by it later."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.incident.entry import Draft
from cockpit.incident.fold.contests import subject_of
from cockpit.incident.kinds import KINDS
from cockpit.incident.state import State
from cockpit.values import replace


def based(drafts: Sequence[Draft], state: State) -> list[Draft]:
    """The drafts with what each was decided upon: the entry that says the same thing in `state`.

    Of several about one subject only the first: the others follow from it.
    """
    found: list[Draft] = []
    seen: set[str] = set()
    for draft in drafts:
        model = KINDS.get(draft.kind)
        about = (
            subject_of(model.model_validate(dict(draft.payload))) if model and "over" in model.model_fields else None
        )
        if about is not None and about[0] not in seen and not draft.supersedes:
            seen.add(about[0])
            line = state.decided.get(about[0], ())
            draft = replace(draft, payload={**draft.payload, "over": line[-1].entry if line else ""})
        found.append(draft)
    return found
