"""Declaring an incident: a name that is already there, and a severity that may come later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from cockpit.incident.alerting import Standing
from cockpit.incident.noticed import Noticed
from cockpit.incident.times import TimeError, echo, when
from cockpit.room.facts.severities import severity_by
from cockpit.room.requests import Refusal, Several, Start, brought
from cockpit.room.room import Room
from cockpit.room.views.signals import Proposal
from cockpit.screen.dialogs.confirm import ask_about_effects
from cockpit.screen.dialogs.dialog import Dialog
from cockpit.screen.spans import content
from cockpit.screen.widgets.field import Field
from cockpit.values import replace


def detected_by(alert: Standing) -> str:
    """What will be recorded of who noticed it, and when."""
    label = f" (severity {alert.severity})" if alert.severity else ""
    said = f": {alert.summary}" if alert.summary else ""
    return f"detected {echo(alert.fact.at)} by monitoring, {alert.name}{label}{said}"


def seen_first(found: Noticed) -> str:
    """What is offered as the detection."""
    return f"detected by monitoring, as a cockpit saw first (may stay empty): {found.what}"


def by_alert(start: Start, alert: Standing, room: Room) -> Start:
    """The declaration with the alert as its detection; beside a drill, whose record has the alert, with its time."""
    if room.state.drill and room.state.declared and not room.state.over:
        return replace(start, source="monitoring", detected=alert.fact.at)
    return replace(start, alert=alert.fingerprint)


class DeclareDialog(Dialog[bool]):
    """`D`, `enter`: declared. The name is suggested from what is wrong; both fields may be changed first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "declare", "declare", priority=True, id="declare.enter")]

    def __init__(
        self, room: Room, name: str, proposed: Proposal | None = None, alert: Standing | None = None,
        seen: Noticed | None = None,
    ) -> None:  # fmt: skip
        super().__init__("Declare an incident")
        self._room = room
        self._name = name
        self._proposed = proposed
        self._alert = alert
        self._seen = None if alert else seen
        """What the record's own signals noticed first; an alert goes before that."""

    def parts(self) -> Iterable[Widget]:
        """Name, severity, and where it is declared."""
        target = self._room.target
        yield Static("name", classes="label")
        yield Field(self._name, id="name", compact=True)
        yield Static("severity (may come later)", classes="label")
        yield Field("", id="severity", compact=True)
        if self._proposed and self._proposed.by == "criteria":
            evidence = f"the criteria of {self._proposed.level} hold: {self._proposed.evidence}"
            yield Static(content(evidence), classes="label")
        if self._alert:
            yield Static(content(detected_by(self._alert)), classes="label")
            if by := severity_by(self._alert, self._room.policy, self._room.setting.severities):
                yield Static(content(f"{by.level} is proposed: {by.evidence}"), classes="label")
        if self._seen:
            yield Static(content(seen_first(self._seen)), classes="label")
            yield Field(echo(self._seen.at), id="detected", compact=True)
        if target:
            where = f"{self._room.setting.service} in {target.context}/{target.namespace}: pinned to this incident"
            yield Static(content(where), classes="label")

    def on_mount(self) -> None:
        """Say what the keys do."""
        super().on_mount()
        self._say_keys()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Another severity brings other things along."""
        self._say_keys()

    def _say_keys(self) -> None:
        """What enter does next: it declares, or shows first what else is done, and asks."""
        try:
            asks = bool(self._room.preview(self._request()))
        except Refusal:  # half a severity; what is wrong with it is said when it is entered
            asks = False
        levels = ", ".join(self._room.policy.levels) if self._room.policy else "any"
        enter = "enter shows all that it does, and asks" if asks else "enter declares"
        self.hint(f"{enter} · tab to the severity ({levels}) · escape leaves")

    def _request(self) -> Several:
        """The declaration as it stands in the fields, with what comes along in other places."""
        severity = self.query_one("#severity", Input).value.strip()
        start = self._detected(Start(self.query_one("#name", Input).value, severity))
        return Several(brought(by_alert(start, self._alert, self._room) if self._alert else start))

    def _detected(self, start: Start) -> Start:
        """The declaration with what the signals noticed, at the time in the field; raises Refusal for what is none."""
        given = self.query_one("#detected", Input).value.strip() if self._seen else ""
        if self._seen is None or not given:
            return start
        try:
            at = None if given == echo(self._seen.at) else when(given, self._room.clock.now())
        except TimeError as error:
            raise Refusal(str(error)) from None
        return replace(start, seen=self._seen.entry, detected=at)

    @work(group="declare", exclusive=True, exit_on_error=False)
    async def action_declare(self) -> None:
        """Declare, with what comes along in other places, which is shown first; what is refused is said here."""
        try:
            chosen = await ask_about_effects(self.app, self._room, self._request(), "Declare an incident")
        except Refusal as error:
            self.refuse(str(error))
            return
        if chosen is not None:
            self.perform(self._room, chosen, lambda: self.dismiss(True))
