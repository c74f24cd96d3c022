"""Working time as a straight line, for a simulation: positions in working seconds, instants in µs UTC.

Rule 1: a position is the working time since the first opening of the axis; closed time has no length.
Rule 2: a closed instant stands at the next opening; the end of a day and the next opening are one position, told as the end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from attrs import frozen

__all__ = ["SECOND", "Axis"]

SECOND = 1_000_000


@frozen
class Axis:
    """The open periods of a calendar, as parallel tuples: when each opens and closes, and the working µs before it."""

    opens: tuple[int, ...]
    closes: tuple[int, ...]
    before: tuple[int, ...]

    @classmethod
    def of(cls, periods: Iterable[tuple[int, int]]) -> Axis:
        """The axis over *periods*, (opening, closing) in µs, in order and apart."""
        opens, closes = zip(*periods, strict=True)
        lengths = (close - start for start, close in zip(opens, closes, strict=True))
        return cls(tuple(opens), tuple(closes), tuple(accumulate(lengths, initial=0)))

    def position(self, instant: int) -> int:
        """The working µs from the first opening to *instant*."""
        i = bisect_right(self.opens, instant) - 1
        if i < 0:
            return 0
        return self.before[i] + min(instant, self.closes[i]) - self.opens[i]

    def instant(self, position: int) -> int:
        """The instant at which *position* working µs have passed; the axis' last closing where they never do."""
        i = max(bisect_left(self.before, position) - 1, 0)
        if i >= len(self.opens):
            return self.closes[-1]
        return self.opens[i] + position - self.before[i]

    def later(self, instant: int, working: int) -> int:
        """The instant *working* µs of working time after *instant*."""
        return self.instant(self.position(instant) + working)

    def opening(self, instant: int) -> int:
        """*instant* where the office is open (not at its close), else the next opening."""
        i = bisect_right(self.closes, instant)
        return max(instant, self.opens[i]) if i < len(self.opens) else self.closes[-1]
