"""The entries of a calendar and their files: days off, days worked, swaps, each with its reason and decision.

Rule 1: an entry is one reason and its days. A swap holds both sides, so that one cannot be taken out without the other.
Rule 2: of one layer no two entries speak of one day; a later layer goes before an earlier one.
Rule 3: a layer is the rows of the week and the entries in which an office differs from the calendar that it rests on (`base`).
Rule 4: a file is read whole, and every fault of it is told at once, with its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen
from pendulum import Date

from . import codec
from .errors import InvalidInput, Problem
from .instants import DAY, SECOND, Zone

__all__ = [
    "KINDS",
    "Change",
    "Day",
    "Difference",
    "Entry",
    "Parts",
    "Shift",
    "entry_tree",
    "exchanged_shifts",
    "hours_text",
    "is_path",
    "iso",
    "parse_hours",
    "read_calendar",
    "read_layer",
]

Shift = tuple[int, int]
"""Opening and closing in microseconds of the day on which the shift begins; a closing past midnight is above 24 hours."""

Week = tuple[tuple[Shift, ...], ...]

KINDS: Final = ("working", "make-up", "weekend", "holiday", "swapped_off", "closure")
"""What a day can be: the first two are working days, the others days off."""
OFF: Final = {"holiday": 3, "swap": 4, "closure": 5}
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@frozen
class Entry:
    """One reason why days differ from the weekly pattern: days off, days worked, or a swap of one for the other.

    *kind* is ``holiday``, ``closure``, or ``swap`` (days in *off* are exchanged for the days in *working*).
    *hours* are those of the days in *working*; empty: in a swap those of the day off that each stands for, elsewhere those
    of the weekly pattern. *layer* names who said so: empty for the calendar itself.
    """

    id: str
    off: tuple[Date, ...] = ()
    working: tuple[Date, ...] = ()
    kind: str = "holiday"
    hours: str = ""
    reason: Mapping[str, str] = field(factory=dict, hash=False)
    decision: str = ""
    decided_on: Date | None = None
    source: str = ""
    provisional: bool = False
    layer: str = ""

    @property
    def verified(self) -> bool:
        """Whether a decision is named."""
        return bool(self.decision)

    def text(self, language: str = "en") -> str:
        """The reason in words; an entry without one is called by its id."""
        return self.reason.get(language) or self.reason.get("en") or self.id

    def standing(self, language: str = "en") -> str:
        """The decision that the entry rests on, or that it is provisional or unverified."""
        words = {"en": ("provisional", "unverified"), "vi": ("tạm tính", "chưa kiểm chứng")}[language]
        parts = [self.decision or words[1]] + ([words[0]] if self.provisional else [])
        return ", ".join(parts)


@frozen
class Day:
    """What a calendar says of one day: its *kind* (one of `KINDS`), its open hours, and the entry that decided it.

    *layer* is the layer whose entry or row of the week decided; empty: the calendar itself, or nothing but the weekly pattern.
    *short*: worked for less time than the longest day of the week, as a half day is.
    """

    date: Date
    kind: str
    hours: str
    entry: Entry | None
    layer: str = ""
    short: bool = False

    @property
    def working(self) -> bool:
        """Whether the day counts as a working day."""
        return self.kind in KINDS[:2]

    def text(self, language: str = "en") -> str:
        """The day in words, in ``en`` or ``vi``."""
        names, kinds = _DAY_WORDS[language]
        words = f"{names[self.date.weekday()]} {self.date:%d/%m/%Y}: {kinds[self.kind]}"
        if self.entry is not None:
            by = f"{self.layer}/{self.entry.id}" if self.layer else self.entry.id
            words += f", {self.entry.text(language)} [{by}: {self.entry.standing(language)}]"
        elif self.layer:
            words += f" [{self.layer}]"
        return words + (f", {self.hours}" if self.hours else "")

    def __str__(self) -> str:
        return self.text()


_DAY_WORDS: Final[dict[str, tuple[tuple[str, ...], dict[str, str]]]] = {
    "en": (
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        {
            "working": "working day",
            "make-up": "working day, made up",
            "weekend": "weekend",
            "holiday": "holiday",
            "swapped_off": "day off, swapped",
            "closure": "closed",
        },
    ),
    "vi": (
        ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
        {
            "working": "ngày làm việc",
            "make-up": "ngày làm bù",
            "weekend": "nghỉ cuối tuần",
            "holiday": "nghỉ lễ, tết",
            "swapped_off": "nghỉ hoán đổi",
            "closure": "đóng cửa",
        },
    ),
}


@frozen
class Change:
    """A day of which two calendars say different things: another kind or other hours."""

    before: Day
    after: Day

    @property
    def date(self) -> Date:
        """The day."""
        return self.after.date

    @property
    def entry(self) -> Entry | None:
        """The entry that made the change: the one that decides now, or the one that no longer does."""
        return self.after.entry if self.after.entry not in (None, self.before.entry) else self.before.entry

    def text(self, language: str = "en") -> str:
        """Both days in words, in ``en`` or ``vi``."""
        return f"{self.before.text(language)} -> {self.after.text(language).partition(': ')[2]}"

    def __str__(self) -> str:
        return self.text()


@frozen
class Difference:
    """What another calendar says otherwise; true when there is anything.

    *days* are those that both cover and of which they say different things. *added* and *removed* are entries; one that was
    changed stands in both. *facts* are the other keys of `WorkCalendar.to_tree` that differ (``zone``, ``last``, ``week``...).
    """

    days: tuple[Change, ...]
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    facts: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.days or self.added or self.removed or self.facts)

    def text(self, language: str = "en") -> str:
        """One line for each day, in ``en`` or ``vi``."""
        return "\n".join(change.text(language) for change in self.days)

    def __str__(self) -> str:
        return self.text()


@frozen
class _EntryFile:
    id: str
    kind: str = "holiday"
    off: list[str] = field(factory=list)
    working: list[str] = field(factory=list)
    hours: str = ""
    reason: dict[str, str] = field(factory=dict)
    decision: str = ""
    decided_on: str = ""
    source: str = ""
    provisional: bool = False
    layer: str = ""


@frozen
class _File:
    name: str
    zone: str
    first: str
    last: str
    week: dict[str, str]
    title: dict[str, str] = field(factory=dict)
    customary_rule: str = ""
    provisional_from: str = ""
    week_layers: dict[str, str] = field(factory=dict)
    entries: list[_EntryFile] = field(factory=list)


@frozen
class _LayerFile:
    name: str
    base: str = ""
    zone: str = ""
    first: str = ""
    last: str = ""
    week: dict[str, str] = field(factory=dict)
    title: dict[str, str] = field(factory=dict)
    customary_rule: str = ""
    provisional_from: str = ""
    without: list[str] = field(factory=list)
    entries: list[_EntryFile] = field(factory=list)


_CONVERTER: Final = codec.make_converter()


class _Reader:
    """Reads texts into values and keeps every problem with its path."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []

    def fault(self, path: str, message: str) -> None:
        self.problems.append(Problem(f"{self.where}: {path}" if self.where else path, message))

    def day(self, text: str, path: str) -> Date | None:
        try:
            day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            self.fault(path, f"{text!r} is no date; write it as 2026-02-16")
            return None
        return Date(day.year, day.month, day.day)

    def days(self, texts: Sequence[str], path: str, covered: tuple[Date | None, Date | None]) -> tuple[Date, ...]:
        """The days that *texts* name, those *covered*; what lies outside is one fault, however long a run is."""
        found: list[Date] = []
        first, last = covered[0] or Date.min, covered[1] or Date.max
        for index, text in enumerate(texts):
            ends = [self.day(part, f"{path}[{index}]") for part in text.split("/", 1)]
            if None in ends:
                continue
            low, high = ends[0] or Date.min, ends[-1] or Date.min
            if high < low:
                self.fault(f"{path}[{index}]", f"{text} ends before it begins")
            elif low < first or high > last:
                self.fault(f"{path}[{index}]", f"{text} lies outside {first} to {last}")
            else:
                found += (Date.fromordinal(o) for o in range(low.toordinal(), high.toordinal() + 1))
        return tuple(found)

    def hours(self, text: str, path: str) -> tuple[Shift, ...]:
        try:
            return parse_hours(text)
        except InvalidInput as error:
            self.fault(path, str(error))
            return ()

    def weekdays(self, key: str) -> list[int]:
        found: list[int] = []
        for part in key.split(","):
            low, _, high = part.strip().partition("-")
            if low not in WEEKDAYS or (high or low) not in WEEKDAYS:
                self.fault(f"week.{key}", f"{part.strip()!r} is no weekday or range; write mon, mon-fri, or mon,wed")
                continue
            begin, end = WEEKDAYS.index(low), WEEKDAYS.index(high or low)
            found += ((begin + step) % 7 for step in range((end - begin) % 7 + 1))
        return found

    def week(self, rows: Mapping[str, str]) -> dict[int, tuple[Shift, ...]]:
        found: dict[int, tuple[Shift, ...]] = {}
        for key, text in rows.items():
            shifts = self.hours(text, f"week.{key}")
            for weekday in self.weekdays(key):
                if weekday in found:
                    self.fault(f"week.{key}", f"{WEEKDAYS[weekday]} stands in two rows; keep one")
                found[weekday] = shifts
        return found

    def zone(self, name: str) -> None:
        try:
            Zone.named(name)
        except InvalidInput as error:
            self.fault("zone", error.problems[0].message)


