"""The values that configuration and runbooks share: durations, bounds, and secrets that are never literal."""

from __future__ import annotations

import difflib
import operator
import os
import re
import shlex
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

Unit = Literal["percent", "seconds", "milliseconds", "count", "per-minute", "bytes", "ratio"]
"""What a signal is measured in."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
"""What people call a thing: letters, digits, dot, dash and underscore."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,3})?[smhd])+")
_PART = re.compile(r"([\d.]+)([smhd])")
_BOUND = re.compile(
    r"\s*(<=|>=|<|>)\s*(-?\d{1,15}(?:\.\d{1,9})?)\s*(%\s*of\s+(?:the\s+)?(?:normal|baseline))?\s*", re.IGNORECASE
)
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_LONGEST = 3650 * 86400
_COMMAND_LIMIT = 20.0


class Strict(BaseModel):
    """A frozen model in which an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = [info.alias or name for name, info in cls.model_fields.items()]
        for key in data:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, 1, 0.6)
                mend = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
                raise PydanticCustomError("unknown_key", "{mend}", {"key": key, "mend": mend})
        return data


def seconds(value: Any) -> float:
    """Read `15s`, `1m`, `2h`, `1h30m`, `2d` as seconds.

    Raises:
        PydanticCustomError: it is not of that form, zero, or longer than ten years.
    """
    if isinstance(value, float) and not isinstance(value, bool):
        return value  # already read: a model built in code, or validated again
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise PydanticCustomError("duration", "is no duration; write it like 15s, 5m, 2h or 1d")
    total = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(value))
    if not 0 < total <= _LONGEST:
        raise PydanticCustomError(
            "duration", "must be more than nothing and at most ten years; write it like 15s or 5m"
        )
    return total


Duration = Annotated[float, BeforeValidator(seconds)]
"""Seconds; written `15s`, `1m`, `2h`, `1d`."""


def span(value: Any) -> tuple[float, float]:
    """Read `30m`, or a range `15m-30m` or `[15m, 30m]`, as seconds from and to; raises PydanticCustomError."""
    if isinstance(value, list) and len(value) == 2:
        lower, upper = seconds(value[0]), seconds(value[1])
    elif isinstance(value, str) and "-" in value:
        first, _, last = value.partition("-")
        lower, upper = seconds(first.strip()), seconds(last.strip())
    else:
        lower = upper = seconds(value)
    if lower > upper:
        raise PydanticCustomError("span", "runs backwards; put the shorter duration first")
    return lower, upper


class Bound(Strict):
    """The alarming side of a threshold: a value for which `comparison` holds is bad. Written `"> 5"`.

    Attributes:
        relative: whether `value` is percent of what is normal for the signal. Written `"< 50 % of normal"`.
    """

    comparison: Literal["<", "<=", ">", ">="]
    value: float
    relative: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        if isinstance(data, dict | Bound):
            return data
        found = _BOUND.fullmatch(data) if isinstance(data, str) else None
        if found is None:
            raise PydanticCustomError(
                "bound",
                'is no bound; write the bad side, a comparison and a number, as "> 5" or "< 50 % of normal"',
            )
        return {"comparison": found[1], "value": float(found[2]), "relative": found[3] is not None}

    def against(self, baseline: float) -> Bound:
        """The same bound in the signal's own unit, when `baseline` is what is normal for it."""
        return Bound(comparison=self.comparison, value=self.value / 100 * baseline) if self.relative else self

    def breached(self, value: float) -> bool:
        """Whether `value` is on the alarming side. Of a relative bound ask `against` first."""
        return bool(_COMPARE[self.comparison](value, self.value))

    @property
    def upward(self) -> bool:
        """Whether large values are the bad ones."""
        return self.comparison in (">", ">=")

    def __str__(self) -> str:
        digits = f"{self.value:.12g}"
        plain = f"{Decimal(digits):f}" if "e" in digits else digits  # as people write it, and as it is read again
        return f"{self.comparison} {plain}{' % of normal' if self.relative else ''}"


def _located(value: Path, info: ValidationInfo) -> Path:
    """An absolute path: `~` is the user's folder; a relative one starts at the file's own folder."""
    if not value.name or any(ord(character) < 32 for character in str(value)):
        raise PydanticCustomError("path", "is no path; write one like ./folder or ~/file")
    try:
        expanded = value.expanduser()
    except RuntimeError:
        raise PydanticCustomError("path", "names a user (~) who is not known here; write the whole path") from None
    folder = info.context.get("folder") if isinstance(info.context, dict) else None
    return folder / expanded if folder else expanded


FilePath = Annotated[Path, AfterValidator(_located)]
"""A path, made absolute when a file is read."""


def _url(value: str) -> str:
    """An absolute http(s) URL without a password in it."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise PydanticCustomError("url", "is no URL; write it like https://host:9090")
    if parts.password:
        raise PydanticCustomError("literal_secret", "must not hold a password; take it out of the URL, use `token`")
    return value


Url = Annotated[str, AfterValidator(_url)]


class SecretError(Exception):
    """A secret could not be had; the message says why and never holds it."""


class Secret(Strict):
    """Where a secret comes from: an environment variable, a file, or a command's output. Never the secret itself."""

    env: str | None = None
    file: FilePath | None = None
    command: tuple[str, ...] | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _one_source(cls, data: Any, handler: ModelWrapValidatorHandler[Secret]) -> Secret:
        if isinstance(data, Secret):
            return data
        if not isinstance(data, dict):
            raise PydanticCustomError(
                "literal_secret",
                "must not hold the secret itself; write where it comes from: {env: NAME}, {file: PATH} or "
                "{command: [PROGRAM, …]}",
            )
        secret = handler(data)
        given = [name for name in ("env", "file", "command") if getattr(secret, name)]
        if len(given) != 1:
            raise PydanticCustomError("secret_source", "needs exactly one of env, file and command")
        return secret

    def __str__(self) -> str:
        if self.command:
            return f"the command {shlex.join(self.command[:1])}"
        return f"the file {self.file}" if self.file else f"${self.env}"

    def resolve(self) -> str:
        """Fetch the secret. A command may take 20 s; call this in a thread, not on the event loop.

        Raises:
            SecretError: it is not there, is empty, or the command failed.
        """
        if self.env:
            found = os.environ.get(self.env, "")
        elif self.file:
            found = self._from_file(self.file)
        else:
            found = self._from_command(self.command or ())
        if not found.strip():
            raise SecretError(f"{self} gives nothing; set it")
        return found.strip()

    def _from_file(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(
                f"{self} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}"
            ) from None

    def _from_command(self, command: tuple[str, ...]) -> str:
        # Its standard error is dropped: helpers print hints there that may hold what nobody should read. In a session
        # of its own it has no terminal: one that asks there would take the keys of a full-screen program.
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=True,
                timeout=_COMMAND_LIMIT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise SecretError(f"{self} is not installed") from None
        except subprocess.TimeoutExpired:
            raise SecretError(f"{self} did not answer within {_COMMAND_LIMIT:g} s") from None
        except subprocess.CalledProcessError as error:
            raise SecretError(f"{self} failed with exit status {error.returncode}; run it by hand") from None
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise SecretError(
                f"{self} could not be run: {getattr(error, 'strerror', None) or 'no text came'}"
            ) from None
        return done.stdout
