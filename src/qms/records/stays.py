"""Which unit held a file when, so that figures can be told for each by interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from ..calendar import WorkCalendar
from ..clock import clock_consumption
from ..event import Event, Opened
from ..limits import CountingRule
from ..state import Case, evolve

__all__ = ["Stay", "stays"]


@frozen
class Stay:
    """The time a *unit* held a file (µs UTC, half-open; *until* None: still), and how much of the main limit ran in it.

    *used* is told on the *axis* of the limit, as `qms.counting.Consumption` tells it; None where none was started.
    """

    unit: str | None
    since: int
    until: int | None
    used: int = 0
    axis: str | None = None


def stays(events: Iterable[Event], calendar: WorkCalendar, at: int) -> Iterator[Stay]:
    """Which unit held the case when, in order, with how much of its main limit ran in each stay, up to *at* (µs UTC).

    What a restart voided counts where it ran.
    """
    case: Case | None = None
    unit: str | None = None
    since = used = ran = 0
    axis: str | None = None
    for event in events:
        before, case = case, evolve(case, event)
        if before is None or isinstance(event, Opened):
            unit, since = case.unit, event.when.occurred
            continue
        begins = any(change.clock == case.origin.due and change.effect in ("start", "restart") for change in event.clocks)
        if begins or case.unit != unit:
            now, axis = _run(before, event.when.occurred, calendar, axis)
            used, ran = used + now - ran, 0 if begins else now
        if case.unit != unit:
            yield Stay(unit, since, event.when.occurred, used, axis)
            unit, since, used = case.unit, event.when.occurred, 0
    if case is not None:
        now, axis = _run(case, at, calendar, axis)
        yield Stay(unit, since, None, used + now - ran, axis)


def _run(case: Case, at: int, calendar: WorkCalendar, axis: str | None) -> tuple[int, str | None]:
    """What of the main limit has run by *at*, and on which axis."""
    clock = case.clocks.get(case.origin.due or "")
    if clock is None:
        return 0, axis
    run = clock_consumption(clock, max(at, clock.started), calendar, CountingRule.named(clock.rule))
    return run.consumed, run.axis
