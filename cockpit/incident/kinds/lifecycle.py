"""How an incident lives: watched, declared, taken, graded, moved on, closed, reopened, merged."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from cockpit.incident.kinds.alerts import AlertKey, AlertWords
from cockpit.incident.kinds.payload import Payload
from cockpit.incident.terms import Status


class Target(BaseModel):
    """What the incident is about in a cluster, pinned when the record begins.

    `cluster` is the configuration's name, `context` the kubeconfig's, `server` the API server's address.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)
    cluster: str
    context: str
    namespace: str
    server: str = ""
    selector: str = ""
    deployment: str = ""
    production: bool = False


class Watching(Payload):
    """A record begins, before anybody declared an incident, because a signal changed."""

    kind = "watching"
    service: str
    policy: str = ""
    target: Target | None = None


class Declared(Payload):
    """Somebody says: this is an incident."""

    kind = "declared"
    free = (
        "name",
        "title",
    )
    amends = ("title",)
    name: str
    title: str = ""
    service: str = ""
    policy: str = ""
    target: Target | None = None
    drill: bool = False
    alert: str | None = None
    """The fingerprint of the alert that it was declared from."""


class Detected(Payload):
    """When, and by whom, it was noticed; `occurred` is the moment. With `alert` it was by that alert, with `seen` by a
    signal of the record: the entry that told it."""

    kind = "detected"
    free = ("what", "words")
    amends = ("what",)
    movable = True
    source: str
    what: str = ""
    alert: AlertKey | None = None
    words: AlertWords | None = None
    seen: str | None = None


class Acknowledged(Payload):
    """A responder has taken the alert."""

    kind = "acknowledged"
    movable = True


class Severity(Payload):
    """The severity is set or changed."""

    kind = "severity"
    free = ("why",)
    amends = ("why",)
    movable = True
    severity: str
    why: str = ""
    over: str | None = None


class StatusChange(Payload):
    """The status is set, with what responders say of it."""

    kind = "status"
    free = ("text",)
    amends = ("text",)
    movable = True
    status: Status
    text: str = ""
    over: str | None = None


class Closed(Payload):
    """The incident is over; `false_alarm` says why it was none."""

    kind = "closed"
    free = (
        "text",
        "false_alarm",
    )
    amends = (
        "false_alarm",
        "text",
    )
    movable = True
    text: str = ""
    false_alarm: str | None = None


class Reopened(Payload):
    """It was not over."""

    kind = "reopened"
    free = ("why",)
    amends = ("why",)
    movable = True
    why: str


class Impact(Payload):
    """What is known of the impact; each entry says what is new, and what it leaves out stands as it was.

    The questions are the plan's: scope, impact, duration, trend (production-incident-response-plan.md:95-99).
    """

    kind = "impact"
    free = ("text", "who", "how_many")
    amends = ("text",)
    movable = True
    text: str = ""
    who: str = ""
    how_many: str = ""
    since: datetime | None = None
    trend: Literal["worse", "stable", "better"] | None = None
    data: bool | None = None
    """Whether data was lost, corrupted or seen by somebody who should not; None while nobody has said."""
    security: bool | None = None
    regulatory: bool | None = None


class Affected(Payload):
    """A service is affected, or no longer."""

    kind = "affected"
    free = ("text",)
    amends = ("text",)
    movable = True
    service: str
    state: Literal["affected", "recovered"] = "affected"
    text: str = ""


class Snooze(Payload):
    """A clock is put off, with the reason; it is due again at `until`."""

    kind = "snooze"
    free = ("why",)
    amends = ("why",)
    clock: str
    until: datetime
    why: str


class Merge(Payload):
    """Two incidents are one. Written in both records: `into` in the duplicate's, `from` in the one that goes on."""

    kind = "merge"
    free = ("why",)
    amends = ("why",)
    direction: Literal["into", "from"]
    other: str
    label: str = ""
    why: str = ""


class Contradiction(Payload):
    """Two entries say different things of one subject, decided apart; the later in the record's order stands.

    `subject` is as in `fold.contests`; `first` and `second` are the entries, in their order; `lost` and `stands` what
    they say.
    """

    kind = "contradiction"
    subject: str
    first: str
    second: str
    lost: str = ""
    stands: str = ""
