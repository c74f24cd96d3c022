"""Indicators: how many, how many in time, and what most of the trouble comes from.

Rule 1: a rate is two counts; the percentage is made from them once, in whole numbers, rounded half up to two decimals.
        Floats round 797/800 to 99.62; it is 99.63.
Rule 2: nothing done is no rate: 0 of 0 is None, never 0 % and never 100 %.
Rule 3: every cohort is named and checked: carried over + received = done + open, each counted by itself, so that a case
        which ended before it began shows as a line that does not balance instead of vanishing.
Rule 4: timeliness and outcome are two things: early, on time, late say when; refused, withdrawn, stopped say how else it closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from attrs import frozen

from ..errors import InvalidInput, Problem

__all__ = ["Cause", "Item", "Line", "Table", "Timeliness", "pareto", "percent", "table", "wilson"]

IN_TIME = ("early", "on-time", "late")
OTHERWISE = ("refused", "withdrawn", "stopped")
VITAL = 80
"""The share of all, in percent, that the vital few causes make up (ISO/TR 10017, Pareto)."""


def percent(part: int, whole: int) -> Decimal | None:
    """*part* of *whole* in percent, half up to two decimals; None where *whole* is 0.

    >>> print(percent(797, 800), percent(0, 0))
    99.63 None

    Raises:
        InvalidInput: a negative count, or more in the part than in the whole: two different cohorts were mixed.
    """
    if not 0 <= part <= whole:
        raise InvalidInput(f"{part} of {whole} is no share: count the part within the whole")
    return _hundredths((20_000 * part + whole) // (2 * whole)) if whole else None


def _hundredths(number: int) -> Decimal:
    return Decimal((0, tuple(map(int, str(number))), -2))


def wilson(part: int, whole: int, z: Decimal = Decimal("1.959963984540054")) -> tuple[Decimal, Decimal] | None:
    """The interval, in percent, that holds the true rate behind *part* of *whole* (Wilson 1927); 95 % unless *z* says otherwise.

    Unlike the textbook interval it stays within 0..100 and keeps its promise for small counts. None where *whole* is 0.

    >>> print(*wilson(9, 10))
    59.58 98.21

    Raises:
        InvalidInput: as for `percent`.
    """
    if percent(part, whole) is None:
        return None
    with localcontext(Context(prec=40, rounding=ROUND_HALF_UP)):
        n, square = Decimal(whole), z * z
        share = part / n
        middle = (share + square / (2 * n)) / (1 + square / n)
        spread = z * (share * (1 - share) / n + square / (4 * n * n)).sqrt() / (1 + square / n)
        low, high = max(Decimal(0), middle - spread), min(Decimal(1), middle + spread)
        return (100 * low).quantize(_CENT), (100 * high).quantize(_CENT)


_CENT = Decimal("0.01")


@frozen
class Timeliness:
    """How many ended early (on an earlier local date), on time and late. `+` adds two."""

    early: int = 0
    on_time: int = 0
    late: int = 0

    @classmethod
    def of(cls, words: Iterable[str]) -> Timeliness:
        """The counts of *words*, each ``early``, ``on-time`` or ``late``.

        Raises:
            InvalidInput: another word.
        """
        counts = Counter(words)
        if odd := sorted(set(counts) - set(IN_TIME)):
            raise InvalidInput(f"{', '.join(map(repr, odd))}: timeliness is one of {', '.join(IN_TIME)}")
        return cls(*(counts[word] for word in IN_TIME))

    @property
    def done(self) -> int:
        """All that ended."""
        return self.early + self.on_time + self.late

    @property
    def rate(self) -> Decimal | None:
        """Percent that ended early or on time; None where nothing ended."""
        return percent(self.early + self.on_time, self.done)

    def __add__(self, other: Timeliness) -> Timeliness:
        return Timeliness(self.early + other.early, self.on_time + other.on_time, self.late + other.late)


@frozen
class Item:
    """One case as a table counts it: its field, when it came and ended (µs UTC), how, and whether its clock stands still."""

    key: str
    field: str
    received: int
    ended: int | None = None
    result: str | None = None
    paused: bool = False

    def __attrs_post_init__(self) -> None:
        if self.result not in (None, *IN_TIME, *OTHERWISE):
            raise InvalidInput(f"{self.result!r} is no result; it is one of {', '.join(IN_TIME + OTHERWISE)}", self.key)
        if (self.ended is None) != (self.result is None):
            raise InvalidInput("a case that ended has a result, and one that is open has none", self.key)


@frozen
class Line:
    """One field's line of the table; `open` counts the paused too."""

    field: str
    carried_over: int = 0
    received: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    refused: int = 0
    withdrawn: int = 0
    stopped: int = 0
    open: int = 0
    paused: int = 0

    @property
    def timeliness(self) -> Timeliness:
        """Early, on time and late of this line."""
        return Timeliness(self.early, self.on_time, self.late)

    @property
    def closed_otherwise(self) -> int:
        """Refused at intake, withdrawn or stopped."""
        return self.refused + self.withdrawn + self.stopped

    @property
    def done(self) -> int:
        """All that ended within the period, however."""
        return self.early + self.on_time + self.late + self.closed_otherwise

    @property
    def rate(self) -> Decimal | None:
        """Percent in time among those that were worked to their end; None where none was."""
        return self.timeliness.rate

    @property
    def balanced(self) -> bool:
        """Whether carried over + received = done + open."""
        return self.carried_over + self.received == self.done + self.open


