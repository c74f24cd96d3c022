"""Hypothesis strategies for dates: working calendars of every kind, counting rules, limits and pauses.

Rule 1: `calendars` draws small calendars in zones that change their clocks at every hour of the day there is, with shifts of
quarter hours, some past midnight, half days, swaps, closures, days worked with hours of their own, and a layer on top.
Rule 2: each is one that `WorkCalendar` takes: no day closes within the shifts of the day before.
Rule 3: `rules` draws any mixture of conventions, whether or not a legal system has it; laws must hold for all of them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from qms.calendar import WorkCalendar
from qms.entries import WEEKDAYS
from qms.limits import UNITS, CountingRule, Cutoff, Minimum, Recess, SameDay, Scope, TimeLimit

__all__ = ["ZONES", "calendars", "limits", "pauses", "rules"]

ZONES: Final = (
    "Asia/Ho_Chi_Minh",
    "Europe/Amsterdam",  # 29 March 2026, 02:00 is 03:00
    "America/New_York",  # 8 March
    "America/Havana",  # 8 March: there is no midnight
    "Africa/Cairo",  # 24 April: there is no midnight
    "America/Santiago",  # 4 April: 23:00 comes twice
    "Australia/Lord_Howe",  # 5 April: half an hour comes twice
    "Africa/Casablanca",  # back for Ramadan on 15 February, forth on 22 March
    "Asia/Kathmandu",
    "UTC",
)
"""Zones whose clocks change between January and April 2026, at night, at midnight, by an hour or by half of one; and some that never do."""

_OFFICE: Final = ("07:30-11:30 13:00-17:00", "08:00-12:00", "00:00-24:00", "22:00-06:00", "09:00-12:00 12:00-18:00 20:00-02:00")
_MORNING: Final = 9 * 4
_MOST: Final = {
    "working minutes": 600,
    "minutes": 5000,
    "working hours": 60,
    "hours": 500,
    "weeks": 6,
    "half months": 4,
    "months": 2,
}
_SHORT: Final = tuple(unit for unit in UNITS if unit != "years")


def _quarter(number: int) -> str:
    return f"{number // 4:02}:{number % 4 * 15:02}"


@st.composite
def _hours(draw: st.DrawFn) -> str:
    """Shifts of one day; the last closes after 09:00, or before 07:00 of the next day, so that days close in order."""
    if draw(st.booleans()):
        return draw(st.sampled_from(_OFFICE))
    ends = sorted(draw(st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True)))
    ends = ends[: len(ends) // 2 * 2]
    ends[-1] = max(ends[-1], _MORNING)
    shifts = [f"{_quarter(low)}-{_quarter(high)}" for low, high in zip(ends[::2], ends[1::2], strict=True)]
    if draw(st.integers(0, 3)) == 0:
        shifts.append(f"{_quarter(draw(st.integers(ends[-1], 95)))}-{_quarter(draw(st.integers(1, 28)))}")
    return " ".join(shifts)


def _entry(kind: str, name: str, days: list[date], hours: str) -> dict[str, Any]:
    low, high = days[0].isoformat(), days[-1].isoformat()
    if kind == "swap":
        return {"id": name, "kind": "swap", "off": [low], "working": [high]}
    if kind == "worked":
        return {"id": name, "working": [low], "hours": hours}
    return {"id": name, "kind": kind, "off": [low]}


@st.composite
def calendars(
    draw: st.DrawFn,
    *,
    zones: tuple[str, ...] = ZONES,
    first: date = date(2026, 1, 1),
    days: int = 120,
    max_entries: int = 16,
) -> WorkCalendar:
    """A working calendar of *days* days from *first* in one of *zones*, with up to *max_entries* entries in two layers."""
    worked = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1))
    usual = draw(_hours())
    week = {day: draw(st.one_of(st.just(usual), _hours())) for day in WEEKDAYS if day in worked}
    entries: list[dict[str, Any]] = []
    for layer in ("", "office"):
        free = draw(st.lists(st.integers(0, days - 1), unique=True, max_size=max_entries))
        while free:
            kind = draw(
                st.sampled_from(["holiday", "holiday", "closure", "worked", "swap"] if len(free) > 1 else ["holiday", "worked"])
            )
            taken = [first + timedelta(free.pop()) for _ in range(2 if kind == "swap" else 1)]
            hours = draw(st.one_of(st.just(""), _hours())) if kind == "worked" else ""
            entries.append(
                _entry(kind, f"{layer or 'base'}-{len(entries)}", taken, hours) | ({"layer": layer} if layer else {})
            )
    last = first + timedelta(days - 1)
    tree = {"name": "drawn", "zone": draw(st.sampled_from(zones)), "first": first.isoformat(), "last": last.isoformat()}
    return WorkCalendar.from_tree(tree | {"week": week, "entries": entries})


_CUTS: Final = ("00:00", "12:15", "15:00", "23:59")
_RECESSES: Final = (("02-10/02-20",), ("01-15/01-15", "03-01/03-31"), ("easter-7/easter+7",), ("2026-02-01/2026-02-28",))


@st.composite
def rules(draw: st.DrawFn, /, *, rare: bool = False, **fixed: Any) -> CountingRule:
    """A counting rule of any conventions, with *rare* those too that few laws have; *fixed* ones are as given."""
    ends = ["24:00", "close"] if fixed.get("pause") == "instants" else ["24:00", "close", "wall"]
    end = fixed.get("end_of_day") or draw(st.sampled_from(ends))
    kinds = ("weekend", "holiday", "swapped_off", "closure", "make-up")
    same_day = st.builds(SameDay, st.sampled_from(_CUTS), st.booleans(), st.sampled_from(["close", "opening"]))
    drawn: dict[str, Any] = {
        "name": "drawn",
        "first_day": draw(st.sampled_from(["excluded", "included"])),
        "roll": draw(st.sampled_from(["forward", "backward", "none"])),
        "end_of_day": end,
        "certainty": "convention",
        "roll_on": tuple(kind for kind in kinds if draw(st.booleans())),
        "same_day": draw(st.one_of(st.none(), same_day)),
        "pause": "days" if end == "wall" else draw(st.sampled_from(["instants", "days"])),
        "compare": draw(st.sampled_from(["instant", "date"])),
    }
    return CountingRule(**(drawn | (draw(_rare()) if rare else {}) | fixed))


@st.composite
def _rare(draw: st.DrawFn) -> dict[str, Any]:
    """Conventions that few laws have, some of them named."""
    small = st.integers(0, 3)
    every: dict[str, st.SearchStrategy[Any]] = {
        "last_day": st.just("excluded"),
        "minimum": st.integers(1, 3).flatmap(lambda n: st.builds(Minimum, st.just(n), st.integers(n, 6))),
        "short": st.integers(1, 7),
        "scope": st.builds(Scope, st.integers(0, 40), small, small, small),
        "first_hour": st.just("excluded"),
        "roll_hours": st.just("same-time"),
        "recess": st.builds(Recess, st.sampled_from(_RECESSES), st.sampled_from(["counted", "excluded"])),
        "cutoff": st.builds(Cutoff, st.sampled_from(_CUTS), st.booleans()),
        "backward_roll": st.sampled_from(["backward", "forward"]),
        "backward_last_day": st.just("excluded"),
    }
    named = draw(st.sets(st.sampled_from(sorted(every)), min_size=1, max_size=4))
    return {name: draw(every[name]) for name in sorted(named)}


@st.composite
def limits(draw: st.DrawFn, units: tuple[str, ...] = _SHORT, *, most: int = 12) -> TimeLimit:
    """A limit in one of *units* that mostly ends within four months: at most *most* days, and as much of the other units.

    Of calendar units it may be a sum: one month and so many days.
    """
    unit = draw(st.sampled_from(units))
    limit = TimeLimit(1 if unit == "same day" else draw(st.integers(1, _MOST.get(unit, most))), unit)
    if unit in ("months", "half months", "weeks") and "days" in units and draw(st.booleans()):
        return TimeLimit(limit.amount, unit, TimeLimit(draw(st.integers(1, most)), "days"))
    return limit


def pauses(low: int, high: int, *, max_size: int = 4) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Pauses between two instants (or minutes), in any order, overlapping, touching or empty."""
    pair = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda ends: (min(ends), max(ends)))
    return st.lists(pair, max_size=max_size)
