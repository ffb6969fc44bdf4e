"""Kubernetes quantities: `250m` cores, `512Mi` bytes."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SUFFIXES = {
    **{suffix: Decimal(10) ** power for suffix, power in _DECIMAL.items()},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}
_QUANTITY = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]{1,3})?)([numkMGTPE]?|[KMGTPE]i)")


def quantity(text: str) -> Decimal:
    """The value of a quantity in its base unit, cores or bytes.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

    Raises:
        ValueError: it is none.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no quantity")
    try:
        return Decimal(found[1]) * _SUFFIXES[found[2]]
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no quantity") from error
