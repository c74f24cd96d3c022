"""Replaying a log: what is recorded, what is told, and what is refused before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pendulum
import pytest

from qms.calendar import WorkCalendar
from qms.codec import decode
from qms.errors import InvalidInput
from qms.exchange.csvlog import CsvLog
from qms.exchange.mapping import LogMap
from qms.exchange.replay import Groups, ReplayReport, plain_calendar, replay
from qms.process import Process
from qms.stores import MemoryStore

NOW = pendulum.datetime(2021, 6, 1)
HEADER = "case,activity,time,who,start,end,planned\n"
MAP: dict[str, Any] = {"case": "case", "activity": "activity", "time": "time", "resource": "who", "zone": "Europe/Amsterdam"}
CLOCKED = MAP | {"clock": {"start": "start", "end": "end", "action": "close"}, "promises": {"planned": "planned"}}

PROCESS: dict[str, Any] = {
    "name": "permit",
    "version": "1",
    "due": "term",
    "opens": "ask",
    "rule": "calendar-plain",
    "limits": {"term": "2 weeks"},
    "roles": {"participant": {}, "clerk": {}},
    "steps": {"waiting": {}, "ready": {}, "done": {"closes": True}},
    "actions": {
        "ask": {"name": "Ask", "from": "new", "to": "waiting", "roles": ["participant"]},
        "work": {"name": "Work", "from": "waiting", "to": "ready", "roles": ["participant", "clerk"]},
        "redo": {"name": "Work", "from": "ready", "to": "waiting", "roles": ["participant", "clerk"]},
        "close": {"name": "Close", "from": "ready", "to": "done", "roles": ["participant"], "clocks": {"term": "stop"}},
    },
}


def run(folder: Path, rows: str, tree: dict[str, Any] | None = None, **more: Any) -> tuple[ReplayReport, MemoryStore]:
    """The replay of these rows, and the store it wrote."""
    path = folder / "log.csv"
    path.write_text(HEADER + rows)
    store = MemoryStore()
    log = CsvLog(path, LogMap.from_tree(MAP if tree is None else tree))
    return replay(log, Process.from_tree(PROCESS), store=lambda: store, now=lambda: NOW, **more), store


def records(store: MemoryStore, case: str) -> list[dict[str, Any]]:
    """The records of one case."""
    return [decode(entry.data) for entry in store.read(case)]


def test_a_clean_case_conforms_and_closes(tmp_path: Path) -> None:
    """Start, events and end become records in order; nothing is found."""
    when = "2021-03-01T08:00+01:00,2021-03-12T09:00+01:00,2021-03-15T09:00+01:00\n"
    rows = f"1,Ask,2021-03-01T09:00+01:00,Lan,{when}1,Work,2021-03-02T09:00+01:00,,{when}"
    report, store = run(tmp_path, rows, CLOCKED)
    assert (report.conforming_cases, report.deviations, report.findings, report.good) == (1, (), (), True)
    kinds = [(record["type"], record.get("action"), record["by"]) for record in records(store, "1")]
    assert kinds == [
        ("opened", None, "register"),
        ("imported", None, "register"),
        ("acted", "ask", "Lan"),
        ("acted", "work", "unnamed"),
        ("imported", None, "register"),
        ("acted", "close", "register"),
    ]
    row = store.row("1")
    assert row is not None and (row.open, row.steps, row.due) == (False, ("done",), None)


def test_an_end_without_an_action_stops_the_clock_alone(tmp_path: Path) -> None:
    """Where the map names no action for the end, the case stays where its events left it, and its clock has stopped."""
    rows = "1,Ask,2021-03-01T09:00Z,,2021-03-01T08:00Z,2021-03-12T09:00Z,\n"
    report, store = run(tmp_path, rows, MAP | {"clock": {"start": "start", "end": "end"}})
    row = store.row("1")
    assert row is not None and (row.open, row.steps, row.due) == (True, ("waiting",), None)
    assert report.on_time[0].ended.early == 1


def test_occurred_and_recorded_are_two_facts(tmp_path: Path) -> None:
    """An event keeps when it occurred, and when it was recorded: on import, or as the log says."""
    _, store = run(tmp_path, "1,Ask,2021-03-01T09:00Z,Lan,2021-03-01T10:00Z,,\n", MAP | {"recorded": "start"})
    _, imported = run(tmp_path, "1,Ask,2021-03-01T09:00Z,Lan,,,\n")
    hour = 3_600_000_000
    assert records(store, "1")[1]["at"] - records(store, "1")[1]["occurred"] == hour
    assert records(imported, "1")[1]["at"] == NOW.int_timestamp * 1_000_000


def test_a_deviation_is_one_slip_with_all_its_reasons(tmp_path: Path) -> None:
    """A skipped step is one deviation; what follows it is none. Nothing is dropped."""
    rows = "1,Ask,2021-03-01T09:00Z,,,,\n1,Close,2021-03-02T09:00Z,,,,\n2,Ask,2021-03-01T09:00Z,,,,\n2,Work,2021-03-02T09:00Z,,,,\n"
    report, store = run(tmp_path, rows)
    assert [(d.action, d.reason, d.n) for d in report.deviations] == [("Close", "not-in-step", 1)]
    assert (report.conforming_cases, report.good) == (1, False)
    assert records(store, "1")[2]["deviation"][0]["code"] == "not-in-step"


def test_a_name_that_actions_share_is_the_one_that_is_allowed(tmp_path: Path) -> None:
    """Of two actions of one name the log means the one that the case can do."""
    rows = "".join(
        f"1,{name},2021-03-0{day}T09:00Z,,,,\n" for day, name in enumerate(("Ask", "Work", "Work", "Work", "Close"), 1)
    )
    report, store = run(tmp_path, rows)
    assert report.deviations == ()
    assert [record.get("action") for record in records(store, "1")[1:]] == ["ask", "work", "redo", "work", "close"]


def test_an_unknown_activity_is_kept(tmp_path: Path) -> None:
    """What the process does not know is recorded as it was called, moves nothing, and is told."""
    report, store = run(tmp_path, "1,Ask,2021-03-01T09:00Z,,,,\n1,Sing,2021-03-02T09:00Z,,,,\n1,Work,2021-03-03T09:00Z,,,,\n")
    assert [(d.action, d.reason, d.n) for d in report.deviations] == [("Sing", "unknown-action", 1)]
    assert [record.get("action") for record in records(store, "1")[1:]] == ["ask", "Sing", "work"]


def test_roles_are_judged_where_the_map_has_them(tmp_path: Path) -> None:
    """With a table of roles an actor without one deviates, named or not; without it everyone is a participant."""
    rows = "1,Ask,2021-03-01T09:00Z,Lan,,,\n1,Work,2021-03-02T09:00Z,Minh,,,\n2,Ask,2021-03-01T09:00Z,,,,\n"
    report, _ = run(tmp_path, rows, MAP | {"roles": {"Lan": ["participant"], "Minh": ["clerk"]}})
    assert [(d.action, d.reason, d.n) for d in report.deviations] == [("Ask", "no-authority", 1)]
    assert run(tmp_path, rows)[0].deviations == ()


def test_nobody_in_a_log_is_our_system(tmp_path: Path) -> None:
    """An actor called system has no more authority than any other."""
    report, store = run(tmp_path, "1,Ask,2021-03-01T09:00Z,system,,,\n", MAP | {"roles": {"Lan": ["participant"]}})
    assert [d.reason for d in report.deviations] == ["no-authority"]
    assert records(store, "1")[1]["by"] == "log:system"


def test_events_run_in_time_order(tmp_path: Path) -> None:
    """The order of the file does not matter but between equal times."""
    rows = "1,Work,2021-03-02T09:00Z,,,,\n1,Ask,2021-03-01T09:00Z,,,,\n1,Close,2021-03-02T09:00Z,,,,\n"
    report, store = run(tmp_path, rows)
    assert [record.get("action") for record in records(store, "1")[1:]] == ["ask", "work", "close"]
    assert [(finding.code, finding.n, finding.where) for finding in report.findings] == [("not-in-time-order", 1, ("1",))]


def test_rows_that_are_no_events_are_told_and_kept(tmp_path: Path) -> None:
    """A row that cannot be read stands in the report with its line, and in the trail where its case is known."""
    report, store = run(tmp_path, "1,Ask,2021-03-01T09:00Z,,,,\n1,Work,noon,Lan,,,\n,Work,2021-03-01T09:00Z,,,,\n")
    assert [(finding.code, finding.n) for finding in report.findings] == [("row-unreadable", 2)]
    assert report.faults[0].startswith("line 3, time: 'noon' is no time")
    assert records(store, "1")[-1]["facts"]["row"] == ["1", "Work", "noon", "Lan", "", "", ""]


def test_dates_that_cannot_be_true_are_told(tmp_path: Path) -> None:
    """Ends before starts, events outside them, missing and varying instants are findings; the events are replayed all the same."""
    rows = "1,Ask,2021-03-01T09:00Z,,2021-03-01T10:00Z,2021-02-01T10:00Z,\n"
    rows += "2,Ask,2021-03-01T09:00Z,,,,2021-03-05T09:00Z\n2,Work,2021-03-01T10:00Z,,,,2021-03-06T09:00Z\n"
    rows += "3,Ask,2021-03-01T09:00Z,,soon,,2021-03-05T09:00Z\n"
    report, store = run(tmp_path, rows, CLOCKED)
    found = {finding.code: finding.where for finding in report.findings}
    assert found == {
        "end-before-start": ("1",),
        "event-before-start": ("1",),
        "event-after-end": ("1",),
        "all-after-end": ("1",),
        "varying-fact": ("2",),
        "no-start": ("2", "3"),
        "no-promises.planned": ("1",),
        "value-doubtful": ("line 5, start: 'soon' is no time, and is left out: Invalid isoformat string: 'soon'",),
    }
    assert [store.length(case) > 1 for case in "123"] == [True, True, True]


def test_timeliness_is_told_by_instant_and_by_date(tmp_path: Path) -> None:
    """Half an hour late on the last day is late by instant and on time by date; open cases are counted apart."""
    rows = "1,Ask,2021-03-01T09:00Z,,2021-03-01T09:00Z,2021-03-15T09:30Z,2021-03-15T09:00Z\n"
    rows += "2,Ask,2021-03-01T09:00Z,,2021-03-01T09:00Z,,2021-03-16T09:00Z\n"
    report, _ = run(tmp_path, rows, CLOCKED)
    told = [(line.against, line.compare, line.open, line.ended.on_time, line.ended.late) for line in report.on_time]
    expected = [("planned", "instant", 1, 0, 1), ("planned", "date", 1, 1, 0)]
    assert told == [*expected, ("term", "instant", 1, 0, 1), ("term", "date", 1, 1, 0)]
    assert [(line.n, line.same_date, line.same_second) for line in report.agreements] == [(2, 1, 1)]


def test_a_calendar_can_be_given(tmp_path: Path) -> None:
    """Where a calendar is given, limits are counted on it and dates are its zone's."""
    week = {"mon-fri": "08:00-17:00"}
    given = WorkCalendar.from_dates(
        zone="Asia/Ho_Chi_Minh", week=week, first=pendulum.date(2021, 1, 1), last=pendulum.date(2021, 12, 31)
    )
    rows = "1,Ask,2021-03-01T09:00Z,,2021-03-01T09:00Z,2021-03-02T09:00Z,2021-03-02T18:00Z\n"
    report, _ = run(tmp_path, rows, CLOCKED, calendar=given)
    assert {line.zone for line in report.on_time} == {"Asia/Ho_Chi_Minh"}
    assert report.on_time[1].ended.early == 1


