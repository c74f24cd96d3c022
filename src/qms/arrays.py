"""Whole arrays at once: the questions to a calendar, asked of a million days or moments in one call (extra ``fast``: numpy).

Rule 1: each element of an answer is what the scalar method answers for it; the tables are the same, gathered by numpy.
Rule 2: a day is ``datetime64[D]``, or a finer one that is exactly midnight; a moment is ``datetime64`` of any unit from hours
down. Nothing is cut off: a moment where a day is asked, or nanoseconds between two microseconds, are refused. Dates and
moments with a zone may be given as Python objects too, which is slower.
Rule 3: numpy's moments have no zone. They are UTC, in and out; with ``local=True`` they are what the clocks of the calendar's
zone show, a time that occurs twice or never being read as everywhere (`qms.instants`, rule 2).
Rule 4: NaT, and what lies outside the calendar, are refused; the message names the first such element: ``days[17]: ...``.

Only numpy is asked of arrays: a Series or any other column goes in through its array, and the answer is a numpy array of the
same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from .errors import InvalidInput, OutsideCalendar
from .hours import Hours, micros
from .instants import DAY, EPOCH, SECOND, Zone

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    ManyDays = ArrayLike | Sequence[date] | date
    ManyMoments = ArrayLike | Sequence[datetime] | datetime
    ManySpans = ArrayLike | Sequence[timedelta] | timedelta
    Ints = NDArray[np.int64]
    Days = NDArray[np.datetime64]

__all__ = ["Ladder", "Tables"]

NAT: Final = -(2**63)
_MICROS: Final = {"h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 1000, "us": 1}
_SPANS: Final = _MICROS | {"D": DAY, "W": 7 * DAY}
_FAR: Final = 2**62
_CLOSE: Final = 4


class Scalar(Protocol):
    """What is asked of a calendar to refuse one element in its own words."""

    def check(self, ordinal: int) -> int: ...
    def nth_working_day(self, ordinal: int, n: int) -> int: ...
    def work_before(self, us: int) -> int: ...
    def instant_of_work(self, work: int, *, latest: bool = False) -> int: ...


class Ladder:
    """How many of sorted *rungs* lie up to each of many values between *low* and *high*: what `numpy.searchsorted` answers.

    A grid of equal steps tells a rung close by, from which few steps are left; half a dozen times as fast over working hours,
    which lie about as evenly. Where they do not, it is `numpy.searchsorted` that answers.
    """

    def __init__(self, rungs: Ints, low: int, high: int) -> None:
        np = _numpy()
        places = max(1, 2 * len(rungs))
        self._rungs = rungs
        self._low, self._step = low, (high - low) // places + 1
        self._from: Ints = np.searchsorted(rungs, low + np.arange(places + 2) * self._step, side="left")
        self._most = int(np.diff(self._from).max())
        self._next: Ints = np.append(rungs, 2**63 - 1)

    def upto(self, values: Ints) -> Ints:
        """How many rungs are at most each value."""
        np = _numpy()
        if self._most > _CLOSE:
            return np.searchsorted(self._rungs, values, side="right")  # type: ignore[no-any-return]
        place = self._from.take((values - self._low) // self._step, mode="clip")
        for _ in range(self._most):
            place += self._next.take(place, mode="clip") <= values
        return place

    def below(self, values: Ints) -> Ints:
        """How many rungs are less than each value."""
        return self.upto(values - 1)


class Tables:
    """The tables of a calendar as arrays; made once for each calendar, when an array is first asked of it."""

    def __init__(self, first: int, kinds: bytes, hours: Hours, zone: Zone, calendar: Scalar) -> None:
        np = _numpy()
        self._calendar = calendar
        self._first = first
        self._base = first - EPOCH
        self._zone = zone
        self._works = np.frombuffer(kinds, dtype=np.uint8) < 2
        self._rank: Ints = np.concatenate([[0], np.cumsum(self._works, dtype=np.int64)])
        self._working: Days = (np.flatnonzero(self._works) + self._base).astype("datetime64[D]")
        self._start, self._end = hours.start, hours.end
        self._opens = Ladder(np.array(hours.opens, dtype=np.int64), hours.start, hours.end)
        self._before = Ladder(np.array(hours.before, dtype=np.int64), -1, hours.worked)
        closes: Ints = np.array(hours.closes, dtype=np.int64)
        self._away: Ints = np.array(hours.away, dtype=np.int64)
        self._worked = hours.worked
        # One place earlier each, so that what lies before the first opening needs no question.
        self._closes_by: Ints = np.concatenate([[hours.start], closes])
        self._away_by: Ints = np.concatenate([[hours.start], self._away])
        self._changes: Ints = np.array(zone.changes, dtype=np.int64)
        self._offsets: Ints = np.array(zone.offsets, dtype=np.int64)
        self._near: Ints = np.array(zone.near, dtype=np.int64)
        self._past: Ints = np.array(zone.past, dtype=np.int64)

    # -- days ----------------------------------------------------------------------------------------------------------

    def is_working_day(self, days: ManyDays) -> NDArray[np.bool_]:
        """`WorkCalendar.is_working_day` of each of *days*."""
        found: NDArray[np.bool_] = _shaped(self._works.take(self._indexes(days, "days"), mode="clip"), days)
        return found

    def count_working_days(self, after: ManyDays, upto: ManyDays) -> Ints:
        """`WorkCalendar.count_working_days` of each pair."""
        upon = self._rank[1:]
        low = upon.take(self._indexes(after, "after"), mode="clip")
        high = upon.take(self._indexes(upto, "upto"), mode="clip")
        _alike(after=low, upto=high)
        counted: Ints = _shaped(high - low, after, upto)
        return counted

    def add_working_days(self, days: ManyDays, n: ArrayLike) -> Days:
        """`WorkCalendar.add_working_days` of each of *days*; *n* is one number, or one for each."""
        index, steps = self._indexes(days, "days"), _whole(n, "n")
        _alike(days=index, n=steps)
        found: Days = _shaped(self._add_days(index, steps), days, n)
        return found

    def _add_days(self, index: Ints, steps: Ints) -> Days:
        np, size = _numpy(), len(self._works)
        clipped: Ints = np.clip(steps, -size - 1, size + 1)
        if steps.size == 1 and steps.ndim <= index.ndim:
            return self._add_same(index, int(clipped.item()), int(steps.item()))
        index, steps, clipped = np.broadcast_arrays(index, steps, clipped)
        place = np.where(clipped > 0, self._rank.take(index + 1) - 1, self._rank.take(index)) + clipped
        self._refuse_answers(((place < 0) | (place >= len(self._working))) & (clipped != 0), index, steps)
        if not len(self._working):
            return self._days(index)
        found: Days = np.where(clipped == 0, self._days(index), self._working.take(place, mode="clip"))
        return found

    def _add_same(self, index: Ints, n: int, asked: int) -> Days:
        """*n* working days from each: one table of all the answers, and one gathering."""
        if n == 0 or not index.size:
            return self._days(index)
        place = self._rank[1:] + (n - 1) if n > 0 else self._rank[:-1] + n
        good = (place >= 0) & (place < len(self._working))
        if not (good[index.min()] and good[index.max()]):  # to one side all answers are within the calendar
            self._refuse_answers(~good.take(index), index, _numpy().broadcast_to(asked, index.shape))
        found: Days = self._working.take(place, mode="clip").take(index, mode="clip")
        return found

    def _days(self, index: Ints) -> Days:
        return (index + self._base).view("datetime64[D]")

    def _indexes(self, days: ManyDays, name: str) -> Ints:
        """The places of *days* in the calendar, each within it."""
        numbers = _days_of(days, name)
        index: Ints = numbers - self._base
        if index.size and not (index.min() >= 0 and index.max() < len(self._works)):
            _refuse_nat(numbers, name)
            bad = (numbers < self._base) | (numbers >= self._base + len(self._works))
            _refuse(bad, name, lambda place: self._calendar.check(int(numbers[place]) + EPOCH))
        return index

    def _refuse_answers(self, bad: NDArray[np.bool_], index: Ints, steps: Ints) -> None:
        nth = self._calendar.nth_working_day
        _refuse(bad, "answer", lambda place: nth(int(index[place]) + self._first, int(steps[place])))

    # -- hours ---------------------------------------------------------------------------------------------------------

    def working_time(self, starts: ManyMoments, ends: ManyMoments, *, local: bool) -> NDArray[np.timedelta64]:
        """`WorkCalendar.working_time` of each pair."""
        low = self._work_before(self._instants(starts, "starts", local=local), "starts")
        high = self._work_before(self._instants(ends, "ends", local=local), "ends")
        _alike(starts=low, ends=high)
        found: NDArray[np.timedelta64] = _shaped((high - low).view("timedelta64[us]"), starts, ends)
        return found

    def add_working_time(self, moments: ManyMoments, durations: ManySpans, *, local: bool) -> Days:
        """`WorkCalendar.add_working_time` of each of *moments*; *durations* is one, or one for each."""
        start, spans = self._instants(moments, "moments", local=local), _spans(durations, "durations")
        _alike(moments=start, durations=spans)
        start, spans = _numpy().broadcast_arrays(start, spans)
        moved = spans != 0
        if moved.all():
            ends = self._add(start, spans, moved)
        else:
            ends = start.copy()
            ends[moved] = self._add(start[moved], spans[moved], moved)
        found: Days = _shaped(self._moments(ends, local=local), moments, durations)
        return found

    def _add(self, start: Ints, spans: Ints, asked: NDArray[np.bool_]) -> Ints:
        """The instants at which *spans*, none of them zero, have been worked after *start*: the elements *asked* of the question."""
        if not start.size:
            return start
        np = _numpy()
        before = self._work_before(start, "moments", asked)
        work = before + np.clip(spans, -_FAR // 2, _FAR // 2)
        low, high = int(work.min()), int(work.max())
        if low < 0 or high > self._worked or not self._worked:
            bad = (work < 0) | (work > self._worked) | (not self._worked)
            self._refuse_sums(bad, work, spans, asked)
        back = spans < 0
        place = (self._before.upto(work) if back.all() else self._before.below(work)) - 1
        if back.any() and not back.all():
            place = np.where(back, self._before.upto(work) - 1, place)
        found: Ints = self._away.take(np.maximum(place, 0)) + work
        return found

    def _refuse_sums(self, bad: NDArray[np.bool_], work: Ints, spans: Ints, asked: NDArray[np.bool_]) -> None:
        of = self._calendar.instant_of_work
        _refuse(bad, "answer", lambda place: of(int(work[place]), latest=bool(spans[place] < 0)), asked)

    def _work_before(self, us: Ints, name: str, asked: NDArray[np.bool_] | None = None) -> Ints:
        """The working time before each instant."""
        np = _numpy()
        if us.size and not (us.min() >= self._start and us.max() <= self._end):
            bad = (us < self._start) | (us > self._end)
            _refuse(bad, name, lambda place: self._calendar.work_before(int(us[place])), asked)
        place = self._opens.upto(us)
        found: Ints = np.minimum(us, self._closes_by.take(place)) - self._away_by.take(place)
        return found

    # -- zones ---------------------------------------------------------------------------------------------------------

    def _instants(self, moments: ManyMoments, name: str, *, local: bool) -> Ints:
        """*moments* in microseconds UTC."""
        us, objects = _moments_of(moments, name, self._zone.us)
        if not local or objects or not us.size:
            return us
        if self._zone.offset is not None:
            found: Ints = us - self._zone.offset
            return found
        np = _numpy()
        place = np.searchsorted(self._past, us, side="right")
        found = us - self._offsets.take(place)
        close = us >= self._near.take(place)
        close |= (us < self._changes[0] + DAY) | (us >= self._near[-1] - 2 * DAY)
        close &= (us > self._start - 2 * DAY) & (us < self._end + 2 * DAY)  # the others are refused later
        for which in zip(*np.nonzero(close), strict=True):
            days, time = divmod(int(us[which]), DAY)
            found[which] = self._zone.instant(EPOCH + days, time)
        return found

    def _moments(self, us: Ints, *, local: bool) -> Days:
        """Instants as numpy tells moments."""
        if not local:
            return us.view("datetime64[us]")
        if self._zone.offset is not None:
            us = us + self._zone.offset
            return us.view("datetime64[us]")
        np = _numpy()
        place = np.searchsorted(self._changes, us, side="right") - 1
        wall: Ints = us + self._offsets.take(np.maximum(place, 0))
        untold = (place < 0) | (us >= self._near[-1] - 2 * DAY)  # by the tables of the zone
        for which in zip(*np.nonzero(untold), strict=True):
            ordinal, time = self._zone.local(int(us[which]))
            wall[which] = (ordinal - EPOCH) * DAY + time
        return wall.view("datetime64[us]")


# -- what is given -----------------------------------------------------------------------------------------------------


def _numpy() -> Any:
    try:
        import numpy as np
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("whole arrays need numpy: pip install 'qms[fast]'", name="numpy") from error
    return np


def _array(values: object) -> Any:
    """*values* as an array of at least one dimension, in the byte order of the machine."""
    np = _numpy()
    found = np.atleast_1d(np.asarray(values))
    return found.astype(found.dtype.newbyteorder("="), copy=False)


def _shaped(found: Any, *given: object) -> Any:
    """*found* without a dimension where nothing *given* has one."""
    plain = (getattr(each, "ndim", 1 if hasattr(each, "__len__") else 0) == 0 for each in given)
    return found.reshape(()) if all(plain) else found


def _days_of(days: ManyDays, name: str) -> Ints:
    """*days* counted from 1970."""
    np = _numpy()
    array = _array(days)
    if array.dtype.kind == "O":
        return _each(array, name, _day)
    if not array.size and array.dtype.kind == "f":
        return array.astype(np.int64)  # type: ignore[no-any-return]
    unit = np.datetime_data(array.dtype) if array.dtype.kind == "M" else ("", 1)
    if unit not in ((u, 1) for u in ("D", "h", "m", "s", "ms", "us", "ns")):
        raise InvalidInput(f"{array.dtype} is no kind of day; give datetime64[D], or dates", name)
    numbers: Ints = array.astype("datetime64[D]", copy=False).view(np.int64)
    if unit[0] != "D":
        _refuse_nat(array, name)
        _refuse(numbers.view("datetime64[D]") != array, name, lambda place: _fail(f"{array[place]} is a moment; give its day"))
    return numbers


def _day(value: object) -> int:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise InvalidInput(f"{value!r} is no day; give a date")
    return value.toordinal() - EPOCH


def _moments_of(moments: ManyMoments, name: str, us: Callable[[Any], int]) -> tuple[Ints, bool]:
    """*moments* in microseconds since 1970, and whether they were Python objects, which know their zone."""
    array = _array(moments)
    if array.dtype.kind == "O":
        return _each(array, name, us), True
    if array.dtype.kind == "M" or array.size:
        return _micros_of(array, name, "M", _MICROS, "moment; give datetime64[us], or moments with a zone"), False
    return array.astype(_numpy().int64), False


def _spans(durations: ManySpans, name: str) -> Ints:
    """*durations* in microseconds."""
    np = _numpy()
    if isinstance(durations, timedelta):  # a pendulum.Duration is one too
        return np.array([micros(durations)], dtype=np.int64)  # type: ignore[no-any-return]
    array = _array(durations)
    if array.dtype.kind == "O":
        return _each(array, name, micros)
    if array.dtype.kind == "m" or array.size:
        return _micros_of(array, name, "m", _SPANS, "duration; give timedelta64[us], or timedeltas")
    return array.astype(np.int64)  # type: ignore[no-any-return]


def _micros_of(array: Any, name: str, kind: str, units: dict[str, int], mend: str) -> Ints:
    """An array of moments or durations in microseconds, none of them cut off."""
    np = _numpy()
    unit, step = np.datetime_data(array.dtype) if array.dtype.kind == kind else ("", 1)
    if step != 1 or (unit not in units and unit != "ns"):
        raise InvalidInput(f"{array.dtype} is no kind of {mend}", name)
    _refuse_nat(array, name)
    numbers: Ints = array.view(np.int64)
    if unit == "us":
        return numbers
    if unit == "ns":
        whole, rest = np.divmod(numbers, 1000)
        _refuse(rest != 0, name, lambda place: _fail(f"{array[place]} is no whole number of microseconds"))
        return whole  # type: ignore[no-any-return]
    most = _FAR // units[unit]  # further than any calendar reaches
    return np.clip(numbers, -most, most) * units[unit]  # type: ignore[no-any-return]


def _each(array: Any, name: str, read: Callable[[Any], int]) -> Ints:
    """Python objects as integers, read one by one."""
    np = _numpy()
    found = np.empty(array.shape, dtype=np.int64)
    for place in np.ndindex(array.shape):
        try:
            found[place] = read(array[place])
        except InvalidInput as error:
            raise InvalidInput(str(error), _named(name, place)) from None
    return found  # type: ignore[no-any-return]


def _whole(n: ArrayLike, name: str) -> Ints:
    np = _numpy()
    array = _array(n)
    if array.dtype.kind not in "iu" and array.size:
        raise InvalidInput(f"{array.dtype} is no kind of whole number; give integers", name)
    if array.dtype.kind == "u":
        array = np.minimum(array, np.uint64(_FAR))
    return array.astype(np.int64, copy=False)  # type: ignore[no-any-return]


# -- what is refused ---------------------------------------------------------------------------------------------------


def _alike(**given: Ints) -> None:
    """Refuse arrays that are not of one length, nor one of them a single element."""
    try:
        _numpy().broadcast_shapes(*(each.shape for each in given.values()))
    except ValueError:
        (name, one), (other, two) = given.items()
        shapes = [each.shape[0] if each.ndim == 1 else each.shape for each in (one, two)]
        raise InvalidInput(f"{shapes[1]} for {shapes[0]} of {name}; give as many, or one for all", other) from None


def _refuse_nat(array: Any, name: str) -> None:
    np = _numpy()
    if array.size and array.view(np.int64).min() == NAT:
        _refuse(array.view(np.int64) == NAT, name, lambda _: _fail("it is NaT; leave out what has no date"))


def _refuse(bad: Any, name: str, ask: Callable[[Any], object], asked: Any = None) -> None:
    """Refuse the first *bad* element in the words in which *ask* refuses it; *asked*: which elements are looked at, of all."""
    np = _numpy()
    if not bad.any():
        return
    place = tuple(int(each[0]) for each in np.nonzero(bad))
    whole = place if asked is None or asked.shape == bad.shape else tuple(int(each[place[0]]) for each in np.nonzero(asked))
    try:
        ask(place)
    except OutsideCalendar as error:
        raise OutsideCalendar(str(error), _named(name, whole)) from None
    except InvalidInput as error:
        raise InvalidInput(str(error), _named(name, whole)) from None
    raise AssertionError


def _named(name: str, place: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, place))}]"


def _fail(message: str) -> None:
    raise InvalidInput(message)
