"""What laws of dates share: the minutes of a drawn calendar as instants, and answers that the calendar must reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import assume
from hypothesis import strategies as st

from qms.calendar import WorkCalendar
from qms.counting import due_us
from qms.errors import OutsideCalendar
from qms.limits import CountingRule, TimeLimit

MINUTE = 60_000_000
DAYS = 120
starts = st.integers(0, 25 * 1440)
"""Minutes of the first 25 days, so that most ends are reached."""
Answer = TypeVar("Answer")


def us(calendar: WorkCalendar, minute: int) -> int:
    """The instant so many minutes after the calendar's first."""
    return calendar.instant(calendar.first.toordinal(), 0) + minute * MINUTE


def spans_of(calendar: WorkCalendar, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pauses in minutes as instants."""
    return [(us(calendar, low), us(calendar, high)) for low, high in spans]


def reached(make: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
    """The answer, or a case that is left out because the calendar ends first."""
    try:
        return make(*args, **kwargs)
    except OutsideCalendar:
        assume(False)
        raise


def end_of(
    calendar: WorkCalendar, start: int, limit: TimeLimit, rule: CountingRule, spans: Sequence[tuple[int, int]] = ()
) -> int:
    """The due instant, where the calendar reaches it."""
    return reached(due_us, start, limit, calendar=calendar, rule=rule, pauses=spans)