def test_a_long_case_is_written_in_several_transactions(tmp_path: Path) -> None:
    """A case of more than a thousand events is whole, one transaction after another."""
    seen: list[tuple[int, int]] = []
    rows = "1,Ask,2021-03-01T00:00Z,,,,\n" + "".join(f"1,Work,2021-03-02T{i // 60:02}:{i % 60:02}Z,,,,\n" for i in range(1_200))
    report, store = run(
        tmp_path, rows + "2,Ask,2021-03-01T00:00Z,,,,\n", progress=lambda done, total: seen.append((done, total))
    )
    assert (report.deviations, store.length("1"), store.length("2")) == ((), 1_202, 2)
    assert seen == [(999, 1_202), (1_202, 1_202)]


def test_everyone_holds_the_role_and_nobody_by_name() -> None:
    """Anybody is granted the one role; asked who holds it, there is no list."""
    people = Groups(Process.from_tree(PROCESS), ())
    assert ([grant.role for grant in people.grants("anyone", 0)], people.holders("participant", None, 0)) == (
        ["participant"],
        (),
    )


def test_a_process_without_clocks_is_replayed_too(tmp_path: Path) -> None:
    """No limit, no clock, no promise: order and roles alone."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "1,Ask,2021-03-01T09:00Z,,,,\n")
    tree = {key: value for key, value in PROCESS.items() if key not in ("due", "limits")}
    tree["actions"] = PROCESS["actions"] | {"close": {"from": "ready", "to": "done", "roles": ["participant"]}}
    report = replay(CsvLog(path, LogMap.from_tree(MAP)), Process.from_tree(tree), store=MemoryStore, now=lambda: NOW)
    assert (report.conforming_cases, report.on_time, report.agreements) == (1, (), ())


def test_a_log_without_events_is_a_report_of_nothing(tmp_path: Path) -> None:
    """A header alone: no cases, and no rates out of nothing."""
    report, _ = run(tmp_path, "", CLOCKED)
    tree = report.to_tree()
    assert (tree["cases"], tree["events"], tree["first"], tree["deviations"]) == (0, 0, None, [])
    assert {(line["finished"], line["open"]) for line in tree["on_time"]} == {(0, 0)}


@pytest.mark.parametrize(
    ("tree", "match"),
    [
        ({"clock": {"start": "start", "name": "legal"}}, r"clock.name: permit has no limit 'legal'; it has: term"),
        ({"clock": {"end": "end", "action": "shut"}}, r"clock.action: permit has no action 'shut'"),
        ({"promises": {"term": "planned"}}, r"promises.term: is the name of the clock that permit reckons"),
    ],
)
def test_a_map_that_does_not_fit_the_process_is_refused(tmp_path: Path, tree: dict[str, Any], match: str) -> None:
    """A clock, an action or a promise that the process cannot have is refused with what it has."""
    with pytest.raises(InvalidInput, match=match):
        run(tmp_path, "1,Ask,2021-03-01T09:00Z,,,,\n", MAP | tree)


def test_a_process_without_a_due_needs_a_named_clock(tmp_path: Path) -> None:
    """Where the process names no due, the map says which limit its columns move."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "1,Ask,2021-03-01T09:00Z,,,,\n")
    process = Process.from_tree({key: value for key, value in PROCESS.items() if key != "due"})
    log = CsvLog(path, LogMap.from_tree(MAP | {"clock": {"start": "start"}}))
    with pytest.raises(InvalidInput, match=r"clock.name: missing; permit names no due"):
        replay(log, process, store=MemoryStore, now=lambda: NOW)


