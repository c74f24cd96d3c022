"""Calendars of others as entries of ours: iCalendar files, and the tables of python-holidays.

Rule 1: what is read becomes entries of a layer on top of a calendar that has its week, its zone and its coverage already.
Rule 2: nothing read here names a decision, so every entry is unverified, and says where it came from.
Rule 3: what cannot be read as meant is refused, every fault at once; no event is left out in silence but a cancelled one.
Rule 4: python-holidays is no source for Vietnam unless told so in words: it has no Saturday worked for 2 January 2026.

iCalendar is RFC 5545, read by the package `icalendar`; its rules are checked by `dateutil`. A day event closes its days.
An event with a time closes that part of the open hours, in the zone of the calendar. Both come with the extra ``holidays``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen, mutable
from pendulum import Date

from ..calendar import Entry, WorkCalendar
from ..entries import Shift, hours_text, parse_hours
from ..errors import InvalidInput, Problem
from ..instants import DAY, SECOND, to_us
from .recurrence import falls_on

__all__ = ["KNOWN_ERRORS", "holiday_entries", "ical_entries", "with_holidays", "with_ical"]

KNOWN_ERRORS: Final[Mapping[str, str]] = {
    "VN": "Friday 2026-01-02 was off and Saturday 2026-01-10 worked for it (12729/VPCP-KGVX), which it does not know, and the "
    'Tet of later years is a guess; use WorkCalendar.load("VN"), or say although_wrong=True',
}
"""Countries for which python-holidays is known to be wrong, and how; they are refused unless told ``although_wrong``."""


# -- python-holidays ---------------------------------------------------------------------------------------------------


def with_holidays(calendar: WorkCalendar, country: str, **options: Any) -> WorkCalendar:
    """*calendar* with the holidays of a country on top; options and errors are those of `holiday_entries`.

    >>> week = {"mon-fri": "09:00-17:00"}
    >>> office = WorkCalendar.from_dates(zone="Europe/Berlin", week=week, first=date(2026, 1, 1), last=date(2026, 12, 31))
    >>> print(with_holidays(office, "DE", subdiv="BY").explain(date(2026, 1, 6)))
    Tue 06/01/2026: holiday, Epiphany [holidays/DE-BY-2026-01-06: unverified]
    """
    return calendar.with_layer(calendar.name, entries=holiday_entries(country, calendar, **options))


def holiday_entries(
    country: str,
    calendar: WorkCalendar,
    *,
    subdiv: str | None = None,
    categories: Iterable[str] | None = None,
    although_wrong: bool = False,
) -> tuple[Entry, ...]:
    """The holidays and worked weekend days that python-holidays knows of a country, over the coverage of *calendar*.

    One entry a day, in the layer ``holidays``; unverified, and provisional where the package calls a day estimated. The week
    stays that of *calendar*. Names are in English and in the language of the country where the package has both.

    Raises:
        InvalidInput: an unknown country, part of it or category; years for which the package would answer with no holidays;
            a country of `KNOWN_ERRORS` without *although_wrong*.
        ImportError: the extra ``holidays`` is not installed.
    """
    import holidays

    if not isinstance(country, str):
        raise InvalidInput(f'{country!r} is no country; give its code, as "DE"', "country")
    if isinstance(categories, str) or not isinstance(categories, Iterable | None):
        raise InvalidInput(f'{categories!r} is no list of categories; give them as ["public", "bank"]', "categories")
    years = range(calendar.first.year - 1, calendar.last.year + 2)
    chosen = tuple(categories) if categories is not None else None

    def table(language: str | None) -> holidays.HolidayBase:
        return holidays.country_holidays(country, subdiv, years=years, language=language, categories=chosen)

    try:
        known = table(None)
    except (NotImplementedError, ValueError) as error:
        raise InvalidInput(f"python-holidays: {error}", "country") from error
    code = getattr(known, "country", country)
    if code in KNOWN_ERRORS and not although_wrong:
        raise InvalidInput(f"python-holidays is wrong for {code}: {KNOWN_ERRORS[code]}", "country")
    low, high = known.start_year, known.end_year
    if not low <= calendar.first.year <= calendar.last.year <= high:
        raise InvalidInput(
            f"python-holidays knows {code} from {low} to {high}; it would answer as if nothing were off", "years"
        )
    wanted = {known.default_language, "en_US"} & set(known.supported_languages or ()) - {None}
    names = {str(each).partition("_")[0]: table(each) for each in sorted(map(str, wanted))} or {"en": known}
    stem, source = "-".join(filter(None, (code, subdiv))), f"python-holidays {version('holidays')}"
    label = known.tr(known.estimated_label).replace("%s", "").strip(" ()") if hasattr(known, "estimated_label") else ""
    guesses = tuple(f"{word})" for word in ("estimated", label) if word)
    found: list[Entry] = []
    for day in sorted({*known, *known.weekend_workdays}):
        if not calendar.first <= day <= calendar.last:
            continue
        reason = {language: text for language, each in names.items() if (text := each.get(day))}
        on, worked = (Date(day.year, day.month, day.day),), day in known.weekend_workdays
        provisional = any(mark in text for text in reason.values() for mark in guesses)
        found.append(
            Entry(
                f"{stem}-{day}", () if worked else on, on if worked else (), reason=reason, source=source,
                provisional=provisional, layer="holidays",
            )
        )  # fmt: skip
    return tuple(found)


# -- iCalendar ---------------------------------------------------------------------------------------------------------


def with_ical(calendar: WorkCalendar, path: str | Path, *, working: str = "") -> WorkCalendar:
    """*calendar* with the events of the iCalendar file at *path* on top; errors are those of `ical_entries`.

    Raises:
        InvalidInput: the file cannot be read, or see `ical_entries`.
    """
    if not isinstance(path, str | Path):
        raise InvalidInput(f"{path!r} is no path of a file; entries of a text are told by ical_entries", "path")
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error
    return calendar.with_layer(calendar.name, entries=ical_entries(data, calendar, working=working, where=str(path)))


def ical_entries(data: bytes | str, calendar: WorkCalendar, *, working: str = "", where: str = "") -> tuple[Entry, ...]:
    """The events of an iCalendar text that touch the coverage of *calendar*, as entries of the layer ``ical``.

    A day event makes its days off; one with a time closes that part of the hours that *calendar* has on those days, widened
    to whole minutes. Where *working* (such as ``"班"``) stands in the summary or a category, the days are worked instead, in the
    hours of the event if it has a time. Recurring events are laid out as far as the calendar reaches, moved and left out
    occurrences as the file says; cancelled events are nothing, tentative ones are provisional. Times without a zone are those
    of the calendar. Several events on one day make one entry.

    Raises:
        InvalidInput: no iCalendar text; an event without a start, with an unknown zone, with a rule that repeats within a day;
            a day that one event closes and another works; all faults at once, by the number and summary of the event.
        ImportError: the extra ``holidays`` is not installed.
    """
    from icalendar import Calendar

    try:
        components = Calendar.from_ical(data, multiple=True)
    except (ValueError, KeyError, IndexError) as error:
        raise InvalidInput(f"no iCalendar text: {error}", where) from error
    if not components or any(component.name != "VCALENDAR" for component in components):
        raise InvalidInput("no iCalendar text: it holds no whole VCALENDAR", where)
    reader = _Reader(calendar, working.casefold(), where)
    events: list[Any] = [event for component in components for event in component.walk("VEVENT")]
    moved = [(str(event.get("UID", "")).strip(), when) for event in events if (when := _moved(event)) is not None]
    for number, event in enumerate(events, 1):
        reader.read(event, number, moved)
    return reader.entries()


@mutable
class _Said:
    """What the events say of one day: *off* whole, worked in *shifts* (none: the usual ones), or closed over *cuts*."""

    off: bool = False
    worked: bool = False
    shifts: list[Shift] = field(factory=list)
    cuts: list[Shift] = field(factory=list)
    words: dict[str, str] = field(factory=dict)
    sources: list[str] = field(factory=list)
    provisional: bool = False


@frozen
class _Reader:
    calendar: WorkCalendar
    working: str
    where: str
    days: dict[int, _Said] = field(factory=dict)
    problems: list[Problem] = field(factory=list)

    def read(self, event: Any, number: int, moved: list[tuple[str, date]]) -> None:
        """Take in one event: each of its occurrences, on each of its days."""
        summary, uid = str(event.get("SUMMARY", "")).strip(), str(event.get("UID", "")).strip()
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return
        label = f"event {number}" + (f" ({summary or uid})" if summary or uid else "")
        try:
            start, length = _start_and_length(event)
            if "RECURRENCE-ID" in event and _moved(event) is None:
                raise InvalidInput("no RECURRENCE-ID that can be read; give it the start of the occurrence that is moved")
            zone = start.tzinfo if isinstance(start, datetime) else None
            apart = {_wall(when, zone) for name, when in moved if name == uid and "RECURRENCE-ID" not in event}
            for begin in _occurrences(event, start, length, self.calendar):
                if _wall(begin) not in apart:
                    self._note(event, begin, length, summary, uid)
        except ValueError as error:
            message = error.problems[0].message if isinstance(error, InvalidInput) else f"cannot be read: {error}"
            self.problems.append(Problem(f"{self.where}: {label}" if self.where else label, message))

    def _note(self, event: Any, begin: date, length: timedelta, summary: str, uid: str) -> None:
        categories = event.get("CATEGORIES", ())
        several = categories if isinstance(categories, list) else [categories] if categories else []
        texts = [summary, *(str(text) for each in several for text in getattr(each, "cats", (each,)))]
        worked = bool(self.working) and any(self.working in text.casefold() for text in texts)
        if worked and isinstance(begin, datetime) and length > timedelta(days=1):
            raise InvalidInput("it is worked for more than a day on end; give each day its event")
        for ordinal, span in self._spans(begin, length):
            said = self.days.setdefault(ordinal, _Said())
            if worked:
                said.worked = True
                said.shifts += [span] if span else []
            elif span:
                said.cuts.append(span)
            else:
                said.off = True
            said.provisional |= str(event.get("STATUS", "")).upper() == "TENTATIVE"
            language = str(getattr(event.get("SUMMARY"), "params", {}).get("LANGUAGE", "en"))[:2].lower()
            for key in dict.fromkeys(("en", language)):
                known = said.words.get(key)
                said.words[key] = f"{known}; {summary}" if known and summary not in known.split("; ") else summary
            if uid and uid not in said.sources:
                said.sources.append(uid)

    def _spans(self, begin: date, length: timedelta) -> Iterator[tuple[int, Shift | None]]:
        """The days of an occurrence, each with the part of it that is meant, as microseconds from its midnight; none: all."""
        first, last = self.calendar.first.toordinal(), self.calendar.last.toordinal()
        if not isinstance(begin, datetime):
            low, high = begin.toordinal(), begin.toordinal() + max(length.days, 1) - 1
            yield from ((ordinal, None) for ordinal in range(max(low, first), min(high, last) + 1))
            return
        low = to_us(begin) if begin.tzinfo else self.calendar.instant(begin.toordinal(), _micros(begin.time()))
        high = low + length // timedelta(microseconds=1)
        (day, since), (end, until) = self.calendar.local(low), self.calendar.local(high)
        for ordinal in range(max(day - 1, first), min(end, last) + 1):  # the night before may reach into the first
            yield ordinal, ((day - ordinal) * DAY + since, (end - ordinal) * DAY + until)

    def entries(self) -> tuple[Entry, ...]:
        """All that was said as entries, consecutive days of one reason together.

        Raises:
            InvalidInput: with every fault of every event.
        """
        made = [entry for ordinal in sorted(self.days) if (entry := self._entry(ordinal, self.days[ordinal])) is not None]
        if self.problems:
            raise InvalidInput(self.problems)
        joined: list[Entry] = []
        for entry in made:
            before = joined[-1] if joined else None
            if before is None or not _continues(before, entry):
                joined.append(entry)
            else:
                joined[-1] = _joined(before, entry)
        return tuple(joined)

    def _entry(self, ordinal: int, said: _Said) -> Entry | None:
        day = Date.fromordinal(ordinal)
        kind, off, hours = "holiday", said.off, ""
        if said.off and said.worked:
            self.problems.append(
                Problem(f"{self.where}: {day}" if self.where else str(day), "one event closes it, another works it")
            )
            return None
        if said.worked:
            hours = hours_text(_merged(_whole(shift) for shift in said.shifts if 0 <= shift[0] < DAY))
            if said.shifts and not hours:
                return None  # the night before alone
        elif not off:
            usual = parse_hours(self.calendar.explain(day).hours)
            rest = _cut(usual, _merged(map(_whole, said.cuts)))
            if rest == usual:
                return None
            if any(low >= DAY for low, _ in rest):
                self.problems.append(
                    Problem(str(day), "what is left of its night shift begins on the next day; say it as an entry")
                )
                return None
            kind, off, hours = "closure", not rest, hours_text(rest)
        source = ", ".join(filter(None, (self.where, *said.sources)))
        return Entry(
            f"ical-{day}", (day,) if off else (), () if off else (day,), kind=kind, hours=hours, reason=said.words,
            source=source, provisional=said.provisional, layer="ical",
        )  # fmt: skip


def _moved(event: Any) -> date | None:
    """The start of the occurrence that an event stands for; none also where it cannot be read, which is told in its place."""
    try:
        when = getattr(event.get("RECURRENCE-ID"), "dt", None)
    except ValueError:
        return None
    return when if isinstance(when, date) else None


def _start_and_length(event: Any) -> tuple[date, timedelta]:
    start, end, length = (getattr(event.get(name), "dt", None) for name in ("DTSTART", "DTEND", "DURATION"))
    if not isinstance(start, date):
        raise InvalidInput("no start that can be read; give it one DTSTART")
    for name in ("DTSTART", "DTEND"):
        zone = getattr(event.get(name), "params", {}).get("TZID")
        when = getattr(event.get(name), "dt", None)
        if zone and isinstance(when, datetime) and when.tzinfo is None:
            raise InvalidInput(f"{zone!r} is no zone that is known; give an IANA name or a VTIMEZONE")
    if "DTEND" in event and type(end) is not type(start):
        raise InvalidInput("DTSTART and DTEND are not alike; give both a time or neither")
    if isinstance(start, datetime):
        if isinstance(end, datetime):
            if (start.tzinfo is None) != (end.tzinfo is None):
                raise InvalidInput("DTSTART and DTEND are not alike; give both a zone or neither")
            length = end - start if start.tzinfo is None else timedelta(microseconds=to_us(end) - to_us(start))
        if not isinstance(length, timedelta):
            raise InvalidInput("no end; give it DTEND or DURATION")
    elif isinstance(end, date):
        length = end - start
    length = length if isinstance(length, timedelta) else timedelta(days=1)
    if length < timedelta(0):
        raise InvalidInput("it ends before it begins")
    return start, length


def _occurrences(event: Any, start: date, length: timedelta, calendar: WorkCalendar) -> Iterator[date]:
    """The starts of an event, recurring or not: its own, those of RRULE that reach into *calendar*, and RDATE, without EXDATE."""
    from dateutil.rrule import rrulestr

    rules = event.get("RRULE", [])
    zone = start.tzinfo if isinstance(start, datetime) else None
    walls = {_wall(start)}
    for rule in rules if isinstance(rules, list) else [rules]:
        rest = {key: value for key, value in rule.items() if key != "UNTIL"}
        if rest.get("FREQ", [""])[0] not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
            raise InvalidInput("a rule repeats by days, weeks, months or years; list other times as events")
        until = min((_wall(each, zone) for each in rule.get("UNTIL", ())), default=datetime.max)  # noqa: DTZ901
        low, high = calendar.first.toordinal() - length.days - 2, calendar.last.toordinal() + 1
        found = falls_on(rest, _wall(start), low, min(high, until.toordinal()))
        try:
            rrulestr(type(rule)(rest).to_ical().decode(), dtstart=_wall(start))  # read, not walked: it would go on to 9999
            walls.update(wall for wall in found if wall <= until)
        except InvalidInput:
            raise
        except (ValueError, TypeError) as error:
            raise InvalidInput(f"a rule that cannot be read: {error}") from error
    for each in event.rdates:
        walls.add(_wall(each[0] if isinstance(each, tuple) else each, zone))
    apart = {_wall(each, zone) for each in event.exdates}
    days = {each for each in event.exdates if not isinstance(each, datetime)}
    for wall in sorted(wall for wall in walls - apart if wall.date() not in days):
        yield wall.replace(tzinfo=zone) if isinstance(start, datetime) else wall.date()


def _wall(when: date, zone: Any = None) -> datetime:
    """*when* as the wall time that its own clocks show, or those of *zone*; of a day its midnight."""
    if not isinstance(when, date):
        raise InvalidInput(f"{when!r} is no date; give a day, with or without a time")
    if not isinstance(when, datetime):
        return datetime.combine(when, time())
    return (when.astimezone(zone) if zone is not None and when.tzinfo is not None else when).replace(tzinfo=None)


def _micros(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * SECOND + at.microsecond


def _whole(shift: Shift) -> Shift:
    minute = 60 * SECOND
    return shift[0] // minute * minute, -(-shift[1] // minute) * minute


def _merged(shifts: Iterable[Shift]) -> list[Shift]:
    found: list[Shift] = []
    for low, high in sorted(shifts):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found


def _cut(shifts: Sequence[Shift], cuts: Sequence[Shift]) -> tuple[Shift, ...]:
    """*shifts* without the time of *cuts*."""
    rest = list(shifts)
    for begin, end in cuts:
        parts = (part for low, high in rest for part in ((low, min(high, begin)), (max(low, end), high)))
        rest = [(low, high) for low, high in parts if low < high]
    return tuple(rest)


def _continues(before: Entry, after: Entry) -> bool:
    """Whether *after* says of the next day what *before* says of those before it."""
    days, next_days = (*before.off, *before.working), (*after.off, *after.working)
    alike = all(getattr(before, name) == getattr(after, name) for name in ("kind", "hours", "reason", "source", "provisional"))
    return alike and bool(before.off) == bool(after.off) and max(days).toordinal() + 1 == next_days[0].toordinal()


def _joined(before: Entry, after: Entry) -> Entry:
    return evolve(before, off=before.off + after.off, working=before.working + after.working)
