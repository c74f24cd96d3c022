"""A district's year 2021, simulated from a seed: every step decided by an `Organization`, kept in one store.

`run` simulates and tells; the rest of the package is the district (`world`), its working time (`axis`), the queue of the
year's work (`office`), the life of a dossier (`counter`), the quality unit (`quality`) and the pages (`pages`).

Rule 1: nothing is inserted beside `Organization.open`, `act` and `sweep`; a day's work shares one transaction.
Rule 2: no figure is aimed at. Another seed gives another year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from random import Random

import pendulum

from ..calendar import WorkCalendar, to_us
from ..case import Case
from ..deadline import lateness, timeliness
from ..event import Acted
from ..measure.indicators import Item, pareto, table
from ..organization import Organization
from ..ports import Progress, Query, Store
from ..process import Procedure, Process
from ..records.nonconformity import describe
from ..state import flat_get
from .axis import Axis
from .counter import OneStop
from .office import Day, Dossier, Office, Service, Watch
from .pages import Outcome, Story, Walk, facts, pages
from .quality import PEOPLE, Quality
from .world import CARRIED_FROM, YEAR, Chances, Unit, arrivals, staff_for, units_for

__all__ = ["DOSSIERS", "SEED", "Chances", "Day", "Outcome", "facts", "pages", "run"]

DOSSIERS = 12_820
SEED = 2021
USUAL = Chances()


def run(
    store: Store,
    *,
    dossiers: int = DOSSIERS,
    seed: int = SEED,
    chances: Chances = USUAL,
    told: Callable[[Day], object] = id,
    checking: Progress | None = None,
) -> Outcome:
    """Simulate the year with *dossiers* received, into the empty *store*; what the pages tell.

    *told* is called after each day is committed, *checking* while the trail is verified.
    """
    calendar = WorkCalendar.load("VN")
    random = Random(seed)
    procedures = Procedure.shipped("one-stop")
    units = units_for(procedures)
    staff = staff_for((unit for each in units.values() for unit in each), PEOPLE, dossiers / DOSSIERS)
    watch = Watch(calendar.instant(CARRIED_FROM.toordinal(), 0))
    org = Organization(
        store=store,
        processes=[Process.load("one-stop")],
        procedures=procedures,
        calendars=[calendar],
        people=staff.roster,
        now=lambda: calendar.moment(watch.instant),
        name="district",
    )
    axis = _axis(calendar)
    office = Office(org, calendar, axis, staff, random, watch, chances)
    services = [Service.of(procedure) for procedure in procedures]
    _schedule(office, OneStop(office), services, units, dossiers)
    start, end = (calendar.instant(date(year, 1, 1).toordinal(), 0) for year in (YEAR, YEAR + 1))
    office.at(axis.opening(start), Quality(office).morning)
    for day in office.run(end):
        told(day)
    watch.instant = end
    return _outcome(office, procedures, (dossiers, seed), (start, end), checking)


def _axis(calendar: WorkCalendar) -> Axis:
    first, last = (calendar.moment(calendar.instant(day.toordinal(), 0)) for day in (CARRIED_FROM, date(YEAR + 1, 6, 30)))
    return Axis.of((to_us(a), to_us(b)) for a, b in calendar.open_periods(first, last))


def _schedule(
    office: Office, counter: OneStop, services: Sequence[Service], units: Mapping[str, Sequence[Unit]], dossiers: int
) -> None:
    numbers: Counter[tuple[str, int]] = Counter()
    for instant, online in arrivals(dossiers, office.chances.online, office.calendar, office.axis, office.random):
        service = office.random.choices(services, [service.weight for service in services])[0]
        unit = office.random.choice(units[service.code])
        ordinal, _ = office.calendar.local(instant)
        numbers[unit.agency, ordinal] += 1
        identity = f"{unit.agency}-{date.fromordinal(ordinal):%y%m%d}-{numbers[unit.agency, ordinal]:04}"
        applicant = f"applicant-{len(office.dossiers) + 1:06}"
        dossier = office.dossiers[identity] = Dossier(identity, service, unit, applicant, online)
        office.at(instant, counter.arrive, dossier)


def _outcome(
    office: Office,
    procedures: Sequence[Procedure],
    asked: tuple[int, int],
    year: tuple[int, int],
    checking: Progress | None,
) -> Outcome:
    org = office.org
    fields = {procedure.code: procedure.definition.field for procedure in procedures}
    titles = {procedure.code: procedure.definition.title for procedure in procedures}
    items: list[Item] = []
    stories: dict[str, Case] = {}
    for case in org.cases(Query(process="one-stop")):
        items.append(_item(case, fields, office.calendar))
        for kind in _kinds(case, year, office.calendar):
            stories.setdefault(kind, case)
    raised = list(org.cases(Query(process="nonconformity")))
    causes = [str(cause) for case in raised if (cause := _cause(org, case)) is not None]
    walked = next((case for case in raised if case.outcome == "effective"), None)
    return Outcome(
        asked=asked[0],
        seed=asked[1],
        fields={names["en"]: names for names in fields.values()},
        table=table(items, *year),
        stories=tuple(_story(org, kind, stories[kind], titles) for kind in STORIES if kind in stories),
        raised=len(raised),
        by_state=dict(Counter(step for case in raised for step in sorted(case.steps)).most_common()),
        states={step: defined.title for step, defined in Process.load("nonconformity").definition.steps.items()},
        causes=pareto(causes),
        walk=None if walked is None else _walk(org, walked),
        denied=office.denied,
        events=office.events,
        verification=org.trail.verify(progress=checking),
    )


STORIES = ("tet", "restart", "apology")
TET = date(2021, 2, 12)
_DATES = ("accepted_at", "statutory_due", "first_promise", "current_promise", "finished_at")


def _item(case: Case, fields: Mapping[str, Mapping[str, str]], calendar: WorkCalendar) -> Item:
    """The dossier as the table counts it: it ends for timing when the legal clock stops, or when it is closed at intake."""
    dates = case.dates
    ended = dates.get("finished_at")
    if ended is None and case.closed:
        ended = max(to_us(at) for step in case.steps if (at := case.entered(step)) is not None)
    return Item(
        key=case.id,
        field=fields[case.procedure or ""]["en"],
        received=dates["submitted_at"],
        ended=ended,
        result=None if ended is None else _result(case, ended, calendar),
        paused=ended is None and (clock := flat_get(case.flat_clocks, "legal")) is not None and clock.state == "paused",
    )


def _result(case: Case, ended: int, calendar: WorkCalendar) -> str:
    if case.outcome in _OTHERWISE:
        return _OTHERWISE[case.outcome]
    return timeliness(ended, case.dates["statutory_due"], calendar)


_OTHERWISE = {"not-accepted": "refused", "transferred": "refused", "withdrawn": "withdrawn", "stopped": "stopped"}


def _kinds(case: Case, year: tuple[int, int], calendar: WorkCalendar) -> Iterator[str]:
    """Which of the stories the dossier could tell."""
    dates = case.dates
    finished, accepted = dates.get("finished_at"), dates.get("accepted_at", 0)
    if finished is None or accepted < year[0] or case.outcome != "granted":
        return
    tet = calendar.instant(TET.toordinal(), 0)
    clock = case.clocks["legal"]
    if accepted < tet < finished and not clock.voided and not clock.pauses:
        yield "tet"
    if clock.voided:
        yield "restart"
    if "apologise" in case.doers and finished > dates["statutory_due"] and dates["current_promise"] > dates["first_promise"]:
        yield "apology"


def _story(org: Organization, kind: str, case: Case, titles: Mapping[str, Mapping[str, str]]) -> Story:
    told = org.ledger(case.id)
    calendar, dates = told.calendar, case.dates
    finished, promised = dates["finished_at"], dates["current_promise"]
    by = lateness(finished, dates["statutory_due"], told.limits[-1], calendar=calendar, rule=told.rule)
    return Story(
        kind=kind,
        id=case.id,
        title=titles[case.procedure or ""],
        dates=tuple((name, case.date(name)) for name in _DATES),
        late={language: by.text(language) for language in ("en", "vi")} if finished > dates["statutory_due"] else None,
        apology=_apology(org, case, calendar),
        kept=None if promised == dates["first_promise"] else finished <= promised,
        ledger={language: told.text(language) for language in ("en", "vi")},
    )


def _apology(org: Organization, case: Case, calendar: WorkCalendar) -> tuple[pendulum.DateTime, str, str] | None:
    for event in _acts(org, case, "apologise"):
        return calendar.moment(event.when.occurred), event.by, str((event.form or {})["reason"])
    return None


def _acts(org: Organization, case: Case, action: str) -> Iterator[Acted]:
    """What was done of *action*, in order."""
    if action in case.doers:
        yield from (event for event in org.history(case.id) if isinstance(event, Acted) and event.action == action)


def _cause(org: Organization, case: Case) -> str | None:
    """The cause last recorded for a nonconformity; None where none was looked for yet."""
    found = [str(event.form["category"]) for event in _acts(org, case, "record-cause") if event.form]
    return found[-1] if found else None


def _walk(org: Organization, case: Case) -> Walk:
    events = org.history(case.id)
    return Walk(case.id, {language: describe(case, events, language) for language in ("en", "vi")})