def test_nothing_is_opened_for_a_log_that_cannot_be_read(tmp_path: Path) -> None:
    """The store is opened only once the log has been read whole."""

    def opened() -> MemoryStore:
        raise AssertionError

    path = tmp_path / "log.csv"
    path.write_text(HEADER + "1,Ask,2021-03-01T09:00Z,,,,\n1,Ask,2021-03-01 09:00,,,,\n")
    log = CsvLog(path, LogMap.from_tree({key: value for key, value in MAP.items() if key != "zone"}))
    with pytest.raises(InvalidInput, match=r"line 3, time: .* says no zone"):
        replay(log, Process.from_tree(PROCESS), store=opened, now=lambda: NOW)


def test_a_store_that_holds_the_cases_is_refused(tmp_path: Path) -> None:
    """A second replay into one store is refused before anything is written."""
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "1,Ask,2021-03-01T09:00Z,,,,\n2,Ask,2021-03-01T09:00Z,,,,\n")
    log, store = CsvLog(path, LogMap.from_tree(MAP)), MemoryStore()
    replay(log, Process.from_tree(PROCESS), store=lambda: store, now=lambda: NOW)
    size = store.size
    with pytest.raises(InvalidInput, match="the store holds 2 of these cases, the first '1'"):
        replay(log, Process.from_tree(PROCESS), store=lambda: store, now=lambda: NOW)
    assert store.size == size


