"""The page of the receipt example says what a run says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pendulum
import pytest

from qms.calendar import WorkCalendar
from qms.deadline import due_us
from qms.exchange.csvlog import CsvLog
from qms.exchange.eventlog import LogEvent
from qms.exchange.mapping import LogMap
from qms.exchange.replay import ReplayReport, plain_calendar, replay
from qms.limits import CountingRule, TimeLimit
from qms.measure.indicators import percent
from qms.process import Process
from qms.stores import MemoryStore

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "receipt"
MAP = LogMap.load(EXAMPLE / "map.toml")
Cases = dict[str, list[LogEvent]]


@pytest.fixture(scope="module")
def page() -> str:
    """The words of the page, whatever the line breaks."""
    return " ".join((EXAMPLE / "README.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def report(shared_data: Path) -> ReplayReport:
    """The replay that the page tells."""
    log = CsvLog(shared_data / "logs" / "receipt.csv.gz", MAP)
    process = Process.load(EXAMPLE / "receipt.toml")
    return replay(log, process, store=MemoryStore, now=lambda: pendulum.datetime(2026, 11, 23))


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Cases:
    """The events of each case, in order of the file, which is that of time here."""
    found: Cases = {}
    for event in CsvLog(shared_data / "logs" / "receipt.csv.gz", MAP):
        found.setdefault(event.case, []).append(event)
    return found


@pytest.fixture(scope="module")
def calendar(cases: Cases) -> WorkCalendar:
    """Amsterdam's days."""
    return plain_calendar("Europe/Amsterdam", [event.at for events in cases.values() for event in events])


def test_the_page_tells_what_was_looked_at(page: str, report: ReplayReport) -> None:
    """Cases, events, variants, first and last day."""
    stats, tree = report.stats, report.to_tree()
    assert f"| cases | {stats.cases:,} | | events | {stats.events:,} of {len(stats.activities)} activities |" in page
    assert f"| variants (different sequences) | {len(stats.variants)} |" in page
    assert f"| {tree['first'][:10]} and {tree['last'][:10]} |" in page
    assert f"rows that could not be read | {len(report.faults)} |" in page
    checked = Process.load(EXAMPLE / "receipt.toml").check()
    assert (checked.sound, f"{checked.markings} reachable states" in page) == (True, True)


def test_the_page_tells_the_slips(page: str, report: ReplayReport) -> None:
    """Deviations in the work and in the ends, and the shares that conform."""
    ends = {d.reason: d.n for d in report.deviations if d.action.startswith("Registered")}
    slips = [d for d in report.deviations if not d.action.startswith("Registered")]
    assert all(f"| {d.action} | {d.reason}" in page for d in slips)
    assert (sum(d.n for d in slips), ends) == (7, {"not-in-step, late-entry-order": 142, "late-entry-order": 3})
    assert f"1,430 ({percent(1_430, 1_434)} %)" in page
    assert f"{report.conforming_cases:,} cases ({percent(report.conforming_cases, 1_434)} %) conform with their end" in page


def test_the_page_tells_the_doubtful_dates(page: str, report: ReplayReport) -> None:
    """Ends before work, ends before starts, with the cases."""
    found = {finding.code: finding for finding in report.findings}
    assert f"before the last event in {found['event-after-end'].n} cases" in page
    assert f"In {found['all-after-end'].n} cases *every* event lies after the end" in page
    assert f"before they start ({', '.join(found['end-before-start'].where)})" in page
    assert ", ".join(found["event-before-start"].where) in page


def test_the_page_tells_timeliness(page: str, report: ReplayReport) -> None:
    """Each line of the table, with its rate; the finished and the open."""
    names = {"enddate_planned": "`enddate_planned`", "deadline": "`deadline`", "decision": "our 8 weeks"}
    for line in report.on_time:
        how = "by instant" if line.compare == "instant" else "by local date"
        counts = f"{line.ended.early} | {line.ended.on_time} | {line.ended.late}"
        assert f"| {names[line.against]} | {how} | {counts} | {line.ended.rate} % |" in page
    assert f"{report.on_time[0].ended.done:,}; open: {report.on_time[0].open}" in page
    (planned,) = [line for line in report.agreements if line.against == "enddate_planned"]
    assert f"In {planned.same_date:,} of {planned.n:,} cases" in page
    assert f"in {planned.same_second} to the second" in page


def test_the_page_tells_the_lone_confirmations(page: str, cases: Cases) -> None:
    """Dossiers of one event after their end, who entered it, and how soon."""
    lone = [events[0] for events in cases.values() if len(events) == 1 and "end" in events[0].facts]
    late = [event.at - event.facts["end"] for event in lone]
    soon = sum(lag <= 60_000_000 for lag in late)
    assert (min(late) > 0, {event.resource for event in lone}) == (True, {"admin2"})
    assert f"all {len(lone)} were entered by one account, `admin2`, {soon} of them within a minute" in page


def test_the_page_tells_planned_ends(page: str, cases: Cases, calendar: WorkCalendar) -> None:
    """Planned ends after, before and on our due; weekends; same-day lateness; open cases past their plan."""
    rule, limit = CountingRule.named("calendar-plain"), TimeLimit.parse("8 weeks")
    facts = [events[0].facts for events in cases.values()]
    planned = [fact["promises.enddate_planned"] for fact in facts]
    dues = [due_us(fact["start"], limit, calendar=calendar, rule=rule) for fact in facts]
    days = [calendar.local(plan)[0] for plan in planned]
    gaps = [day - calendar.local(due)[0] for day, due in zip(days, dues, strict=True)]
    later, extended, earlier = sum(gap > 0 for gap in gaps), gaps.count(42), sum(gap < 0 for gap in gaps)
    assert f"In {later} it lies later, in {extended} of them by exactly 42 days" in page
    assert f"In {earlier} it lies earlier" in page
    assert f"{sum(date.fromordinal(day).weekday() >= 5 for day in days)} lie on a Saturday or Sunday" in page
    last = max(event.at for events in cases.values() for event in events)
    overdue = sum(plan < last for plan, fact in zip(planned, facts, strict=True) if "end" not in fact)
    assert f"Of the 105 open cases {overdue} were past" in page
    ended = [(fact["end"], plan, day) for fact, plan, day in zip(facts, planned, days, strict=True) if "end" in fact]
    assert f"{sum(end > plan and calendar.local(end)[0] == day for end, plan, day in ended)} cases that are late" in page


def test_the_page_tells_who_did_it(page: str, cases: Cases) -> None:
    """One person in two roles, and accounts that are nobody's."""

    def who(events: list[LogEvent], task: str) -> set[str | None]:
        return {event.resource for event in events if event.activity.startswith(task)}

    both = [(who(events, "T02"), who(events, "T04")) for events in cases.values()]
    pairs = [(checked, determined) for checked, determined in both if checked and determined]
    assert f"In {sum(not a.isdisjoint(b) for a, b in pairs):,} of {len(pairs):,} cases the person" in page
    actors = [str(event.resource) for events in cases.values() for event in events]
    admins, tests = sum(actor.startswith("admin") for actor in actors), sum(actor.lower() == "test" for actor in actors)
    assert f"{admins} events were entered by accounts" in page
    assert f"and {tests} by `test` and `TEST`" in page


def test_the_page_tells_the_trail(page: str, report: ReplayReport) -> None:
    """How many records there are, and what they are."""
    assert f"{report.trail_size:,} records: 8,577 events" in page
    assert report.trail_size == 8_577 + 2 * 1_434 + 2 * 1_329 + 3