@frozen
class Parts:
    """What a file of a calendar holds."""

    name: str
    zone: str
    week: tuple[tuple[Shift, ...], ...]
    entries: tuple[Entry, ...]
    first: Date
    last: Date
    title: Mapping[str, str]
    customary_rule: str | None
    provisional_from: Date | None
    week_layers: Mapping[str, str]


def is_path(name: str | Path) -> bool:
    """Whether *name* is that of a file and not that of a shipped calendar."""
    return isinstance(name, Path) or name.endswith((".toml", ".json")) or "/" in name or "\\" in name


def read_calendar(tree: Mapping[str, Any], where: str, _above: int = 0) -> Parts:
    """The parts that the table of a file describes, on top of those of its ``base`` if it names one.

    Raises:
        InvalidInput: with every fault and its path.
    """
    if not _is_layer(tree):
        return _read_parts(tree, where)
    base, place = tree["base"], f"{where}: base" if where else "base"
    if not isinstance(base, str):
        raise InvalidInput(f"text is expected, not {base!r}", place)
    if _above == _LAYERS:
        raise InvalidInput(f"more than {_LAYERS} calendars rest on each other; does one rest on itself?", place)
    if is_path(base):
        path = str(Path(where).parent / base)
        return read_layer(tree, where, read_calendar(codec.read_tree(path), path, _above + 1))
    if base not in codec.shipped_names("calendars"):
        known = ", ".join(codec.shipped_names("calendars"))
        raise InvalidInput(f"no calendar {base!r} is shipped; there are: {known}; a file is named with its suffix", place)
    return read_layer(tree, where, _read_parts(codec.shipped("calendars", base), f"calendars/{base}.toml"))


