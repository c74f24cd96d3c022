"""Time limits and the rules by which they are counted: "15 working days" as data, each convention of a law by name.

Rule 1: units never convert into each other. Eight working hours are not a working day, thirty days are not a month.
Rule 2: every convention is a named field of a `CountingRule` and has its source. There is no default law.
Rule 3: a limit that cannot be read with certainty is refused, with the words that can be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import attrs
from attrs import field, frozen

from . import codec
from .errors import InvalidInput, Problem

__all__ = ["UNITS", "CountingRule", "SameDay", "Source", "TimeLimit"]

_SECOND: Final = 1_000_000
WORKED: Final = {"working minutes": 60 * _SECOND, "working hours": 3600 * _SECOND}
ELAPSED: Final = {"minutes": 60 * _SECOND, "hours": 3600 * _SECOND}
CALENDAR: Final = ("days", "weeks", "months", "years")
UNITS: Final = ("working days", "working hours", "working minutes", "same day", *CALENDAR, "hours", "minutes")

_VIETNAMESE: Final = {
    "working days": "ngày làm việc",
    "working hours": "giờ làm việc",
    "working minutes": "phút làm việc",
    "same day": "trong ngày",
    "days": "ngày",
    "weeks": "tuần",
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
_LIMIT: Final = re.compile(r"([0-9]{1,6}) +(\S.*)")
_LEVELS: Final = ("law", "practice", "analogy", "interpretation", "convention", "unverified")


@frozen(order=False)
class TimeLimit:
    """An amount of one unit: ``TimeLimit(15, "working days")``. Units are those of `UNITS`.

    >>> TimeLimit.parse("15 working days")
    TimeLimit(amount=15, unit='working days')
    >>> print(TimeLimit.parse("1 month").text("vi"))
    1 tháng
    """

    amount: int
    unit: str

    def __attrs_post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InvalidInput(f"{self.unit!r} is no unit of a limit; known: {', '.join(UNITS)}")
        if type(self.amount) is not int or self.amount < 0:
            raise InvalidInput(f"{self.amount!r} {self.unit} is no limit; the amount is a whole number")

    @classmethod
    def parse(cls, text: str) -> TimeLimit:
        """The limit that *text* names, in English or Vietnamese: ``15 working days``, ``8 giờ làm việc``, ``same day``.

        Raises:
            InvalidInput: no amount, a part of a unit, a sum, nothing at all; the message says how to write it.
        """
        if not isinstance(text, str):
            raise InvalidInput(f"{text!r} is no limit; {_MEND}")
        words = " ".join(unicodedata.normalize("NFC", text).split()).lower()
        if _READ.get(words) == "same day":
            return cls(1, "same day")
        match = _LIMIT.fullmatch(words)
        unit = _READ.get(match[2]) if match else None
        if match is None or unit is None or unit == "same day":
            raise InvalidInput(f"{text!r} is no limit; {_why(words)}")
        if int(match[1]) == 0:
            raise InvalidInput(f"{text!r} is no limit; the amount is at least 1")
        return cls(int(match[1]), unit)

    @property
    def counts_working_time(self) -> bool:
        """Whether the limit runs on working days or hours, and a pause is measured in working time."""
        return self.unit in _WORKING

    def text(self, language: str = "en") -> str:
        """The limit in words, in ``en`` or ``vi``."""
        if language == "vi":
            return _VIETNAMESE[self.unit] if self.unit == "same day" else f"{self.amount} {_VIETNAMESE[self.unit]}"
        if self.unit == "same day":
            return self.unit
        return f"{self.amount} {self.unit[:-1] if self.amount == 1 else self.unit}"

    def __str__(self) -> str:
        return self.text()


_WORKING: Final = frozenset({"working days", "working hours", "working minutes", "same day"})
_MEND: Final = 'write it as "15 working days", "8 working hours", "45 days", "1 month", "48 hours" or "same day"'


def _why(words: str) -> str:
    if re.match(r"[-−]", words):
        return f"a limit runs forward: leave out the sign, or {_MEND}"
    if re.match(r"[0-9]+[.,/½][0-9]*|½|half|nửa", words):
        return f"only whole amounts are counted; {_MEND}"
    if re.search(r"[0-9].*(\band\b|\bvà\b|\+|,).*[0-9]", words):
        return f"a sum of limits is not read; {_MEND}"
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

    *first_day*: the day of the start is ``excluded`` or ``included``. *month_end*: ``clamp`` takes the last day where a
    month has no such day. *roll*: where an end on a day off goes (``forward``, ``backward``, ``none``), and *roll_on* which
    kinds of day it leaves (``make-up`` too, in the literal reading). *end_of_day*: a last day ends at ``24:00`` (given as
    the first instant after it), at the ``close`` of the office, or at the ``wall`` time of the start. *same_day*: the
    cut-off. *pause*: working days lose the working time of a pause (``instants``) or its whole working ``days``.
    *compare*: lateness by ``instant`` or ``date``. *certainty*: what the rule as a whole rests on.
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
    title: Mapping[str, str] = field(factory=dict, hash=False)
    sources: tuple[Source, ...] = ()

    def __attrs_post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InvalidInput(problems)

    def _problems(self) -> Iterator[Problem]:
        for name, allowed in _ALLOWED.items():
            value = getattr(self, name)
            for one in value if isinstance(value, tuple) else (value,):
                if one not in allowed:
                    yield Problem(name, f"{one!r} is not known; write {', '.join(allowed)}")
        if self.end_of_day == "wall" and self.pause == "instants":
            yield Problem("pause", 'where the wall time is kept, pauses are measured in "days"')
        if self.same_day is not None and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", self.same_day.cutoff):
            yield Problem("same_day.cutoff", f"{self.same_day.cutoff!r} is no time of the day; write it as 15:00")
        if self.same_day is not None and self.same_day.until not in ("close", "opening"):
            yield Problem("same_day.until", f"{self.same_day.until!r} is not known; write close, opening")
        for index, source in enumerate(self.sources):
            if source.level not in _LEVELS:
                yield Problem(f"sources[{index}].level", f"{source.level!r} is not known; write {', '.join(_LEVELS)}")
            if source.field not in _FIELDS:
                yield Problem(f"sources[{index}].field", f"{source.field!r} is no field of a rule")

    @classmethod
    def named(cls, name: str) -> CountingRule:
        """The shipped rule *name*.

        Raises:
            NotFound: no such rule is shipped; the message lists those that are.
        """
        return _named(name)

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any], *, where: str = "") -> CountingRule:
        """The rule that a table of a TOML or JSON file describes.

        Raises:
            InvalidInput: with every fault and its path.
        """
        return codec.structure(tree, cls, _CONVERTER, where=where)

    def to_tree(self) -> dict[str, Any]:
        """Everything the rule says, as canonical data."""
        tree = attrs.asdict(self) | {"title": dict(self.title), "roll_on": list(self.roll_on)}
        tree["sources"] = [attrs.asdict(source) for source in self.sources]
        return {key: value for key, value in tree.items() if value is not None}

    @property
    def version(self) -> str:
        """The SHA-256 of `to_tree` in canonical form."""
        return _version_of(self)

    def source(self, name: str) -> Source | None:
        """What the convention *name* rests on."""
        return next((source for source in self.sources if source.field == name), None)


_ALLOWED: Final = {
    "first_day": ("excluded", "included"),
    "month_end": ("clamp",),
    "roll": ("forward", "backward", "none"),
    "roll_on": ("weekend", "holiday", "swapped_off", "closure", "make-up"),
    "end_of_day": ("24:00", "close", "wall"),
    "pause": ("instants", "days"),
    "compare": ("instant", "date"),
    "certainty": _LEVELS,
}
_FIELDS: Final = frozenset(attribute.name for attribute in attrs.fields(CountingRule))
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
