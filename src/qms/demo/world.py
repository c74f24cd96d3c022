"""The simulated district: its units, who works there, and when people come.

Rule 1: everything here is invented. No figure is taken from a real office and none is aimed at.
Rule 2: one seed, one year: every draw comes from the same `random.Random`.
Rule 3: there are enough people for four-eyes everywhere, and staff grows with the number of dossiers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from attrs import define, field, frozen

from ..authority import Grant, Roster
from ..calendar import WorkCalendar
from ..process import Procedure
from .axis import SECOND, Axis

__all__ = [
    "CARRIED_FROM",
    "COMMUNES",
    "MINUTE",
    "YEAR",
    "Chances",
    "Desk",
    "Staff",
    "Unit",
    "arrivals",
    "staff_for",
    "units_for",
]

YEAR = 2021
CARRIED_FROM = date(2020, 12, 7)
"""Dossiers received from this day on may be carried over into the year."""
COMMUNES = ("commune-an-thanh", "commune-long-phu", "commune-tan-loc")
MINUTE = 60 * SECOND


@frozen
class Chances:
    """How often things happen that are not the rule, between 0 and 1; how long they take, in days. All invented."""

    online: float = 0.3
    not_ours: float = 0.008
    incomplete: float = 0.04
    incomplete_online: float = 0.09
    trouble: float = 0.035
    trouble_days: float = 3.0
    trouble_at_counter: float = 0.012
    trouble_days_at_counter: float = 0.7
    missing_papers: float = 0.05
    days_to_supplement: float = 5.0
    hours_to_ask: float = 6.0
    never_brought: float = 0.05
    visited: float = 0.6
    days_to_pay: float = 6.0
    refused: float = 0.025
    refused_at_counter: float = 0.003
    sent_back: float = 0.02
    withdrawn: float = 0.007
    stopped: float = 0.002
    originals: float = 0.3
    looked_in_time: float = 0.85
    rated: float = 0.1
    no_nonconformity: float = 0.03
    major: float = 0.25
    single: float = 0.55


@frozen
class Unit:
    """A division of the district, or a commune: who is competent for a procedure."""

    key: str
    commune: bool
    agency: str


@define
class Desk:
    """People who do one kind of work; each does one thing at a time."""

    people: Sequence[str]
    free: dict[str, int] = field(factory=dict)

    def take(self, position: int, work: int, barred: Collection[str] = ()) -> tuple[str, int]:
        """Who takes a piece of *work* (µs of working time) that is ready at *position*, and the position when it is done.

        The person who is free first takes it, unless they are *barred* (four-eyes); among equals the first by name.
        """
        allowed = [person for person in self.people if person not in barred]
        who = min(allowed, key=lambda person: (max(self.free.get(person, 0), position), person))
        done = max(self.free.get(who, 0), position) + work
        self.free[who] = done
        return who, done


@frozen
class Staff:
    """The desks by (role, unit), and the roster that gives each person their grants."""

    desks: Mapping[tuple[str, str], Desk]
    roster: Roster

    def desk(self, role: str, unit: str) -> Desk:
        """The people who hold *role* in *unit*."""
        return self.desks[role, unit]


def units_for(procedures: Iterable[Procedure]) -> dict[str, tuple[Unit, ...]]:
    """By procedure code, the units that are competent: one division of the district, or every commune."""
    communes = tuple(Unit(name, commune=True, agency=f"000.{i:02}.00.H00") for i, name in enumerate(COMMUNES, 1))
    return {
        procedure.code: communes
        if procedure.definition.level == "commune"
        else (
            Unit(
                "division-" + procedure.definition.field["en"].lower().replace(" ", "-"), commune=False, agency="000.00.00.H00"
            ),
        )
        for procedure in procedures
    }


_SHARED = (("intake-officer", "intake", 4), ("cashier", "cashier", 2), ("clerk", "clerk", 2), ("signer", "leader", 3))
_DIVISION = (("division-head", "head", 2), ("case-officer", "officer", 3))
_COMMUNE = (
    ("intake-officer", "intake", 2), ("cashier", "cashier", 1), ("clerk", "clerk", 1), ("signer", "leader", 2),
    ("division-head", "head", 2), ("case-officer", "officer", 3),
)  # fmt: skip


def staff_for(units: Iterable[Unit], quality: Mapping[str, Sequence[str]], size: float) -> Staff:
    """The staff of *units*, *size* times the usual; *quality* says who holds which role of the quality unit."""
    grants: dict[str, list[Grant]] = {}
    desks: dict[tuple[str, str], Desk] = {}

    def hire(role: str, unit: str, place: str, name: str, count: int) -> Desk:
        people = [f"{place}-{name}-{i}" for i in range(1, max(count, round(count * size)) + 1)]
        for person in people:
            grants.setdefault(person, []).extend(Grant(each, unit=unit) for each in _roles(role, person))
        return desks.setdefault((role, unit), Desk(people))

    shared: dict[str, Desk] = {}
    for unit in sorted(set(units), key=lambda unit: unit.key):
        if unit.commune:
            for role, name, count in _COMMUNE:
                hire(role, unit.key, unit.key.removeprefix("commune-"), name, count)
            continue
        for role, name, count in _SHARED:
            made = hire(role, unit.key, "district", name, count)
            desks[role, unit.key] = shared.setdefault(role, made)
        for role, name, count in _DIVISION:
            hire(role, unit.key, unit.key.removeprefix("division-"), name, count)
    for role, people in quality.items():
        for person in people:
            grants.setdefault(person, []).append(Grant(role))
    return Staff(desks, Roster(grants))


def _roles(role: str, person: str) -> tuple[str, ...]:
    """The roles of the process that a kind of work needs: of those who sign, the first is the head and the others are deputies."""
    if role == "signer":
        return ("head",) if person.endswith("-1") else ("deputy-head",)
    return (role, "settling-officer") if role == "intake-officer" else (role,)


def arrivals(count: int, online: float, calendar: WorkCalendar, axis: Axis, random: Random) -> list[tuple[int, bool]]:
    """When dossiers come in, µs in order, and whether online: *count* of them in the year, and before it at the same rate.

    People come to the counter while it is open, most in the middle of a half day, more on Mondays and after a holiday;
    online they come at any hour of any day.
    """
    first, last = date(YEAR, 1, 1), date(YEAR, 12, 31)
    before = round(count * (first - CARRIED_FROM).days / 365)
    found: list[tuple[int, bool]] = []
    for number, start, end in ((before, CARRIED_FROM, first - timedelta(days=1)), (count, first, last)):
        days = [start + timedelta(days=i) for i in range((end - start).days + 1)]
        weights = [_crowd(day, calendar) for day in days]
        found += [_moment(day, online, calendar, axis, random) for day in random.choices(days, weights, k=number)]
    return sorted(found)


_WEEKDAY = (1.3, 1.1, 1.0, 1.0, 0.9, 0.12, 0.1)


def _crowd(day: date, calendar: WorkCalendar) -> float:
    if not calendar.is_working_day(day):
        return 0.1
    after_a_break = not any(calendar.is_working_day(day - timedelta(days=i)) for i in (1, 2, 3))
    return _WEEKDAY[day.weekday()] * (1.5 if after_a_break else 1.0)


def _moment(day: date, share: float, calendar: WorkCalendar, axis: Axis, random: Random) -> tuple[int, bool]:
    midnight = calendar.instant(day.toordinal(), 0)
    online = not calendar.is_working_day(day) or random.random() < share
    if online:
        return midnight + round(random.triangular(0, 86_399, 72_000)) * SECOND, True
    begin = axis.position(midnight)
    length = axis.position(midnight + 86_400 * SECOND) - begin
    share = random.betavariate(2, 2) * 0.5 + random.choice((0.0, 0.48))
    return axis.instant(begin + round(share * length / SECOND) * SECOND), False
