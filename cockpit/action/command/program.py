"""A program or a shell's script as a step: looked up first, shown as it is called, no parameter spliced into it."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.action.command.environment import environment, meant_otherwise
from cockpit.action.command.lookup import found, missing, shell
from cockpit.action.command.process import run
from cockpit.action.intake import Intake
from cockpit.action.kubernetes.reading import Heading
from cockpit.action.live import Live
from cockpit.action.masking import Masking
from cockpit.action.model import EXECUTE_TIMEOUT, VERIFY_TIMEOUT, Never, Outcome, Plan, ReadOnly, Risk, Situation
from cockpit.action.spool import Spool
from cockpit.incident.ids import new_id
from cockpit.runbook.fill import variable
from cockpit.runbook.parameters import Values
from cockpit.runbook.risk import interactive_as, risk_of_argv, risk_of_shell
from cockpit.text import safe

HERE = "this machine"
_LONGEST = 12 * 3600.0
"""Seconds for what a person ends: what has the terminal, and what goes on until it is stopped."""


@dataclass(frozen=True, slots=True)
class Command:
    """Runs `argv`, or gives `script` to a shell.

    Args:
        argv: a program and its words, filled.
        script: what a shell reads, as the document has it; values are in its environment.
        values: the parameters' values; secret ones are in the environment too, and nowhere else.
        stdin: what it reads; without it, nothing: it never gets the cockpit's own input.
        tty: it gets the whole terminal until it ends, and nothing is captured.
        kubeconfig: for programs that read one; None leaves what the environment says.
        spool: the folder for the whole of a large output; None keeps no copy.
        timeout: seconds until it is ended; None: the step's, else the usual.
        mitigates: it is there to make things better, so that resolving asks whether it stays.
    """

    argv: tuple[str, ...] = ()
    script: str = ""
    values: Values = field(default_factory=lambda: Values({}))
    stdin: str = ""
    tty: bool = False
    kubeconfig: Path | None = None
    spool: Path | None = None
    timeout: float | None = None
    heading: Heading = field(default_factory=lambda: Heading("Command"))
    mitigates: bool = False

    needs_cluster = False

    async def prepare(self, access: object, situation: Situation) -> Plan:
        """The plan; nothing is started. A program that is not installed is a refusal, with the text to copy."""
        absent = self._missing()
        refusals = (*absent, *self._wrong())
        run_id, changes = new_id(), self._risk in ("changing", "destructive")
        return Plan(
            run=run_id,
            title=self.heading.title,
            risk=self._risk,
            command=self._typed(),
            execution=Never() if refusals else Running(self, run_id, changes),
            step=self.heading.step,
            request=self._request(),
            server=HERE,
            object=self._object(),
            warnings=tuple(self._warnings()),
            refusals=refusals,
            mitigates=self.mitigates,
            checks=self.heading.checks,
            timeout=_LONGEST if self.tty else self._limit,
            verify_timeout=VERIFY_TIMEOUT,
            interactive="terminal" if self.tty else "stream" if self.goes_on else "",
            copy=self._typed() if absent else "",
        )

    def terminal_argv(self) -> tuple[str, ...]:
        """What is executed: the program's file and its words, or the shell with the script."""
        if self.script:
            return (shell() or "sh", "-c", self.script)
        return (found(self.argv[0]) or self.argv[0], *self.argv[1:])

    def terminal_env(self) -> dict[str, str]:
        """The environment in which it is executed."""
        return environment(self.values, self.kubeconfig, terminal=self.tty)

    @property
    def goes_on(self) -> bool:
        """Whether it only follows something until it is stopped, as `tail -f` does."""
        return not self.tty and self._risk == "interactive" and interactive_as(self.script or self.argv) == "stream"

    @property
    def masking(self) -> Masking:
        """Takes its secrets out of what it writes."""
        return Masking.of(self.values)

    @property
    def _risk(self) -> Risk:
        own = risk_of_shell(self.script, self.stdin) if self.script else risk_of_argv(self.argv, self.stdin)
        return self.heading.risk or own

    @property
    def _limit(self) -> float:
        given = self.heading.timeout if self.timeout is None else self.timeout
        usual = _LONGEST if self.goes_on else EXECUTE_TIMEOUT
        return usual if given is None else given

    def _missing(self) -> tuple[str, ...]:
        """Why it cannot be run here."""
        names = missing(self.argv, self.script)
        if not names:
            return ()
        told = ", ".join(f"`{safe(name)}`" for name in names)
        are = "is" if len(names) == 1 else "are"
        return (f"{told} {are} not installed here: copy the text, or mark the step done by hand",)

    def _wrong(self) -> Iterator[str]:
        for name in self._named():
            if meant_otherwise(name):
                yield f"the parameter `{name}` would replace {variable(name)}, which programs read: rename it"
        if any("\0" in word for word in (*self.argv, self.script, *self.values.known.values())):
            yield "a NUL character can be given to no program: correct the value"

    def _warnings(self) -> Iterator[str]:
        if self.script:
            yield f"a shell reads it: {os.path.basename(shell() or 'sh')}"
        if self.tty:
            yield "it gets the whole terminal; what it shows is not recorded"
        if self.goes_on:
            yield "it goes on until it is stopped"

    def _object(self) -> str:
        if self.script:
            return f"script/{self.heading.step or 'shell'}"
        return f"command/{os.path.basename(self.argv[0])}"

    def _typed(self) -> str:
        """What a person could type: of a script with the values of its parameters before it."""
        if self.argv:
            return self.masking.text(shlex.join(self.argv))
        given = [f"{variable(name)}={self._shown(name)}" for name in self._named()]
        return " ".join([*given, os.path.basename(shell() or "sh"), "-c", shlex.quote(self.script)])

    def _named(self) -> list[str]:
        """The parameters that the script names."""
        return [name for name in self.values.known if re.search(rf"\b{variable(name)}\b", self.script)]

    def _shown(self, name: str) -> str:
        return f'"${variable(name)}"' if name in self.values.secret else shlex.quote(self.values.known[name])

    def _request(self) -> str:
        words = self.masking.text(shlex.join(self.terminal_argv()))
        return words + (f" < {len(self.stdin.encode())} bytes" if self.stdin else "")


