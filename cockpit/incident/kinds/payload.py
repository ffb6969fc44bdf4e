"""What every kind's payload is: frozen fields, those of a later version kept aside, the free words known as such."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

AMENDMENT = "amendment"
"""The field of an amendment's payload that says why it was made: any kind may have it, and it is words."""


class Payload(BaseModel):
    """The fields of one kind. Fields of a later version are kept in the entry's bytes and ignored here."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True
    )  # most kinds are in no record: built when met
    kind: ClassVar[str]
    schema_version: ClassVar[int] = 1
    free: ClassVar[tuple[str, ...]] = ()
    """Fields that hold words of people or programs: what a redaction takes away. The others are kept by it, so that
    the incident's state survives."""
    amends: ClassVar[tuple[str, ...]] = ()
    """The fields whose text an amendment may change; the first that is filled is meant."""
    # Kinds that decide something have `over`: the entry that last said it when this was decided, empty where none
    # had, absent where nobody knows. Entries that were decided apart are known by it (see fold.contests).
    movable: ClassVar[bool] = False
    """Whether an amendment may correct when it occurred."""

    def fields(self) -> Mapping[str, Any]:
        """The payload as JSON values, without what is not set."""
        return self.model_dump(mode="json", exclude_none=True)

    @property
    def amendable(self) -> str:
        """The field whose text an amendment changes; empty when this kind has none."""
        return next((name for name in self.amends if getattr(self, name)), self.amends[0] if self.amends else "")
