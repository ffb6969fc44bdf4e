"""Page somebody: the ladder with who is next, the targets, the runbook's people, and a line for any other name."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from cockpit.room.war_room import WarRoom
from cockpit.screen.contacts.rows import Whom, contacts
from cockpit.screen.dialogs.page import PageDialog
from cockpit.screen.page import LivePage
from cockpit.screen.terminal.glyphs import Glyphs
from cockpit.screen.widgets.field import Field
from cockpit.screen.widgets.frame import KeyBar, TitleBar
from cockpit.screen.widgets.lines import Lines
from cockpit.screen.widgets.loud import Loud

KEYS = "enter pages, and asks first · tab any other name · m messages"


class ContactsPage(LivePage):
    """`p`: the cursor stands on who is next on the ladder; `enter` or `p` pages him, after a question.

    Args:
        war_room: whose people they are.
        glyphs: the marks of this terminal.
    """

    CSS = "ContactsPage #to { height: 1; background: $panel; } ContactsPage #to Static { width: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "page", "page", id="contacts.page"),
        Binding("m", "messages", "messages", id="contacts.messages"),
    ]

    def __init__(self, war_room: WarRoom, glyphs: Glyphs) -> None:
        super().__init__(war_room, f"Page and contacts {war_room.room.label}", KEYS, ages=True)
        self._glyphs = glyphs
        self._whom: dict[str, Whom] = {}
        self._placed = False

    def compose(self) -> ComposeResult:
        """Title, people, a name, the keys."""
        yield TitleBar()
        yield Loud()
        yield Lines(id="page")
        with Horizontal(id="to"):
            yield Static(" page ", markup=False)
            yield Field(id="name", placeholder="any name: a target, a team, @somebody", compact=True)
        yield KeyBar()

    def draw(self) -> None:
        """Show them; the first time with the cursor on who is next."""
        found = contacts(self.war_room, self._glyphs, self.size.width - 2)
        self._whom = found.whom
        self.show(list(found.rows))
        if not self._placed:
            self._placed = True
            self.query_one(Lines).choose(found.next)

    def on_lines_opened(self, event: Lines.Opened) -> None:
        """Page who is under the cursor."""
        self._ask(self._whom.get(event.key))

    def action_page(self) -> None:
        """Page who is under the cursor."""
        self._ask(self._whom.get(self.query_one(Lines).selected))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Page whoever was named."""
        if name := event.value.strip():
            self._ask(Whom(name))

    def _ask(self, whom: Whom | None) -> None:
        if whom is None:
            return
        if self.war_room.read_only:
            self.refuse("this cockpit was started with --read-only: it shows, and never writes")
            return
        self.app.push_screen(PageDialog(self.war_room, whom.name, whom.how), self._asked)

    def _asked(self, paged: bool | None) -> None:
        """What became of it stands in its row."""
        if paged and self.is_mounted:
            self.query_one("#name", Input).value = ""
            self.query_one(Lines).focus()
            self.draw()

    def action_messages(self) -> None:
        """What was sent, and the clocks."""
        from cockpit.screen.messages.page import MessagesPage

        self.app.switch_screen(MessagesPage(self.war_room, self._glyphs))