def _is_layer(tree: object) -> bool:
    """Whether a file rests on another; what is no table is refused where it is read."""
    return isinstance(tree, Mapping) and "base" in tree


_LAYERS: Final = 8


def _read_parts(tree: Mapping[str, Any], where: str) -> Parts:
    file = codec.structure(tree, _File, _CONVERTER, where=where)
    reader = _Reader(where)
    first, last = reader.day(file.first, "first"), reader.day(file.last, "last")
    rows = reader.week(file.week)
    reader.zone(file.zone)
    for key in file.week_layers.keys() - set(WEEKDAYS):
        reader.fault(f"week_layers.{key}", f"{key!r} is no weekday; known: {', '.join(WEEKDAYS)}")
    entries = _read_entries(file.entries, reader, (first, last))
    until = reader.day(file.provisional_from, "provisional_from") if file.provisional_from else None
    if first and last and last < first:
        reader.fault("last", f"{last} is before {first}, the first day")
    if reader.problems or first is None or last is None:
        raise InvalidInput(reader.problems)
    week = tuple(rows.get(weekday, ()) for weekday in range(7))
    rule = file.customary_rule or None
    return Parts(file.name, file.zone, week, entries, first, last, file.title, rule, until, file.week_layers)


def read_layer(tree: Mapping[str, Any], where: str, base: Parts) -> Parts:
    """The parts of a calendar that rests on *base*, from the table of the layer: what it does not say, the base says.

    A layer may cover fewer days than its base, never more.

    Raises:
        InvalidInput: with every fault and its path in the layer.
    """
    file = codec.structure(tree, _LayerFile, _CONVERTER, where=where)
    reader = _Reader(where)
    first = reader.day(file.first, "first") if file.first else base.first
    last = reader.day(file.last, "last") if file.last else base.last
    if first and last and not base.first <= first <= last <= base.last:
        reader.fault("first" if file.first else "last", f"{first} to {last} lies outside {base.first} to {base.last}, its base")
    rows = reader.week(file.week)
    if file.zone:
        reader.zone(file.zone)
    for index, name in enumerate(file.without):
        if name not in {entry.id for entry in base.entries}:
            reader.fault(f"without[{index}]", f"{base.name} has no entry {name}")
    kept = tuple(entry for entry in base.entries if entry.id not in file.without)
    files = [evolve(entry, layer=entry.layer or file.name) for entry in file.entries]
    entries = _read_entries(files, reader, (first, last), kept)
    until = reader.day(file.provisional_from, "provisional_from") if file.provisional_from else base.provisional_from
    if reader.problems or first is None or last is None:
        raise InvalidInput(reader.problems)
    week = tuple(rows.get(weekday, shifts) for weekday, shifts in enumerate(base.week))
    return evolve(
        base,
        name=file.name,
        zone=file.zone or base.zone,
        week=week,
        entries=(*chain.from_iterable(_within(entry, first, last, week) for entry in kept), *entries),
        first=first,
        last=last,
        title=file.title or base.title,
        customary_rule=file.customary_rule or base.customary_rule,
        provisional_from=until,
        week_layers={**base.week_layers, **{WEEKDAYS[weekday]: file.name for weekday in sorted(rows)}},
    )


