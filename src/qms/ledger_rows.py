"""The rows of a ledger and what they come to, as data.

Rule 1: a row is a day, a part of one, or several whole days; what counted has an amount on the axis of the limit.
Rule 2: what an account rests on (rule, calendar, entries) is in it, so that words and JSON need nothing else.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen
from pendulum import Date, DateTime

from .calendar import Entry, WorkCalendar
from .limits import CountingRule, TimeLimit

__all__ = ["Account", "Move", "Row"]


@frozen
class Row:
    """One day, or a part of one, of a ledger.

    *kind* is ``counted``, ``not counted``, ``paused``, ``extended`` or ``void``; *code* says why; *amount* is on the *axis* of the limit
    (microseconds of time, or days). *start* and *end* are None where the whole day is meant. *basis* is what a pause, or
    the restart that made a run void, rests on, where whoever asked knew it.
    """

    day: Date
    last: Date
    kind: str
    code: str
    axis: str
    amount: int = 0
    start: DateTime | None = None
    end: DateTime | None = None
    entry: Entry | None = None
    basis: str | None = None

    @property
    def whole(self) -> bool:
        """Whether the row means whole days."""
        return self.start is None

    def to_tree(self) -> dict[str, Any]:
        """The row as data for JSON."""
        tree: dict[str, Any] = {
            "day": self.day.isoformat(),
            "last": self.last.isoformat(),
            "kind": self.kind,
            "code": self.code,
        }
        tree |= {"axis": self.axis, "amount": self.amount, "entry": self.entry.id if self.entry else None}
        tree["basis"] = self.basis
        tree |= {"start": self.start.isoformat() if self.start else None, "end": self.end.isoformat() if self.end else None}
        return {key: value for key, value in tree.items() if value is not None}


@frozen
class Move:
    """A move of the end of a period from the day *low* to the day *high*; *code* is the convention that moved it.

    ``rolled``, ``rolled-hours``, ``clear-day``, ``minimum``, ``recess`` or ``resumed-later``. A period counted back moves
    to earlier days.
    """

    code: str
    low: Date
    high: Date

    def to_tree(self) -> dict[str, str]:
        """The move as data for JSON."""
        return {"code": self.code, "from": self.low.isoformat(), "to": self.high.isoformat()}


@frozen
class Account:
    """What a ledger tells, as data: the rows, the end, and what both rest on."""

    started: DateTime
    limits: tuple[TimeLimit, ...]
    due: DateTime
    last_day: Date
    state: str
    rows: tuple[Row, ...]
    axis: str
    budget: int
    rolled: tuple[Date, Date] | None
    calendar: WorkCalendar = field(repr=False)
    rule: CountingRule = field(repr=False)
    moves: tuple[Move, ...] = ()

    @property
    def counted(self) -> int:
        """The sum of the counted rows, on the axis of the limit."""
        return sum(row.amount for row in self.rows if row.kind == "counted" and row.axis == self.axis)

    @property
    def provisional(self) -> tuple[Entry, ...]:
        """The entries on which the due date rests that are provisional."""
        return self.calendar.provisional(*self.span)

    @property
    def unverified(self) -> tuple[Entry, ...]:
        """The entries on which the due date rests that name no decision."""
        return self.calendar.unverified(*self.span)

    @property
    def span(self) -> tuple[Date, Date]:
        """The first and the last day on which the answer rests."""
        days = [self.started.date(), self.last_day, *(day for row in self.rows for day in (row.day, row.last))]
        return min(days), max(days)

    def to_tree(self) -> dict[str, Any]:
        """The ledger as data for JSON."""
        since = self.calendar.provisional_from
        return {
            "started": self.started.isoformat(),
            "limits": [str(limit) for limit in self.limits],
            "state": self.state,
            "due": self.due.isoformat(),
            "last_day": self.last_day.isoformat(),
            "axis": self.axis,
            "counted": self.counted,
            "budget": self.budget,
            "rows": [row.to_tree() for row in self.rows],
            "rolled": [day.isoformat() for day in self.rolled] if self.rolled else None,
            "moves": [move.to_tree() for move in self.moves],
            "rule": {"name": self.rule.name, "version": self.rule.version, "certainty": self.rule.certainty},
            "sources": {each.field: {"level": each.level, "text": each.text} for each in self.rule.sources},
            "calendar": {"name": self.calendar.name, "version": self.calendar.version},
            "entries": {entry.id: _entry(entry) for entry in dict.fromkeys(row.entry for row in self.rows) if entry},
            "provisional": [entry.id for entry in self.provisional],
            "unverified": [entry.id for entry in self.unverified],
            "provisional_from": since.isoformat() if since and since <= self.span[1] else None,
            "legal_advice": False,
        }


def _entry(entry: Entry) -> dict[str, Any]:
    """What an entry says of itself, for JSON; `None` where it names no decision."""
    return {
        "kind": entry.kind,
        "reason": dict(entry.reason),
        "decision": entry.decision or None,
        "source": entry.source or None,
        "layer": entry.layer or None,
        "provisional": entry.provisional,
    }
