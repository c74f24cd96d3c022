"""A real log, end to end: the receipt phase of Dutch environmental permits (4TU, J.C.A.M. Buijs).

The expected figures were computed independently of this library (``receipt.truth.json``, made with pm4py and pandas).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pendulum
import pytest
from attrs import evolve

from qms.exchange.csvlog import CsvLog
from qms.exchange.mapping import ClockColumns, LogMap
from qms.exchange.replay import ReplayReport, replay
from qms.ports import Query
from qms.process import Process
from qms.stores import MemoryStore, SQLiteStore

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "receipt"
NOW = pendulum.datetime(2026, 11, 23, 9)


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> dict[str, Any]:
    """What others counted in the log."""
    table: dict[str, Any] = json.loads((shared_data / "logs" / "receipt.truth.json").read_text())
    return table


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    """The store the log is replayed into."""
    return MemoryStore()


@pytest.fixture(scope="module")
def report(shared_data: Path, store: MemoryStore) -> ReplayReport:
    """The replay of the log by the example's definition and map."""
    log = CsvLog(shared_data / "logs" / "receipt.csv.gz", LogMap.load(EXAMPLE / "map.toml"))
    return replay(log, Process.load(EXAMPLE / "receipt.toml"), store=lambda: store, now=lambda: NOW)


def test_the_definition_is_sound() -> None:
    """The example's reading of the work can always finish."""
    found = Process.load(EXAMPLE / "receipt.toml").check()
    assert (found.sound, found.findings) == (True, ())


def test_cases_events_and_variants(report: ReplayReport, truth: dict[str, Any]) -> None:
    """1,434 cases, 8,577 events, 116 variants, and each activity as often as others count it."""
    stats = report.stats
    assert (stats.cases, stats.events, len(stats.variants)) == (1_434, 8_577, 116)
    assert (stats.cases, stats.events, stats.activities) == (truth["cases"], truth["events"], truth["activities"])
    assert [[list(names), n] for names, n in stats.variants[:2]] == [
        [row["variant"], row["count"]] for row in truth["variant_counts_top"][:2]
    ]


def test_directly_follows(report: ReplayReport, truth: dict[str, Any]) -> None:
    """Every pair of activities follows directly as often as others count it, and the log begins and ends as they say."""
    assert sorted(map(list, report.stats.directly_follows)) == sorted(truth["dfg"])
    assert report.stats.starts == truth["start_activities"]
    assert report.stats.ends == truth["end_activities"]


def test_times_ties_and_rework(report: ReplayReport, truth: dict[str, Any]) -> None:
    """First and last instant, ties, repeated activities and durations are those of others."""
    tree, stats = report.to_tree(), report.stats
    assert (tree["first"], tree["last"]) == (truth["first_event"], truth["last_event"])
    assert (stats.ties, stats.rework_cases) == (
        truth["events_tied_with_previous_in_case"],
        truth["cases_with_repeated_activity"],
    )
    assert stats.rework == truth["rework_cases_per_activity"]
    middle = (stats.durations[716] + stats.durations[717]) / 2_000_000
    assert middle == pytest.approx(truth["case_duration_s"]["median"])


@pytest.mark.parametrize(
    ("against", "compare", "early", "on_time", "late"),
    [
        ("enddate_planned", "instant", 937, 3, 389),
        ("enddate_planned", "date", 937, 70, 322),
        ("deadline", "instant", 951, 1, 377),
    ],
)
def test_timeliness(report: ReplayReport, against: str, compare: str, early: int, on_time: int, late: int) -> None:
    """Early, on time and late of the 1,329 finished cases, by instant and by Amsterdam date."""
    (line,) = [line for line in report.to_tree()["on_time"] if (line["against"], line["compare"]) == (against, compare)]
    expected = {"zone": "Europe/Amsterdam", "finished": 1_329, "open": 105, "early": early, "on_time": on_time, "late": late}
    assert line == {"against": against, "compare": compare, **expected}


