"""How long cases stood at each step: what the acts of a replay say, in working and in elapsed time.

Rule 1: a stay runs from the act that put the token to the act that took it. A stay that has not ended is no figure.
Rule 2: a stay that ends before it begins (an end that the register dates before the work) is none; such dates are findings elsewhere.
Rule 3: working time is that of the calendar given; where it does not cover a stay, there is none for it.
Rule 4: the median says what is usual, the 90th percentile what nine of ten stay below; both lie between neighbours by proportion.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen

from ..calendar import WorkCalendar
from ..errors import OutsideCalendar
from ..event import Acted
from ..measure.logstats import percentile
from ..process import Process

__all__ = ["Dwelling", "Spread", "StepTime", "slowest"]

SLOWEST = 10


@frozen
class Spread:
    """The median and the 90th percentile, in µs; None where nothing was measured."""

    median: int | None
    p90: int | None

    @classmethod
    def of(cls, values: Iterable[int]) -> Spread:
        """The spread of *values*, in any order."""
        ordered = sorted(values)
        return cls(percentile(ordered, 50), percentile(ordered, 90))

    def to_tree(self) -> dict[str, Any]:
        """The figures by name."""
        return {"median_us": self.median, "p90_us": self.p90}


@frozen
class StepTime:
    """How long the *n* stays at *step* took, in working and in elapsed time."""

    step: str
    title: str
    n: int
    working: Spread
    elapsed: Spread

    def to_tree(self) -> dict[str, Any]:
        """The figures by name."""
        told: dict[str, Any] = {"step": self.step, "title": self.title, "n": self.n}
        return told | {"working": self.working.to_tree(), "elapsed": self.elapsed.to_tree()}


class Dwelling:
    """The stays of cases at steps, learned from their acts in order; working time is that of *calendar*."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._since: dict[str, dict[str, int]] = {}
        self._stays: dict[str, tuple[array[int], array[int]]] = {}

    def learn(self, case: str, acts: Iterable[Acted]) -> None:
        """Take in the next *acts* of *case*."""
        since = self._since.setdefault(case, {})
        for act in acts:
            at = act.when.occurred
            for step in act.left:
                start = since.pop(step, None)
                if start is not None and at >= start:
                    self._stay(step, start, at)
            for step in act.put:
                since.setdefault(step, at)

    def _stay(self, step: str, start: int, end: int) -> None:
        stays = self._stays.get(step)
        if stays is None:
            stays = self._stays[step] = (array("q"), array("q"))
        stays[1].append(end - start)
        try:
            stays[0].append(self._calendar.work_before(end) - self._calendar.work_before(start))
        except OutsideCalendar:
            return

    def times(self, process: Process) -> tuple[StepTime, ...]:
        """Each step of *process* at which a stay has ended, in the order of the definition."""
        return tuple(
            StepTime(step, process.title(step), len(stays[1]), Spread.of(stays[0]), Spread.of(stays[1]))
            for step in process.definition.steps
            if (stays := self._stays.get(step)) is not None
        )


def slowest(steps: Sequence[StepTime], n: int = SLOWEST) -> tuple[StepTime, ...]:
    """The *n* steps with the longest median of working time, then of elapsed time."""

    def length(step: StepTime) -> tuple[int, int, str]:
        return (-(step.working.median or 0), -(step.elapsed.median or 0), step.step)

    return tuple(sorted(steps, key=length)[:n])
