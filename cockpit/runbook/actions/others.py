"""What a step can do besides a cluster: a statement, a request, a program, waiting, telling, looking at everything."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cockpit.config import Duration
from cockpit.runbook.actions.base import SERVICE_DATABASE, SERVICE_NAMESPACE, ActionBase, Reference, Risk
from cockpit.runbook.matchers import MatcherError, matcher
from cockpit.runbook.source import Id, Words

LONGEST_SILENCE = 86_400.0
"""Seconds: what is silenced for longer is forgotten."""


class Sql(ActionBase):
    """A statement for PostgreSQL. `:name` is a parameter: it is bound, never put into the text.

    Attributes:
        database: the name of a `postgresql` of the configuration.
        timeout: seconds for the statement; without them, the configuration's.
    """

    kind: Literal["sql"]
    statement: Words
    database: str = SERVICE_DATABASE
    timeout: Duration | None = None

    @property
    def risk(self) -> Risk:
        """What the statement does, by its parse."""
        from cockpit.runbook.risk import risk_of_sql

        return risk_of_sql(self.statement)


class Http(ActionBase):
    """A request. Parameters in the URL are percent-encoded, those in a JSON body stay inside their strings.

    Attributes:
        via: from this machine; through the API server's proxy of a service; or from inside a pod, where alone a
            cluster's names resolve.
        expect: the status that is success; without one, any below 400.
        expect_body: a regular expression that the answer must hold.
    """

    kind: Literal["http"]
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Words
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    via: Literal["direct", "service-proxy", "pod"] = "direct"
    namespace: str = SERVICE_NAMESPACE
    expect: Annotated[int, Field(ge=100, le=599)] | None = None
    expect_body: str = ""

    @property
    def risk(self) -> Risk:
        """What the method may do: RFC 9110 calls GET, HEAD and OPTIONS safe."""
        from cockpit.runbook.risk import risk_of_method

        return risk_of_method(self.method)


class Command(ActionBase):
    """A program of this machine: `argv`, or `shell` where the source has a shell's syntax.

    Parameters are whole words of `argv`; a `shell` script finds them in its environment, in capitals, so that a value
    is never read as part of the script.

    Attributes:
        tty: it wants a terminal: it gets the whole screen until it ends, and its output is not captured.
        stdin: what it reads; nothing otherwise.
    """

    kind: Literal["command"]
    argv: tuple[str, ...] = ()
    shell: str = ""
    stdin: str = ""
    tty: bool = False

    @model_validator(mode="after")
    def _one_of(self) -> Command:
        if bool(self.argv) == bool(self.shell.strip()):
            raise PydanticCustomError("command", "needs `argv` (a list of words) or `shell` (a script), and not both")
        return self

    @property
    def risk(self) -> Risk:
        """What the program is known to do; what is not known is changing."""
        from cockpit.runbook.risk import risk_of_argv, risk_of_shell

        return risk_of_shell(self.shell, self.stdin) if self.shell else risk_of_argv(self.argv, self.stdin)


class Wait(ActionBase):
    """Waiting and watching: it fails as soon as a threshold that was not in breach is.

    Attributes:
        duration: seconds.
        stop_on: the thresholds that are watched; all when none is named.
    """

    kind: Literal["wait"]
    duration: Duration | Reference
    stop_on: tuple[Id, ...] = ()

    @property
    def risk(self) -> Risk:
        """It only looks."""
        return "read-only"


class Notify(ActionBase):
    """A message to an audience of the configuration, through its channels.

    Attributes:
        template: a template by name; `text` otherwise.
    """

    kind: Literal["notify"]
    audience: str
    template: str = ""
    text: str = ""

    @model_validator(mode="after")
    def _one_of(self) -> Notify:
        if bool(self.template) == bool(self.text):
            raise PydanticCustomError("notify", "needs a `template` or a `text`, and not both")
        return self


class Silence(ActionBase):
    """A silence in the service's Alertmanager: the alerts that it covers tell nobody until it ends by itself.

    Attributes:
        match: matchers such as `alertname=HighLatency` or `pod=~"pay.*"`, all of which an alert must fit. The labels
            by which the service's alerts are known are added.
        duration: seconds, at most a day.
        why: what stands at the silence; the step's title otherwise.
    """

    kind: Literal["silence"]
    match: Annotated[tuple[Words, ...], Field(min_length=1)]
    duration: Duration | Reference
    why: str = ""

    @model_validator(mode="after")
    def _readable(self) -> Silence:
        for each in self.match:
            if each.startswith("$"):
                continue  # a parameter stands for the whole; what it becomes is read when it is filled
            try:
                matcher(each)
            except MatcherError as error:
                raise PydanticCustomError("matcher", "{what}", {"what": str(error)}) from None
        if isinstance(self.duration, float) and self.duration > LONGEST_SILENCE:
            raise PydanticCustomError("silence", "lasts longer than a day; a silence may have 24h at most")
        return self


class Checks(ActionBase):
    """Several steps that only read, looked at together: one table, a line for each.

    Attributes:
        steps: their ids; all health checks that can run when none is named.
    """

    kind: Literal["checks"]
    steps: tuple[Id, ...] = ()

    @property
    def risk(self) -> Risk:
        """The reader refuses steps that change something."""
        return "read-only"
