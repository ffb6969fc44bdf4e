"""The rollout: live, with its revisions, what changed between two of them, and the way back to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import work
from textual.binding import Binding, BindingType

from cockpit.room.requests import Refusal
from cockpit.room.runs.runs import Confirmation
from cockpit.room.trouble import RunTrouble
from cockpit.room.views.rollout import RevisionView, RolloutView
from cockpit.room.views.sets import SetView, owners
from cockpit.room.war_room import WarRoom
from cockpit.screen.page import LivePage
from cockpit.screen.rollout.changes import REVISION, difference_rows, revision_rows
from cockpit.screen.rollout.pair import Pair
from cockpit.screen.rollout.rows import absent_rows, around_rows, condition_rows, owner_rows, side_rows, state_rows
from cockpit.screen.rollout.sets import set_rows
from cockpit.screen.spans import Row, Span, Tone, wrap
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.lines import Lines

if TYPE_CHECKING:
    from cockpit.room.runs.jobs import Job

RETRY = 5.0
"""Seconds after which revisions that could not be read are read again."""
KEYS = "enter rolls back · < from · > to · c one before · h last healthy"
"""Where there is more than one revision: one alone is compared with nothing, and there is no way back."""
SET_KEYS = "< from · > to · c one before"
"""The same where only sets have several."""
EVERY = 10.0
"""Seconds between two readings of stateful sets and daemon sets, which nothing watches."""
FEW, ENOUGH = 4, 36
"""So many revisions are shown on a screen of less than so many lines, so that what changed is in the picture."""

OLDER = "older"


class RolloutPage(LivePage):
    """`c`: the deployment live; enter on a revision opens the preview of the rollback to it.

    Args:
        war_room: whose deployment it is.
        glyphs: the marks of this terminal.
        open_job: opens the preview of a job.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("less_than_sign", "compare_from", "compare from this revision", id="rollout.from"),
        Binding("greater_than_sign", "compare_to", "compare to this revision", id="rollout.to"),
        Binding("h", "healthy", "compare with the last healthy", id="rollout.healthy"),
        Binding("c", "before", "compare with the one before", id="rollout.before"),
    ]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs, open_job: Callable[[Callable[[], Job]], None]) -> None:
        super().__init__(war_room, "Rollout", ages=True)
        self._glyphs = glyphs
        self._open_job = open_job
        self._revisions: Sequence[RevisionView] | None = None
        self._trouble = ""
        self._seen: object = None
        """What the revisions were read for: other replica sets, or another template, have others."""
        self._asked = 0.0
        self._asked_sets = -EVERY
        self._pair = Pair()
        self._sets: Sequence[SetView] = ()
        self._set_pairs: dict[str, Pair] = defaultdict(Pair)
        """By the owner, which two of a set's revisions are compared."""
        self._all = False
        """Whether somebody asked for all revisions."""

    def on_mount(self) -> None:
        """Draw, and leave in the record what the revisions were when somebody looked."""
        super().on_mount()
        if not self.war_room.read_only:
            self._record()

    @work(group="history", exclusive=True, exit_on_error=False)
    async def _record(self) -> None:
        """The reading that the record keeps; the page itself is live and does not wait for it."""
        try:
            plan = await self.war_room.prepare(self.war_room.jobs.history())
        except (RunTrouble, Refusal):  # the page itself says what is wrong
            return
        if not plan.refusals and not plan.forbidden:
            self.war_room.launch(plan, Confirmation())

    def draw(self) -> None:
        """What the board has now, and the revisions as they were read."""
        view, now, width = self.war_room.rollout(), self.war_room.clock.now(), max(40, self.size.width - 2)
        self.page_title = f"Rollout {view.name}" if view.name else "Rollout"
        self._read_if_other(view)
        several = any(len(each.revisions) > 1 for each in self._sets)
        self.page_keys = KEYS if len(self._revisions or ()) > 1 else SET_KEYS if several else ""
        self.show_frame(view.where)
        sets = [
            row
            for each in self._sets
            for row in set_rows(each, self._set_pairs[each.owner], view.pods, now, width, self._glyphs)
        ]
        if view.deployment is None:
            self.show([*absent_rows(view, now, width), *sets])
            return
        head = [*state_rows(view, now, width, self._glyphs), Row("", ()), *side_rows(view, width)]
        head += [*owner_rows(view, width), Row("", ())]
        tail = [*around_rows(view, now, width), *condition_rows(view, now, width), *sets]
        self.show([*head, *self._revision_rows(view, width), *tail])

    def _revision_rows(self, view: RolloutView, width: int) -> list[Row]:
        if self._revisions is None:
            said = self._trouble or "reading the revisions …"
            tone: Tone = "bad" if self._trouble else "quiet"
            return [Row("", (Span(f" {line}", tone),)) for line in wrap(said, width - 1)]
        old, new = self._pair.of(self._revisions)
        few = FEW if self.size.height < ENOUGH and not self._all else len(self._revisions)
        shown = [each for at, each in enumerate(self._revisions) if at < few or each in (old, new)]
        healthy = [(each, view.health(each)) for each in shown]
        rows = [*revision_rows(healthy, old, new, self.war_room.clock.now(), width)]
        if older := len(self._revisions) - len(shown):
            rows.append(Row(OLDER, (Span(f"      and {older} older: enter shows them", "quiet"),)))
        if self._trouble:
            rows += [Row("", (Span(f"   as read before: {line}", "warn"),)) for line in wrap(self._trouble, width - 20)]
        return [*rows, *difference_rows(old, new, self._pair.differences(self._revisions), width)]

    def _read_if_other(self, view: RolloutView) -> None:
        """Read the revisions when there may be others than those that were read."""
        row, clock = view.deployment, self.war_room.clock
        if row is not None:
            seen = (row.uid, row.detail.template, tuple((each.uid, each.revision) for each in view.pods.revisions))
            again = self._trouble and clock.monotonic() - self._asked >= RETRY
            if seen != self._seen or again:
                self._seen, self._asked = seen, clock.monotonic()
                self._read()
        if owners(view.pods) and clock.monotonic() - self._asked_sets >= EVERY:
            self._asked_sets = clock.monotonic()
            self._read_sets()

    @work(group="sets", exclusive=True, exit_on_error=False)
    async def _read_sets(self) -> None:
        """Nothing watches them: they are read again and again while somebody looks."""
        try:
            self._sets = await self.war_room.sets()
        except Refusal as error:
            self._sets = [SetView(owner, trouble=str(error)) for owner in owners(self.war_room.pods())]
        if self.is_mounted:
            self.draw()

    @work(group="revisions", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        try:
            self._revisions, self._trouble = await self.war_room.revisions(), ""
        except Refusal as error:
            self._trouble = f"the revisions are unknown: {error}"
        if self.is_mounted:
            self.draw()

    @property
    def _chosen(self) -> RevisionView | None:
        """The revision under the cursor."""
        key = self.query_one(Lines).selected
        return next((each for each in self._revisions or () if key == f"{REVISION}{each.replica_set}"), None)

    @property
    def _chosen_of_set(self) -> tuple[SetView, RevisionView] | None:
        """The revision of a set under the cursor, and the set."""
        key = self.query_one(Lines).selected
        every = ((view, each) for view in self._sets for each in view.revisions)
        return next(((view, each) for view, each in every if key == f"{REVISION}{each.replica_set}"), None)

    def action_compare_from(self) -> None:
        """Compare from the revision under the cursor."""
        self._compare("old")

    def action_compare_to(self) -> None:
        """Compare to the revision under the cursor."""
        self._compare("new")

    def _compare(self, side: Literal["old", "new"]) -> None:
        chosen, of_set = self._chosen, self._chosen_of_set
        self.refuse("")
        if chosen is not None:
            self._pair.choose(side, chosen, self._revisions or ())
        elif of_set is not None:
            view, revision = of_set
            self._set_pairs[view.owner].choose(side, revision, view.revisions)
        else:
            self.refuse("put the cursor on a revision first")
        self.draw()

    def action_before(self) -> None:
        """Compare the current revision with the one before it."""
        self.refuse("")
        for pair in (self._pair, *self._set_pairs.values()):
            pair.reset()
        self.draw()

    def action_healthy(self) -> None:
        """Compare the current revision with the newest other one that is known to have been healthy."""
        others = (each for each in self._revisions or () if not each.current)
        view = self.war_room.rollout()
        healthy = next((each for each in others if view.health(each)), None)
        self.refuse("")
        if healthy is not None:
            self._pair.against(healthy)
            self.draw()
        else:
            self.refuse("no earlier revision is known to have been healthy")

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Enter on a revision: the preview of the rollback to it; on the older ones: all of them."""
        if event.key == OLDER:
            self._all = True
            self.draw()
        chosen = self._chosen if event.key.startswith(REVISION) else None
        if chosen is None:
            if of_set := self._chosen_of_set:
                self.refuse(f"it is only shown here: `{of_set[0].undo}{of_set[1].number}` goes back to it")
            return
        if chosen.current:
            self.refuse("this revision is the current one: choose another to roll back to")
            return
        self.refuse("")
        self._open_job(lambda: self.war_room.jobs.rollback(chosen.number, chosen.revision_hash))