def _within(entry: Entry, first: Date, last: Date, week: Week) -> tuple[Entry, ...]:
    """*entry* without its days outside ``first..last``; none when no day is left.

    A day made up keeps its hours: where the day off that it stands for is cut, they are written out, in an entry for each.
    """
    off, working = (tuple(day for day in days if first <= day <= last) for days in (entry.off, entry.working))
    if len(off) + len(working) == len(entry.off) + len(entry.working):
        return (entry,)
    kind = "holiday" if entry.kind == "swap" and not (off and working) else entry.kind
    cut = evolve(entry, off=off, working=working, kind=kind, hours=entry.hours if working else "")
    if entry.hours.strip() or all(_usual_hours(entry, day, week) == _usual_hours(cut, day, week) for day in working):
        return (cut,) if off or working else ()
    parts: dict[str, list[Date]] = {}
    for day in working:
        parts.setdefault(hours_text(_usual_hours(entry, day, week)), []).append(day)
    (hours, days), *others = parts.items()
    apart = (
        evolve(entry, id=f"{entry.id}-{days[0]}", off=(), working=tuple(days), kind="holiday", hours=hours)
        for hours, days in others
    )
    return evolve(cut, working=tuple(days), hours=hours), *apart


def _usual_hours(entry: Entry, day: Date, week: Week) -> tuple[Shift, ...]:
    """The shifts of a day that *entry* works without hours of its own."""
    exchanged = exchanged_shifts(entry, day.toordinal(), week) if entry.kind == "swap" else ()
    return exchanged or week[day.weekday()] or next((shifts for shifts in week if shifts), ((0, DAY),))


def exchanged_shifts(entry: Entry, ordinal: int, week: Week) -> tuple[Shift, ...]:
    """The shifts of the day off for which a day worked by a swap stands: the first for the first, those beyond for the last."""
    place = next(n for n, day in enumerate(entry.working) if day.toordinal() == ordinal)
    return week[entry.off[min(place, len(entry.off) - 1)].weekday()]