@dataclass(frozen=True, slots=True)
class Running(ReadOnly):
    """The execution of a command.

    Args:
        id: the run's.
        changes: it may change something, so that one that was cut off has an unknown outcome.
    """

    command: Command
    id: str
    changes: bool

    async def run(self, live: Live) -> Outcome:
        """Run it to its end; what it started does not outlive it."""
        if self.command.tty:
            return await self._in_terminal(live)
        spool = Spool(self.command.spool, self.id, live)
        intake = Intake(live, self.command.masking, spool)
        argv, stdin = self.command.terminal_argv(), self.command.stdin.encode()
        live.say(f"runs {os.path.basename(argv[0])}")
        live.sent = self.changes
        try:
            ended = await run(argv, self.command.terminal_env(), stdin, intake)
        except asyncio.CancelledError:
            if not self.command.goes_on:
                raise
            return Outcome("succeeded", 0)  # to be stopped is how it ends
        except OSError as error:
            live.sent = False
            return Outcome("failed", 126, safe(f"{argv[0]} cannot be started: {error.strerror or error}"))
        finally:
            await intake.end()
            await spool.close()
        if ended.left:
            await live.write(["… what it left running in the background was ended"])
        return Outcome("failed", ended.status, ended.words) if ended.status else Outcome("succeeded", 0)

    async def settle(self, live: Live) -> Outcome:
        """Nobody but the program knows how far it came."""
        return Outcome("unknown", None, "it was ended, with all that it had started; look how far it came")

    async def _in_terminal(self, live: Live) -> Outcome:
        if live.terminal is None:
            return Outcome("failed", 1, "it wants a terminal, and there is none here")
        live.sent = self.changes
        status = await live.terminal(self.command.terminal_argv(), self.command.terminal_env())
        await live.write(["it had the terminal; what it showed is not recorded"])
        return Outcome("failed", status, f"ended with exit status {status}") if status else Outcome("succeeded", 0)