def test_the_plain_calendar_covers_what_it_is_asked_for() -> None:
    """Every hour counts, from the year before the first instant to ten years after the last, within what dates can say."""
    calendar = plain_calendar("Europe/Amsterdam", [NOW.int_timestamp * 1_000_000])
    assert (calendar.first, calendar.last) == (pendulum.date(2020, 1, 1), pendulum.date(2031, 12, 31))
    assert calendar.is_open(pendulum.datetime(2021, 12, 25, 3))


def test_whose_acts_deviate_is_told(tmp_path: Path) -> None:
    """Who did what deviates, how often, of how many acts; and how long cases stood where."""
    rows = "1,Ask,2021-03-01T09:00Z,Lan,,,\n1,Close,2021-03-02T09:00Z,Lan,,,\n2,Ask,2021-03-01T09:00Z,Minh,,,\n2,Work,2021-03-01T10:00Z,Minh,,,\n"
    report, _ = run(tmp_path, rows)
    assert [(slip.resource, slip.n, slip.acts) for slip in report.by_resource] == [("Lan", 1, 2)]
    assert [(step.step, step.n, step.elapsed.median) for step in report.steps] == [("waiting", 1, 3_600_000_000)]
    assert report.to_tree()["slowest_steps"] == ["waiting"]


def test_a_beginning_is_not_what_is_meant_in_the_midst_of_a_case(tmp_path: Path) -> None:
    """An activity that begins cases and may follow others: where it follows wrongly, the token goes on with it."""
    tree = PROCESS | {
        "actions": PROCESS["actions"] | {"again": {"name": "Ask", "from": "ready", "to": "waiting", "roles": ["participant"]}}
    }
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "1,Ask,2021-03-01T09:00Z,,,,\n1,Ask,2021-03-02T09:00Z,,,,\n")
    store = MemoryStore()
    replay(CsvLog(path, LogMap.from_tree(MAP)), Process.from_tree(tree), store=lambda: store, now=lambda: NOW)
    assert [record.get("action") for record in records(store, "1")[1:]] == ["ask", "again"]


@pytest.mark.parametrize("case", ["definitions", "denials/1", "   ", "1\x1b[2J"])
def test_a_row_whose_case_cannot_be_one_is_a_fault(tmp_path: Path, case: str) -> None:
    """One such row does not stop the log: it is told with its line, and the others are taken."""
    rows = f"{case},Ask,2021-03-01T09:00+01:00,Lan,,,\n1,Ask,2021-03-01T09:00+01:00,Lan,,,\n"
    report, store = run(tmp_path, rows)
    assert (1, 1) == (report.stats.cases, report.stats.events)
    assert (f"line 2, case: {case!r} cannot be the id of a case",) == report.faults
    assert 2 == store.length("1")
