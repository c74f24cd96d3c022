"""What the fields of a form must hold: small checks whose messages say the wrong value and the mend.

Rule 1: a check judges one field by itself. What depends on the case is a guard.
Rule 2: all faults of a form come at once, each under the name of its field.
Rule 3: None passes every check; a field that may be left out has None as its default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from attrs import frozen

from ..errors import InvalidInput, Problem
from ..form import unsaid

__all__ = ["Check", "at_least", "filled", "one_of", "some"]

LONGEST = 8_000
"""Characters of a text; what is longer is kept beside the record, by hash."""


@frozen
class Check:
    """An attrs validator; *fault* gives what is wrong with a value, or None; `values` are the words it takes, if only some."""

    fault: Callable[[Any], str | None]
    values: tuple[str, ...] = ()

    def __call__(self, instance: Any, attribute: Any, value: Any) -> None:
        """Raise with every fault of *instance* when this field has one (attrs validates once all fields are set)."""
        if value is not None and self.fault(value):
            raise InvalidInput(tuple(_faults(instance)))


def _faults(instance: Any) -> list[Problem]:
    found = []
    for attribute in attrs.fields(type(instance)):
        check, value = attribute.validator, getattr(instance, attribute.name)
        if isinstance(check, Check) and value is not None and (message := check.fault(value)):
            found.append(Problem(attribute.name, unsaid(message, value) if attribute.metadata.get("personal") else message))
    return found


def _filled(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"text is expected, not {value!r}"
    if not value.strip():
        return f"{value!r} says nothing; write it in words"
    return None if len(value) <= LONGEST else f"{len(value)} characters are more than {LONGEST}; keep the rest beside, by hash"


def _some(value: Any) -> str | None:
    if not value:
        return "the list is empty; name at least one"
    blank = [index for index, item in enumerate(value) if not isinstance(item, str) or not item.strip()]
    return f"entry {blank[0]} says nothing; write it in words or leave it out" if blank else None


filled = Check(_filled)
"""Text that is not blank."""

some = Check(_some)
"""A list with at least one entry, none of them blank."""


def one_of(*values: str) -> Check:
    """One of *values*."""

    def fault(value: Any) -> str | None:
        return None if value in values else f"{value!r} is none of {', '.join(values)}"

    return Check(fault, values)


def at_least(least: int) -> Check:
    """A whole number of at least *least*."""

    def fault(value: Any) -> str | None:
        return None if isinstance(value, int) and value >= least else f"{value!r} is not at least {least}"

    return Check(fault)
