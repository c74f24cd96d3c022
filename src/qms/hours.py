"""Open hours as tables: when an office opens and closes, and how much had been worked by then.

Rule 1: opens and closes are instants, in order; shifts that touch or overlap are one.
Rule 2: sums of working time stand beside them, so that any question about working time is a bisect and a subtraction.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import accumulate, islice
from operator import lt, sub

from attrs import frozen

from .errors import InvalidInput
from .instants import SECOND

__all__ = ["Hours", "lay_out", "micros"]


@frozen
class Hours:
    """Open hours as UTC instants, from *start* to *end*.

    `before[i]` was worked before opening i, and `away[i]` is the opening less that: within the shift, an instant less what
    was worked by then. Working day d closes at `closings[d]`, with `through[d + 1]` worked. `worked` is the sum of all.
    """

    start: int
    end: int
    opens: list[int]
    closes: list[int]
    before: list[int]
    away: list[int]
    closings: list[int]
    through: list[int]
    worked: int


def lay_out(start: int, end: int, days: Iterable[tuple[int, Sequence[tuple[int, int]]]]) -> Hours:
    """The tables of the shifts of each working day, told from an instant."""
    opens: list[int] = []
    closes: list[int] = []
    closings: list[int] = []
    shifts_upto: list[int] = [0]
    for midnight, shifts in days:
        for low, high in shifts:
            opens.append(midnight + low)
            closes.append(midnight + high)
        closings.append(closes[-1])
        shifts_upto.append(len(closes))
    apart = all(map(lt, opens, closes)) and all(map(lt, closes, islice(opens, 1, None)))
    if not apart:
        opens, closes = _merged(opens, closes)
    before = list(accumulate(map(sub, closes, opens), initial=0))
    if apart:
        through = [before[shifts] for shifts in shifts_upto]
    else:
        places = [bisect_left(opens, closing) - 1 for closing in closings]
        ends = zip(places, closings, strict=True)
        through = [0, *(before[i] + min(at, closes[i]) - opens[i] if i >= 0 else 0 for i, at in ends)]
    worked = before.pop()
    away = list(map(sub, opens, before))
    return Hours(start, max([end, *closes[-1:]]), opens, closes, before, away, closings, through, worked)


def _merged(opens: Sequence[int], closes: Sequence[int]) -> tuple[list[int], list[int]]:
    """Shifts that touch or overlap are one.

    A shift that begins in the hour that clocks skip may end before it begins (rule 5); it has no time.
    """
    low: list[int] = []
    high: list[int] = []
    for begin, stop in zip(opens, closes, strict=True):
        if stop <= begin:
            continue
        if high and begin <= high[-1]:
            high[-1] = max(high[-1], stop)
        else:
            low.append(begin)
            high.append(stop)
    return low, high


def micros(duration: timedelta) -> int:
    """*duration* in microseconds.

    Raises:
        InvalidInput: it is no duration.
    """
    if type(duration) is timedelta:
        return (duration.days * 86_400 + duration.seconds) * SECOND + duration.microseconds
    try:
        return round(duration.total_seconds() * SECOND)  # a pendulum.Duration cannot be divided
    except AttributeError:
        raise InvalidInput(f"{duration!r} is no duration; give a timedelta or a pendulum.duration") from None
