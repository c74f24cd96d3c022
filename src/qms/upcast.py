"""Records of older versions, read as if they were of the newest: small steps from one version to the next.

Rule 1: a record says its version under ``v``; one that does not say is of version 1.
Rule 2: reading lifts it step by step. What is stored stays as it is: bytes, hashes and proofs are those of the day it was written.
Rule 3: a step is a pure function of the record's table, told once for each version; none can be left out or told twice.
Rule 4: a version that is not known here is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .errors import InvalidInput

__all__ = ["EVENTS", "Step", "Upcasters"]

Step: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Makes of a record's table the table that the next version would have written."""


class Upcasters:
    """The steps from version 1 to the `newest`.

    >>> cast = Upcasters()
    >>> @cast.step(1)
    ... def named(record):
    ...     return {key: value for key, value in record.items() if key != "who"} | {"by": record["who"]}
    >>> cast({"seq": 1, "who": "lan"})
    {'seq': 1, 'by': 'lan', 'v': 2}
    """

    def __init__(self) -> None:
        self._steps: list[Step] = []

    @property
    def newest(self) -> int:
        """The version that is written now."""
        return len(self._steps) + 1

    def step(self, version: int) -> Callable[[Step], Step]:
        """Register a function as the step from *version* to the one after it; steps are told in order.

        Raises:
            InvalidInput: it is not the next one.
        """
        if version != self.newest:
            raise InvalidInput(f"the next step goes from version {self.newest}, not from {version}", "version")

        def register(work: Step) -> Step:
            self._steps.append(work)
            return work

        return register

    def __call__(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """*record* as the newest version tells it; one of that version is given back as it is.

        Raises:
            InvalidInput: a version that is none, or newer than this library, or a step that gives no table back.
        """
        version = record.get("v", 1)
        if type(version) is not int or version < 1:
            raise InvalidInput(f"{version!r} is no version of a record; it is a whole number from 1 on", "v")
        if version > self.newest:
            raise InvalidInput(
                f"written by a newer qms (record version {version}, this one knows {self.newest}); upgrade qms", "v"
            )
        for number, work in enumerate(self._steps[version - 1 :], version + 1):
            lifted: object = work(record)
            if not isinstance(lifted, Mapping):
                name = getattr(work, "__qualname__", repr(work))
                raise InvalidInput(
                    f"the step {name} from version {number - 1} gives {lifted!r}; it must give a table back", "v"
                )
            record = {**lifted, "v": number}
        return record


EVENTS = Upcasters()
"""What `qms.event.read` lifts the records of cases by."""