@frozen
class Table:
    """The lines by field, in order of field, and their sum."""

    lines: tuple[Line, ...]
    total: Line

    def check(self) -> tuple[Problem, ...]:
        """Every line that does not balance, in words; none when all do."""
        return tuple(
            Problem(
                line.field,
                f"carried over {line.carried_over} + received {line.received} are not done {line.done} + open {line.open}",
            )
            for line in (*self.lines, self.total)
            if not line.balanced
        )


def table(items: Iterable[Item], start: int, end: int, *, total: str = "total") -> Table:
    """The work of ``[start, end)`` (µs UTC) by field. Each figure is counted by its own question, so `Table.check` means something.

    Carried over: received before *start* and not ended by then. Open: received before *end* and not ended by then.
    """
    counts: dict[str, Counter[str]] = {}
    for item in items:
        here = counts.setdefault(item.field, Counter())
        ended = item.ended
        if item.received < start and (ended is None or ended >= start):
            here["carried_over"] += 1
        if start <= item.received < end:
            here["received"] += 1
        if ended is not None and start <= ended < end:
            here[str(item.result).replace("-", "_")] += 1
        if item.received < end and (ended is None or ended >= end):
            here["open"] += 1
            here["paused"] += item.paused
    whole = sum(counts.values(), Counter[str]())
    return Table(tuple(Line(name, **counts[name]) for name in sorted(counts)), Line(total, **whole))


@frozen
class Cause:
    """One line of a Pareto: how often, its share, the share of it and all before it, and whether it is of the vital few."""

    key: str
    n: int
    share: Decimal
    cumulative: Decimal
    vital: bool


def pareto(causes: Mapping[str, int] | Iterable[str]) -> tuple[Cause, ...]:
    """The causes by count, most frequent first, equal counts by key.

    The vital few are the fewest of them that make up at least 80 % of all. Shares are in percent, half up to two decimals,
    each from the counts, so no rounding adds up. A cause that never occurred is left out.

    >>> [(c.key, c.n, str(c.cumulative), c.vital) for c in pareto({"late papers": 8, "illness": 1, "error": 1})]
    [('late papers', 8, '80.00', True), ('error', 1, '90.00', False), ('illness', 1, '100.00', False)]

    Raises:
        InvalidInput: a negative count.
    """
    counts = dict(causes) if isinstance(causes, Mapping) else Counter(causes)
    if wrong := [Problem(key, f"a cause cannot occur {n} times") for key, n in counts.items() if n < 0]:
        raise InvalidInput(wrong)
    whole, sum_before, lines = sum(counts.values()), 0, []
    for key, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if n:
            vital = sum_before * 100 < VITAL * whole
            sum_before += n
            lines.append(Cause(key, n, _share(n, whole), _share(sum_before, whole), vital))
    return tuple(lines)


def _share(part: int, whole: int) -> Decimal:
    return _hundredths((20_000 * part + whole) // (2 * whole))
