"""Destruction of what is kept no longer: the list of cases, and what its board says of it.

Rule 1: a list names cases and the decision it rests on; every new list is approved anew.
Rule 2: who made the list does not approve it, and two approve. That is good practice here, in the spirit of the boards that
archive law asks for, and no clause of ISO 9001.
"""

from __future__ import annotations

from attrs import field, frozen

from .checks import Check, filled, some

__all__ = ["DestructionList", "DestructionNote"]

MOST = 1000


def _apart(value: object) -> str | None:
    fault = some.fault(value)
    if fault is None and isinstance(value, (list, tuple)):
        if len(set(value)) != len(value):
            return "a case stands there twice; name each once"
        if len(value) > MOST:
            return f"{len(value)} cases are more than {MOST}; make several lists"
    return fault


@frozen(kw_only=True)
class DestructionList:
    """The cases whose personal values are to be destroyed, and the decision or schedule that says so (7.5.3.2 d)."""

    cases: tuple[str, ...] = field(validator=Check(_apart))
    basis: str = field(validator=filled)


@frozen(kw_only=True)
class DestructionNote:
    """A word of who approves, sends back or withdraws; none is needed."""

    note: str | None = field(default=None, validator=filled)