def test_lateness_agrees_with_the_truth_file(report: ReplayReport, truth: dict[str, Any]) -> None:
    """Late by instant against both promises is what others count."""
    late = {line.against: line.ended.late for line in report.on_time if line.compare == "instant"}
    facts = truth["deadline_facts"]
    assert (late["enddate_planned"], late["deadline"]) == (facts["finished_after_planned"], facts["finished_after_deadline"])


def test_planned_ends_are_our_eight_weeks(report: ReplayReport) -> None:
    """1,091 planned ends lie on the local date on which our 8 weeks end, 990 of them to the second."""
    found = {line.against: (line.n, line.same_date, line.same_second) for line in report.agreements}
    assert found["enddate_planned"] == (1_434, 1_091, 990)


def test_dirty_cases_are_reported(report: ReplayReport, truth: dict[str, Any]) -> None:
    """Two cases end before they start, two begin before their start, 145 have events after their end; all are told."""
    found = {finding.code: finding.n for finding in report.findings}
    facts = truth["deadline_facts"]
    assert found["end-before-start"] == facts["enddate_before_startdate"] == 2
    assert found["event-after-end"] == facts["last_event_after_enddate"] == 145
    assert found["event-before-start"] == facts["first_event_before_startdate"] == 2


def test_what_conforms_and_what_does_not(report: ReplayReport) -> None:
    """Seven slips in the work itself, in four cases; 145 ends that are dated before the work, 142 of them with work undone."""
    end = "Registered end of the case"
    assert [(d.action[:3], d.reason, d.n) for d in report.deviations if d.action != end] == [
        ("T06", "not-in-step", 6),
        ("T05", "not-in-step", 1),
    ]
    assert [(d.reason, d.n) for d in report.deviations if d.action == end] == [
        ("not-in-step, late-entry-order", 142),
        ("late-entry-order", 3),
    ]
    assert report.conforming_cases == 1_285


def test_without_the_registers_ends_all_but_four_cases_conform(shared_data: Path) -> None:
    """Judged by their events alone, 1,430 of 1,434 cases conform."""
    mapping = LogMap.load(EXAMPLE / "map.toml")
    mapping = evolve(mapping, clock=ClockColumns(start=mapping.clock.start, name=mapping.clock.name))
    log = CsvLog(shared_data / "logs" / "receipt.csv.gz", mapping)
    found = replay(log, Process.load(EXAMPLE / "receipt.toml"), store=MemoryStore, now=lambda: NOW)
    assert (found.conforming_cases, sum(d.n for d in found.deviations)) == (1_430, 7)


def test_the_trail_holds_everything(report: ReplayReport, store: MemoryStore) -> None:
    """Every event, start and end is in the trail, and the trail is consistent."""
    kinds = {"acted": 0, "imported": 0, "opened": 0}
    for entry in store.scan():
        kind = json.loads(entry.data)["type"]
        kinds[kind] = kinds.get(kind, 0) + 1
    assert (kinds["acted"], kinds["imported"], kinds["opened"]) == (8_577 + 1_329, 1_434 + 1_329, 1_434)
    assert (report.trail_size, report.trail_root) == (store.size, store.root())
    assert str(store.verify()).startswith("consistent, completeness unknown")


def test_ended_cases_are_closed_and_the_others_open(report: ReplayReport, store: MemoryStore) -> None:
    """The rows know the 105 open cases, and no closed one counts as overdue."""
    rows = [row for _, row in store.select(Query()) if row.process == report.process]
    assert (sum(row.open for row in rows), len(rows)) == (105, 1_434)
    assert all(row.due is None for row in rows if not row.open)


def test_sqlite_holds_the_same_trail(shared_data: Path, report: ReplayReport, tmp_path: Path) -> None:
    """Into one SQLite file the same replay gives the same root, and the figures of a second reader."""
    log = CsvLog(shared_data / "logs" / "receipt.csv.gz", LogMap.load(EXAMPLE / "map.toml"))
    file = SQLiteStore(tmp_path / "receipt.db")
    again = replay(log, Process.load(EXAMPLE / "receipt.toml"), store=lambda: file, now=lambda: NOW)
    assert again.to_tree() == report.to_tree()
    assert file.verify().consistent
    file.close()
