"""Every deed of the cockpit, once: its key, its words, its help. Footer, palette, help and bindings come from here."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a key does. `action` is what the screen runs."""

    id: str
    keys: str
    action: str
    words: str
    help: str
    footer: bool = False
    also: str = ""
    """Another key for it that people have in their fingers, and that no line shows."""

    @property
    def shown_key(self) -> str:
        """The key as people read it."""
        names = {"slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]"}
        return " ".join(names.get(key, key) for key in self.keys.split(","))


DEEDS = (
    Deed("act", "a", "act", "act", "Suggestions, scenarios and steps of the runbook", footer=True),
    Deed(
        "command",
        "slash",
        "command",
        "command",
        "The command line, : too: note, status, role, resolve, …",
        True,
        "colon",
    ),
    Deed("note", "n", "note", "note", "Write a note, stamped at its first keystroke", footer=True),
    Deed("update", "u", "update", "update", "A status update: whom it tells, what they read, one yes", footer=True),
    Deed("log", "l", "log", "log", "The selected pod's log, from there also all pods' together", footer=True),
    Deed("scribe", "s", "scribe", "scribe", "The record as it will be exported, live", footer=True),
    Deed("declare", "D", "declare", "declare", "Declare an incident"),
    Deed("severity", "e", "severity", "severity", "Set or change the severity"),
    Deed("roles", "r", "roles", "people", "Who holds which role; take, give, hand over or release one"),
    Deed("brief", "b", "brief", "brief", "What is to be known now, to read aloud on the call"),
    Deed("catch-up", "C", "catch_up", "catch up", "What changed since you last read the timeline to its end"),
    Deed("page", "p", "page", "page", "Page a person or a team: the ladder, who is next, all contacts"),
    Deed("claim", "K", "claim", "claim", "Claim the keyboard of a shared terminal for yourself"),
    Deed(
        "tick",
        "space",
        "tick",
        "tick",
        "Tick the checklist item, or open it again; on a step that cannot run here: it was done by hand",
    ),
    Deed("not-applicable", "N", "not_applicable", "not applicable", "The item does not apply, with a reason"),
    Deed("list", "left_square_bracket,right_square_bracket", "next_list", "lists", "The next role's checklist"),
    Deed("describe", "d", "describe", "describe", "The selected pod: containers, states, events"),
    Deed("changed", "c", "changed", "what changed", "The rollout live, its revisions, and what changed between two"),
    Deed("undo", "U", "undo", "undo", "What was changed and is in place; undo it"),
    Deed("cancel", "X", "cancel_run", "cancel", "Cancel the change that is under way"),
    Deed("messages", "m", "messages", "messages", "Messages, deliveries and clocks"),
    Deed("incidents", "i", "incidents", "incidents", "All incidents of this journal"),
    Deed("sources", "v", "sources", "sources", "Every source: state, age, what to do; alerts that fire; the doctor"),
    Deed("database", "t", "database", "database", "The database: connections, who blocks whom, transactions"),
    Deed("review", "w", "review", "review", "The post-incident review, as far as the record has written it"),
    Deed("measures", "M", "measures", "measures", "How all incidents went, held against the plan's goals"),
    Deed("export", "x", "export", "export", "Write the record to a Markdown file"),
    Deed("filter", "f", "filter", "filter", "Filter the timeline, or the pods: words, /regex/, app=web, !not, !"),
    Deed("sort", "o", "sort", "sort", "Sort the pods: faults, name, age, restarts, CPU, memory, node, revision"),
    Deed("zoom", "z", "zoom", "zoom", "One pane over the whole screen, and back", footer=True),
    Deed("pane-1", "1", "pane(1)", "pods", "Go to the pods"),
    Deed("pane-2", "2", "pane(2)", "signals", "Go to the signals"),
    Deed("pane-3", "3", "pane(3)", "checklist", "Go to the checklist"),
    Deed("pane-4", "4", "pane(4)", "timeline", "Go to the timeline"),
    Deed("help", "question_mark", "help", "help", "This help", footer=True),
    Deed("leave", "q", "leave", "leave", "Leave the cockpit, never the incident"),
)

TYPED = ("command", "note", "filter", "not_applicable")
"""Actions after which somebody types; off while something is typed already, wherever the focus has gone."""

MOVES = (
    ("j k ↑ ↓", "move"),
    ("g G", "first, last"),
    ("ctrl+d ctrl+u", "half a page"),
    ("tab", "next pane"),
    ("enter", "open what is selected"),
    ("escape", "back, never losing text"),
    ("Y", "copy what a page shows: a message, a query, a command"),
    ("ctrl+p", "everything by name"),
    ("ctrl+l", "paint the screen again"),
    ("ctrl+z", "to the shell, fg comes back"),
)
"""The keys that are no deeds of the cockpit: most of them move, which every list understands by itself."""

_SHELL = {
    "list": "incidents", "show": "scribe", "doctor": "sources", "mitigations": "undo", "runbook": "act",
    "quit": "leave", "alerts": "sources",
}  # fmt: skip
"""What the shell's commands are called, and the deeds that show the same here."""


def named(line: str) -> Deed | None:
    """The deed that a line after `/` names by a single word and no more: `brief`, `review`, `list` as in the shell."""
    word = line.strip().lower()
    wanted = _SHELL.get(word, word)
    return next((deed for deed in DEEDS if wanted in (deed.id, deed.words)), None)


def bindings() -> list[Binding]:
    """The deeds as Textual bindings, each with an id by which a user may remap it."""
    return [
        Binding(
            ",".join(filter(None, (deed.keys, deed.also))),
            deed.action,
            deed.words,
            show=False,
            id=f"cockpit.{deed.id}",
            tooltip=deed.help,
        )
        for deed in DEEDS
    ]
