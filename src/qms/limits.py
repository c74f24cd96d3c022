"""Time limits and the rules by which they are counted: "15 working days" as data, each convention of a law by name.

Rule 1: units never convert into each other. Eight working hours are not a working day, thirty days are not a month. Half
a month is 15 days, counted last (BGB 189, CC 146(1)): a unit of its own.
Rule 2: every convention is a named field of a `CountingRule` and has its source. There is no default law.
Rule 3: a limit that cannot be read with certainty is refused, with the words that can be.
Rule 4: a sum runs from the larger unit to the smaller: months first, from the day of the start, then days (CPC 641).
Rule 5: a convention that a rule does not name is not applied: each that is rare has a default under which nothing happens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import attrs
from attrs import field, frozen

from . import codec
from .errors import InvalidInput, Problem

__all__ = ["UNITS", "CountingRule", "Cutoff", "Minimum", "Recess", "SameDay", "Scope", "Source", "TimeLimit"]

_SECOND: Final = 1_000_000
WORKED: Final = {"working minutes": 60 * _SECOND, "working hours": 3600 * _SECOND}
ELAPSED: Final = {"minutes": 60 * _SECOND, "hours": 3600 * _SECOND}
CALENDAR: Final = ("days", "weeks", "half months", "months", "years")
LARGER_FIRST: Final = CALENDAR[::-1]
UNITS: Final = ("working days", "working hours", "working minutes", "same day", *CALENDAR, "hours", "minutes")

_VIETNAMESE: Final = {
    "working days": "ngày làm việc",
    "working hours": "giờ làm việc",
    "working minutes": "phút làm việc",
    "same day": "trong ngày",
    "days": "ngày",
    "weeks": "tuần",
    "half months": "nửa tháng",
    "months": "tháng",
    "years": "năm",
    "hours": "giờ",
    "minutes": "phút",
}
_READ: Final = (
    {unit: unit for unit in UNITS}
    | {unit[:-1]: unit for unit in UNITS[:3] + UNITS[4:]}
    | {v: k for k, v in _VIETNAMESE.items()}
)
_HALF: Final = (
    (re.compile(r"\b([0-9]{1,6}) ?½ (?:months?|tháng)(?!\w)|\b([0-9]{1,6}) tháng rưỡi(?!\w)"), r"\1\2 months 1 half month"),
    (re.compile(r"(?<![0-9] )(?<![0-9])(?:half(?: a)? month|½ (?:a )?(?:months?|tháng)|nửa tháng)(?!\w)"), "1 half month"),
)
_PLUS: Final = re.compile(r" *(?:, |\+|\band\b|\bvà\b) *| (?=[0-9])")
_LIMIT: Final = re.compile(r"([0-9]{1,6}) +(\S.*)")
_LEVELS: Final = ("law", "practice", "analogy", "interpretation", "convention", "unverified")


@frozen(order=False, repr=False)
class TimeLimit:
    """An amount of one unit, ``TimeLimit(15, "working days")``, and what is counted *then*. Units are those of `UNITS`.

    Only calendar units can be summed, larger ones first: years, months, half months, weeks, days.

    >>> TimeLimit.parse("15 working days")
    TimeLimit(amount=15, unit='working days')
    >>> TimeLimit.parse("1 month and 15 days")
    TimeLimit(amount=1, unit='months', then=TimeLimit(amount=15, unit='days'))
    >>> print(TimeLimit.parse("1½ months").text("vi"))
    1 tháng và nửa tháng
    """

    amount: int
    unit: str
    then: TimeLimit | None = None

    def __attrs_post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InvalidInput(f"{self.unit!r} is no unit of a limit; known: {', '.join(UNITS)}")
        if type(self.amount) is not int or self.amount < 0:
            raise InvalidInput(f"{self.amount!r} {self.unit} is no limit; the amount is a whole number")
        if self.then is not None and not _follows(self.unit, self.then):
            raise InvalidInput(f"{self.unit} and then {self.then!r} is no limit; {_SUM}")

    @classmethod
    def parse(cls, text: str) -> TimeLimit:
        """The limit that *text* names, in English or Vietnamese: ``15 working days``, ``8 giờ làm việc``, ``same day``.

        A sum is written ``1 month and 15 days`` or ``1 tháng 15 ngày``, half a month ``half a month``, ``1½ months`` or
        ``nửa tháng``.

        Raises:
            InvalidInput: no amount, a part of a unit, a sum of units that do not add up; the message says how to write it.
        """
        if not isinstance(text, str):
            raise InvalidInput(f"{text!r} is no limit; {_MEND}")
        words = " ".join(unicodedata.normalize("NFC", text).split()).lower()
        if _READ.get(words) == "same day":
            return cls(1, "same day")
        plain = words
        for pattern, meant in _HALF:
            plain = pattern.sub(meant, plain)
        parts = [_part(text, words, part) for part in _PLUS.split(plain)]
        limit = cls(*parts.pop())
        while parts:
            amount, unit = parts.pop()
            if not _follows(unit, limit):
                raise InvalidInput(f"{text!r} is no limit; {_SUM}")
            limit = cls(amount, unit, limit)
        return limit

    @property
    def counts_working_time(self) -> bool:
        """Whether the limit runs on working days or hours, and a pause is measured in working time."""
        return self.unit in _WORKING

    @property
    def parts(self) -> tuple[TimeLimit, ...]:
        """What the limit sums, each a limit of its own; one that is no sum is its only part."""
        return (self,) if self.then is None else (TimeLimit(self.amount, self.unit), *self.then.parts)

    def text(self, language: str = "en") -> str:
        """The limit in words, in ``en`` or ``vi``."""
        words = self._words(language)
        return words if self.then is None else f"{words} {'và' if language == 'vi' else 'and'} {self.then.text(language)}"

    def _words(self, language: str) -> str:
        halved = self.unit == "half months" and self.amount == 1
        if language == "vi":
            return _VIETNAMESE[self.unit] if halved or self.unit == "same day" else f"{self.amount} {_VIETNAMESE[self.unit]}"
        if halved or self.unit == "same day":
            return "half a month" if halved else self.unit
        return f"{self.amount} {self.unit[:-1] if self.amount == 1 else self.unit}"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        then = "" if self.then is None else f", then={self.then!r}"
        return f"TimeLimit(amount={self.amount!r}, unit={self.unit!r}{then})"


_WORKING: Final = frozenset({"working days", "working hours", "working minutes", "same day"})
_MEND: Final = (
    'write it as "15 working days", "8 working hours", "45 days", "1 month", "1 month and 15 days", "48 hours" or "same day"'
)
_SUM: Final = f"only calendar units can be summed, each once and larger ones first: {', '.join(LARGER_FIRST)}"


def _follows(unit: str, then: TimeLimit) -> bool:
    """Whether *then* may be counted after a *unit*: both are calendar units, the larger one first."""
    return unit in CALENDAR and then.unit in CALENDAR and CALENDAR.index(then.unit) < CALENDAR.index(unit)


def _part(text: str, words: str, part: str) -> tuple[int, str]:
    """The amount and unit of a *part* of a limit; *text* is the whole as it was given, *words* as it is read."""
    match = _LIMIT.fullmatch(part)
    unit = _READ.get(match[2]) if match else None
    if match is None or unit is None or unit == "same day":
        raise InvalidInput(f"{text!r} is no limit; {_why(words)}")
    if int(match[1]) == 0:
        raise InvalidInput(f"{text!r} is no limit; the amount is at least 1")
    return int(match[1]), unit


def _why(words: str) -> str:
    if re.match(r"[-−]", words):
        return f"a limit runs forward: leave out the sign, or {_MEND}"
    if re.search(r"[0-9]+[.,/½][0-9]*|½|half|nửa|rưỡi", words):
        return f"only whole amounts are counted, and half months; {_MEND}"
    return _MEND


@frozen
class SameDay:
    """The same-day rule: received after *cutoff* (at it too when *inclusive*), the next working day.

    *until* says when on that next day: its ``close``, or its ``opening`` (ND 61 art. 18(2): the start of the next day).
    """

    cutoff: str = "15:00"
    inclusive: bool = False
    until: str = "close"

    @property
    def time(self) -> int:
        """The cut-off in microseconds of the day."""
        return _time_of(self.cutoff)


@frozen
class Cutoff:
    """What is received after the time *at* (at it too when *inclusive*) counts as received on the next working day.

    So does what is received on a day off: received later, nothing ends earlier.
    """

    at: str = "15:00"
    inclusive: bool = False

    def is_late(self, time: int) -> bool:
        """Whether the microsecond *time* of a day is past it."""
        cut = _time_of(self.at)
        return time >= cut if self.inclusive else time > cut


@frozen
class Minimum:
    """A period of at least *within* days holds at least so many *working_days*, and is made longer until it does."""

    working_days: int
    within: int


@frozen
class Scope:
    """The longest limits over which a rule moves an end: so many *days*, *weeks*, *months*, *years*; 0: none of that unit."""

    days: int = 0
    weeks: int = 0
    months: int = 0
    years: int = 0

    def holds(self, limit: TimeLimit) -> bool:
        """Whether *limit* lies within; a sum by its largest unit, which something added takes past the longest."""
        if limit.unit == "half months":
            return limit.amount * 15 + (limit.then is not None) <= self.days
        longest: int = getattr(self, limit.unit, 0)
        return limit.amount + (limit.then is not None) <= longest


@frozen
class Recess:
    """Days that never count, such as court holidays: *spans* of each year, ``07-15/08-15``, or of one, ``2026-12-18/2027-01-02``.

    A span may hang on Easter Sunday: ``easter-7/easter+7``. Of a period started within a recess the first day after it is
    *first_day* ``counted`` (ZPO 146(1)), or ``excluded`` like the day of an event.
    """

    spans: tuple[str, ...]
    first_day: str = "counted"

    def days(self, first: int, last: int) -> tuple[tuple[int, int], ...]:
        """The spans, as ordinals of their first and last days, that meet ``first..last``, in order, each day once."""
        return tuple((low, high) for low, high in _recesses(self.spans, first, last) if low <= last and high >= first)

    def until(self, ordinal: int) -> int:
        """The last day of the recess in which a day lies, or the day before it where it lies in none."""
        found = self.days(ordinal, ordinal)
        return found[0][1] if found else ordinal - 1


@frozen
class Source:
    """What a convention rests on: the *field* of the rule, the *level* (law, practice, analogy...), the *text* cited.

    *vi* cites it in Vietnamese.
    """

    field: str
    level: str
    text: str
    vi: str = ""

    def words(self, language: str = "en") -> str:
        """The citation in a language."""
        return self.vi if language == "vi" and self.vi else self.text


@frozen
class CountingRule:
    """How a legal system counts periods; each convention is a field.

    *first_day*: the day of the start is ``excluded`` or ``included``; where days end at the close, not one that is over. *month_end*: ``clamp`` takes the last day where a
    month has no such day. *roll*: where an end on a day off goes (``forward``, ``backward``, ``none``), and *roll_on* which
    kinds of day it leaves (``make-up`` too, in the literal reading). *end_of_day*: a last day ends at ``24:00`` (given as
    the first instant after it), at the ``close`` of the office, or at the ``wall`` time of the start. *same_day*: the
    cut-off. *pause*: working days lose the working time of a pause (``instants``) or its whole working ``days``.
    *compare*: lateness by ``instant`` or ``date``. *certainty*: what the rule as a whole rests on.

    What few laws have: *last_day* ``excluded`` leaves the day of expiry out too (délai franc, clear days); *minimum* working
    days within a period (1182/71 art. 3(5)); *short*: periods of up to so many days count working days only (CPR 2.8(4));
    *scope*: the longest limits whose end is moved (Algemene termijnenwet art. 4); *first_hour* ``excluded`` starts hours at
    the next full one (1182/71 art. 3(1)); *roll_hours* ``same-time`` takes their end to the next working day (FRCP
    6(a)(2)(C)); *recess*: days that never count; *cutoff*: received after it is received on the next working day.
    Periods counted back have *backward_roll* (``none``, ``backward``, ``forward``) and *backward_last_day*.
    """

    name: str
    first_day: str
    roll: str
    end_of_day: str
    certainty: str
    month_end: str = "clamp"
    roll_on: tuple[str, ...] = ()
    same_day: SameDay | None = None
    pause: str = "instants"
    compare: str = "instant"
    last_day: str = "included"
    minimum: Minimum | None = None
    short: int = 0
    scope: Scope | None = None
    first_hour: str = "included"
    roll_hours: str = "none"
    recess: Recess | None = None
    cutoff: Cutoff | None = None
    backward_roll: str = "none"
    backward_last_day: str = "included"
    title: Mapping[str, str] = field(factory=dict, hash=False)
    sources: tuple[Source, ...] = ()
    rare: bool = field(init=False, repr=False, eq=False)
    """Whether any convention is named that few laws have, so that the engine asks once."""

    def __attrs_post_init__(self) -> None:
        rare = self.ends_with_office or any(getattr(self, name) != value for name, value in _RARE.items())
        object.__setattr__(self, "rare", rare)
        problems = [*self._problems_of_kind()]
        problems = problems or [*self._problems(), *self._problems_of_parts()]
        if problems:
            raise InvalidInput(problems)

    def _problems_of_kind(self) -> Iterator[Problem]:
        for name, kind in _PARTS.items():
            value = getattr(self, name)
            if (value is not None or name == "title") and not isinstance(value, kind):
                yield Problem(name, f"{value!r} is no {kind.__name__}; from a file it is a table")
            elif isinstance(value, Minimum | Scope) and any(type(part) is not int for part in attrs.astuple(value)):
                yield Problem(name, f"{value!r}: whole numbers are expected")
        sources: object = self.sources
        if not isinstance(sources, tuple) or not all(isinstance(source, Source) for source in sources):
            yield Problem("sources", f"{sources!r} are no sources; give a tuple of Source")

    def _problems(self) -> Iterator[Problem]:
        for name, allowed in _ALLOWED.items():
            value = getattr(self, name)
            for one in value if isinstance(value, tuple) else (value,):
                if one not in allowed:
                    yield Problem(name, f"{one!r} is not known; write {', '.join(allowed)}")
        if self.end_of_day == "wall" and self.pause == "instants":
            yield Problem("pause", 'where the wall time is kept, pauses are measured in "days"')
        if self.same_day is not None and not _CLOCK.fullmatch(str(self.same_day.cutoff)):
            yield Problem("same_day.cutoff", f"{self.same_day.cutoff!r} is no time of the day; write it as 15:00")
        if self.same_day is not None and self.same_day.until not in ("close", "opening"):
            yield Problem("same_day.until", f"{self.same_day.until!r} is not known; write close, opening")
        for index, source in enumerate(self.sources):
            if source.level not in _LEVELS:
                yield Problem(f"sources[{index}].level", f"{source.level!r} is not known; write {', '.join(_LEVELS)}")
            if source.field not in _FIELDS:
                yield Problem(f"sources[{index}].field", f"{source.field!r} is no field of a rule")

    def _problems_of_parts(self) -> Iterator[Problem]:
        if type(self.short) is not int or self.short < 0:
            yield Problem("short", f"{self.short!r} is no number of days; write 0 where no period is short")
        if self.minimum is not None and not 1 <= self.minimum.working_days <= self.minimum.within:
            yield Problem("minimum", "a period holds at least one working day, and no more than its days")
        if self.scope is not None and min(attrs.astuple(self.scope)) < 0:
            yield Problem("scope", "the longest limits are whole numbers, 0 where a unit is not meant")
        if self.cutoff is not None and not _CLOCK.fullmatch(str(self.cutoff.at)):
            yield Problem("cutoff.at", f"{self.cutoff.at!r} is no time of the day; write it as 15:00")
        if self.recess is not None:
            if self.recess.first_day not in ("counted", "excluded"):
                yield Problem("recess.first_day", f"{self.recess.first_day!r} is not known; write counted, excluded")
            for index, span in enumerate(self.recess.spans):
                if not _is_span(span):
                    yield Problem(f"recess.spans[{index}]", f"{span!r} is no recess; {_SPANS}")

    @property
    def ends_with_office(self) -> bool:
        """Whether the day of the start counts and ends at the close, so that one begun after it counts from the next day."""
        return self.first_day == "included" and self.end_of_day == "close"

    @classmethod
    def named(cls, name: str) -> CountingRule:
        """The shipped rule *name*.

        Raises:
            NotFound: no such rule is shipped; the message lists those that are.
        """
        return _named(str(name))

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], *, where: str = "") -> CountingRule:
        """The rule that a table of a TOML or JSON file describes.

        Raises:
            InvalidInput: with every fault and its path.
        """
        return codec.structure(tree, cls, _CONVERTER, where=where)

    def to_tree(self) -> dict[str, Any]:
        """Everything the rule says, as canonical data; a convention that few laws have stands in it where it is named."""
        tree = attrs.asdict(self) | {"title": dict(self.title), "roll_on": list(self.roll_on)}
        tree["sources"] = [attrs.asdict(source) for source in self.sources]
        del tree["rare"]
        for name, value in _BACKWARD.items():
            if getattr(self, name) == value:
                del tree[name]
        return {key: value for key, value in tree.items() if value is not None}

    @property
    def version(self) -> str:
        """The SHA-256 of `to_tree` in canonical form."""
        return _version_of(self)

    def source(self, name: str) -> Source | None:
        """What the convention *name* rests on."""
        return next((source for source in self.sources if source.field == name), None)


_PARTS: Final[Mapping[str, type]] = {
    "same_day": SameDay,
    "minimum": Minimum,
    "scope": Scope,
    "recess": Recess,
    "cutoff": Cutoff,
    "title": Mapping,
}
_ALLOWED: Final = {
    "first_day": ("excluded", "included"),
    "month_end": ("clamp",),
    "roll": ("forward", "backward", "none"),
    "roll_on": ("weekend", "holiday", "swapped_off", "closure", "make-up"),
    "end_of_day": ("24:00", "close", "wall"),
    "pause": ("instants", "days"),
    "compare": ("instant", "date"),
    "last_day": ("included", "excluded"),
    "first_hour": ("included", "excluded"),
    "roll_hours": ("none", "same-time"),
    "backward_roll": ("none", "backward", "forward"),
    "backward_last_day": ("included", "excluded"),
    "certainty": _LEVELS,
}
_RARE: Final[Mapping[str, Any]] = {
    "last_day": "included",
    "minimum": None,
    "short": 0,
    "scope": None,
    "first_hour": "included",
    "roll_hours": "none",
    "recess": None,
    "cutoff": None,
}
_BACKWARD: Final[Mapping[str, Any]] = {**_RARE, "backward_roll": "none", "backward_last_day": "included"}
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_FIELDS: Final = frozenset(attribute.name for attribute in attrs.fields(CountingRule) if attribute.init)
_CONVERTER: Final = codec.make_converter()


# Not functools.cached_property: on a class with slots it slows every other attribute down.


@lru_cache(maxsize=64)
def _time_of(cutoff: str) -> int:
    hours, minutes = cutoff.split(":")
    return (int(hours) * 60 + int(minutes)) * 60 * _SECOND


@lru_cache(maxsize=256)
def _version_of(rule: CountingRule) -> str:
    return codec.digest(rule.to_tree())


@lru_cache(maxsize=64)
def _named(name: str) -> CountingRule:
    return CountingRule.from_tree(codec.shipped("rules", name), where=f"rules/{name}.toml")


# -- recesses ----------------------------------------------------------------------------------------------------------

_SPANS: Final = 'write it as "07-15/08-15", "2026-12-18/2027-01-02" or "easter-7/easter+7"'
_EASTER: Final = re.compile(r"easter(?:([+-])([0-9]{1,3}))?")


def _is_span(span: str) -> bool:
    """Whether a recess can be read, and runs forward."""
    low, _, high = str(span).partition("/")
    try:
        first, last = _day_of(low, 2023), _day_of(high, 2023)
    except ValueError:
        return False
    return first <= last or (len(low) == len(high) == len("07-15"))


def _day_of(text: str, year: int) -> int:
    """The ordinal of an end of a recess in a year; a full date is the same in each."""
    if match := _EASTER.fullmatch(text):
        days = int(match[2] or 0)
        return easter(year).toordinal() + (-days if match[1] == "-" else days)
    return date.fromisoformat(text if len(text) == len("2023-07-15") else f"{year:04}-{text}").toordinal()


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (J.-M. Oudin's form of the rule of 1582)."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = epact - (epact // 28) * (1 - (epact // 28) * (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    return date(year, 3, 1) + timedelta(moon - weekday + 27)


@lru_cache(maxsize=256)
def _recesses(spans: tuple[str, ...], first: int, last: int) -> tuple[tuple[int, int], ...]:
    """The days of *spans* in the years about ``first..last``; those that touch or overlap are one."""
    found: set[tuple[int, int]] = set()
    for year in range(max(date.fromordinal(first).year - 1, 1), min(date.fromordinal(last).year + 1, 9999) + 1):
        for span in spans:
            low, high = (_day_of(part, year) for part in span.split("/"))
            if high < low:
                high = _day_of(span.split("/")[1], min(year + 1, 9999))
            found.add((low, high))
    merged: list[tuple[int, int]] = []
    for low, high in sorted(found):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)