def _read_entries(
    files: Sequence[_EntryFile],
    reader: _Reader,
    covered: tuple[Date | None, Date | None],
    below: Sequence[Entry] = (),
) -> tuple[Entry, ...]:
    """The entries of a file; those of the layers *below* have their ids and days already."""
    entries, ids = [], {entry.id for entry in below}
    seen = {(entry.layer, day): entry.id for entry in below for day in (*entry.off, *entry.working)}
    for index, file in enumerate(files):
        path = f"entries[{index}]"
        off = reader.days(file.off, f"{path}.off", covered)
        working = reader.days(file.working, f"{path}.working", covered)
        decided = reader.day(file.decided_on, f"{path}.decided_on") if file.decided_on else None
        if file.hours:
            reader.hours(file.hours, f"{path}.hours")
            if file.off and not file.working:
                reader.fault(
                    f"{path}.hours", f"{file.hours!r} on days off; a day that is open for some hours stands in working"
                )
        if file.kind not in OFF:
            reader.fault(f"{path}.kind", f"{file.kind!r} is no kind of entry; known: {', '.join(OFF)}")
        if file.kind == "swap" and not (off and working):
            reader.fault(path, "a swap names the day off and the day worked for it")
        if file.id in ids:
            reader.fault(f"{path}.id", f"{file.id!r} is the id of another entry; give it its own")
        ids.add(file.id)
        for day in (*off, *working):
            other = seen.setdefault((file.layer, day), file.id)
            if other != file.id or (day in off and day in working):
                reader.fault(path, f"{day} stands in {other} too; keep one, or put this entry in a layer of its own")
        entries.append(
            Entry(file.id, off, working, file.kind, file.hours, file.reason, file.decision, decided, file.source,
                  file.provisional, file.layer)
        )  # fmt: skip
    return tuple(entries)


_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHIFT: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


@lru_cache(maxsize=256)
def parse_hours(text: str) -> tuple[Shift, ...]:
    """Shifts from ``"07:30-11:30 13:00-17:00"``; an end at or before its beginning is on the next day; empty is closed."""
    shifts: list[Shift] = []
    for part in text.split():
        match = _SHIFT.fullmatch(part)
        numbers = [int(group) for group in match.groups()] if match else []
        low, high = ((numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3])) if numbers else (0, 0)
        if not numbers or low >= 24 * 60 or high > 24 * 60:
            raise InvalidInput(f"{part!r} is no shift; write it as 07:30-11:30")
        high += 24 * 60 if high <= low else 0
        if shifts and low * 60 * SECOND < shifts[-1][1]:
            raise InvalidInput(f"{part!r} begins before the shift before it ends; write shifts in order, apart")
        shifts.append((low * 60 * SECOND, high * 60 * SECOND))
    return tuple(shifts)


def hours_text(shifts: Sequence[Shift]) -> str:
    """Shifts as `parse_hours` reads them."""
    return _hours_text(tuple(shifts))


@lru_cache(maxsize=256)
def _hours_text(shifts: tuple[Shift, ...]) -> str:
    return " ".join(f"{_clock(low)}-{_clock(high if high <= DAY else high - DAY)}" for low, high in shifts)


def _clock(time: int) -> str:
    hours, minutes = divmod(time // SECOND // 60, 60)
    return f"{hours:02}:{minutes:02}"


def iso(day: date) -> str:
    """*day* as ``2026-02-16``."""
    return date(day.year, day.month, day.day).isoformat()


def plain_days(days: Iterable[date], where: str) -> list[str]:
    """*days* as texts; of a moment its day where it stands.

    Raises:
        InvalidInput: what is no date, all of it at once, as a fault of *where*.
    """
    try:
        given: list[object] = list(days)
    except TypeError as error:
        raise InvalidInput(f"a list of dates is expected, not {days!r}", where) from error
    wrong = [day for day in given if not isinstance(day, date)]
    if wrong:
        raise InvalidInput(Problem(where, f"{day!r} is no date; give a datetime.date") for day in wrong)
    return [iso(day) for day in given if isinstance(day, date)]


def _runs(days: Iterable[Date]) -> list[str]:
    """Days as text, consecutive ones as ``first/last``."""
    runs: list[list[Date]] = []
    for day in sorted(days):
        if runs and day.toordinal() == runs[-1][-1].toordinal() + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [iso(run[0]) if len(run) == 1 else f"{iso(run[0])}/{iso(run[-1])}" for run in runs]


def entry_tree(entry: Entry) -> dict[str, Any]:
    """*entry* as the table of a file; what is empty is left out."""
    tree: dict[str, Any] = {"id": entry.id, "kind": entry.kind, "off": _runs(entry.off), "working": _runs(entry.working)}
    tree |= {"hours": entry.hours, "reason": dict(entry.reason), "decision": entry.decision, "source": entry.source}
    tree |= {"decided_on": iso(entry.decided_on) if entry.decided_on else "", "layer": entry.layer}
    tree |= {"provisional": entry.provisional}
    return {key: value for key, value in tree.items() if value or key == "id"}
