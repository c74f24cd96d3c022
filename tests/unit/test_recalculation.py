"""A new version of a calendar while cases run: what moves, what stays, and who may be at work meanwhile."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from threading import Thread

import pytest

from definitions import CALENDAR, OFFICE, WEEK, at, small
from office import Now, denied, office
from qms.calendar import WorkCalendar
from qms.errors import Conflict, InvalidInput, NotFound, RecalculationPending
from qms.event import Effects, Moved, Recalculated, When, from_record, read, to_bytes
from qms.organization import Past
from qms.ports import Query
from qms.publication import STREAM
from qms.stores.memory import MemoryStore
from qms.stores.sqlite import SQLiteStore

PROMISED = """
due = "legal"
dates.due_by_law = "last"
dates.told_first = "once"
dates.told_last = "later"
limits.legal = "3 working days"
limits.window = "1 working day"
actions.ask = { from = "new", to = "waiting", roles = ["clerk"], clocks = { legal = "start", window = "start" }, \
  sets = { due_by_law = "clock.legal", told_first = "clock.legal", told_last = "clock.legal" } }
actions.note = { from = "waiting", to = "waiting", roles = ["clerk"] }
actions.hold = { from = "waiting", to = "held", roles = ["clerk"], clocks = { legal = "pause" } }
actions.go-on = { from = "held", to = "waiting", roles = ["clerk"], clocks = { legal = "resume" } }
actions.lapse = { from = "waiting", to = "lapsed", fired_by = "legal" }
actions.file = { from = "lapsed", to = "done", roles = ["clerk"] }
steps.held = {}
steps.lapsed = {}
"""


def version(*off: int, name: str = "test", **more) -> WorkCalendar:
    """The calendar of tests with days of January 2024 off besides the first."""
    settings = {"zone": CALENDAR.zone, "week": WEEK, "first": CALENDAR.first, "last": CALENDAR.last}
    days = [date(2024, 1, day) for day in (1, *off)]
    return WorkCalendar.from_dates(**{**settings, "name": name, "customary_rule": "vn-one-stop", "off": days, **more})


NEW = version(3)
"""Wednesday the third is off, so that three working days from Tuesday the second end on Monday the eighth."""


@pytest.fixture
def now() -> Now:
    """Tuesday the second, at nine."""
    return Now()


@pytest.fixture
def org(now):
    """An office with one process, over memory."""
    return office(small(PROMISED), now=now)


def moved(org, case: str) -> list[Recalculated]:
    """The events by which a new calendar moved dates of *case*."""
    return [event for event in org.history(case) if isinstance(event, Recalculated)]


def test_a_day_off_moves_what_runs_over_it(org, now):
    """From where to where, by which entry; the main limit and the window alike."""
    org.open("small", by="lan")
    now.to("02 10:00")
    told = org.definitions.recalculate(NEW)
    assert [
        ("a", "legal", "2024-01-05T17:00:00+07:00", "2024-01-08T17:00:00+07:00", ["off-2024-01-03"]),
        ("a", "window", "2024-01-03T17:00:00+07:00", "2024-01-04T17:00:00+07:00", ["off-2024-01-03"]),
    ] == [tuple(row.values()) for row in told.to_tree()["moved"]]
    assert at("08 17:00") == org.case("a").clocks["legal"].due


def test_it_is_journaled_once_with_both_versions_and_the_reason(org, now):
    """One event, dated when the calendar was put in force, by whoever did it."""
    org.open("small", by="lan")
    now.to("02 10:00")
    org.definitions.recalculate(NEW, by="hoa", reason="letter 1/VP")
    (event,) = moved(org, "a")
    assert (3, "hoa", at("02 10:00"), "letter 1/VP", CALENDAR.version, NEW.version) == (
        event.seq,
        event.by,
        event.when.occurred,
        event.when.reason,
        event.before,
        event.calendar,
    )
    assert Moved("legal", at("05 17:00"), at("08 17:00"), ("off-2024-01-03",)) == event.moved[0]


def test_the_statutory_date_moves_and_promises_stay(org, now):
    """A date written `last` follows its clock; `once` and `later` were told to somebody."""
    org.open("small", by="lan")
    org.definitions.recalculate(NEW)
    day = {name: value.day for name in ("due_by_law", "told_first", "told_last") if (value := org.case("a").date(name))}
    assert {"due_by_law": 8, "told_first": 5, "told_last": 5} == day


def test_a_date_that_was_set_otherwise_does_not_follow(now):
    """It no longer stands where the due stood."""
    sets = 'actions.note = { sets = { due_by_law = "occurred" }, '
    org = office(small(PROMISED.replace("actions.note = {", sets)), now=now)
    org.open("small", by="lan")
    org.act("a", "note", by="lan")
    org.definitions.recalculate(NEW)
    assert 2 == org.case("a").date("due_by_law").day


def test_a_second_run_changes_nothing(org):
    """Nothing is written, nothing moves."""
    org.open("small", by="lan")
    org.definitions.recalculate(NEW)
    size = org.trail.size
    again = org.definitions.recalculate(NEW)
    assert ((), 1, size) == (again.moved, len(moved(org, "a")), org.trail.size)


def test_a_case_that_does_not_move_has_no_event(org, now):
    """A day off after its end is no news."""
    org.open("small", by="lan")
    told = org.definitions.recalculate(version(10))
    assert ((), 1, 2) == (told.moved, told.looked, org.case("a").seq)


def test_a_dry_run_tells_the_same_and_writes_nothing(org):
    """What would move is what moves."""
    org.open("small", by="lan")
    size = org.trail.size
    dry = org.definitions.recalculate(NEW, dry_run=True)
    assert (True, size, at("05 17:00")) == (dry.dry, org.trail.size, org.case("a").clocks["legal"].due)
    assert dry.moved == org.definitions.recalculate(NEW).moved


def test_closed_stopped_and_paused_clocks_stay(org, now):
    """Nothing runs there; a resumption reckons by the calendar in force."""
    for name in ("done", "held"):
        org.open("small", by="lan", id=name)
    org.act("done", "finish", by="lan")
    org.act("held", "hold", by="lan")
    told = org.definitions.recalculate(NEW)
    now.to("02 11:00")
    org.act("held", "go-on", by="lan")
    assert (["window"], [], at("09 10:00")) == (
        [one.clock for one in told.moved],
        moved(org, "done"),
        org.case("held").clocks["legal"].due,
    )


def test_a_day_worked_after_all_moves_dates_back(org):
    """A day that is no longer off names the entry that is gone."""
    org.definitions.recalculate(NEW)
    org.open("small", by="lan")
    told = org.definitions.recalculate(CALENDAR)
    assert [(5, ("off-2024-01-03",)), (3, ("off-2024-01-03",))] == [
        (one.due.day, tuple(entry.id for entry in one.entries)) for one in told.moved
    ]


def test_other_hours_of_the_week_are_told_as_such(org):
    """No entry decides those days."""
    org.open("small", by="lan")
    told = org.definitions.recalculate(version(week={"mon-fri": "08:00-16:00"}))
    assert [("week",), ("week",)] == [one.entries for one in told.moved]
    assert "05/01/2024 17:00 → 05/01/2024 16:00 (hours of the week)" in str(told)


def test_what_was_told_reads_in_two_languages(org):
    """A head and a line for each date."""
    org.open("small", by="lan")
    told = org.definitions.recalculate(NEW, dry_run=True)
    assert [
        f"calendar test {NEW.version[:12]}: 1 open case, 2 dates would move",
        "a legal: 05/01/2024 17:00 → 08/01/2024 17:00 (off-2024-01-03)",
    ] == str(told).splitlines()[:2]
    assert f"Lịch test {NEW.version[:12]}: 1 hồ sơ đang mở, 2 thời hạn sẽ thay đổi" == told.text("vi").splitlines()[0]


def test_the_row_moves_with_the_due_and_the_trail_holds(org, now):
    """A list of what is overdue reads the new date."""
    org.open("small", by="lan")
    org.definitions.recalculate(NEW)
    assert (at("08 17:00"), True) == (org.store.row("a").due, org.trail.verify().consistent)
    assert [] == org.overdue()


# While it is pending


def pending(now, store=None):
    """An office whose new calendar is published, while one open case rests on the old."""
    store = store or MemoryStore()
    office(small(PROMISED), store=store, now=now).open("small", by="lan")
    return office(small(PROMISED), store=store, now=now, calendars=[NEW])


def test_overdue_refuses_while_cases_rest_on_an_earlier_version(now):
    """The list would hold wrong dues; it says what to run."""
    org = pending(now)
    with pytest.raises(RecalculationPending, match=r"run org\.definitions\.recalculate\('test'\) to the end"):
        org.overdue()
    org.definitions.recalculate(NEW)
    assert [] == org.overdue()


def test_a_list_by_dues_refuses_too_and_others_do_not(now):
    """What is asked for by id or step does not depend on when anything is due."""
    org = pending(now)
    with pytest.raises(RecalculationPending):
        list(org.cases(Query(due_before=at("06 09:00"))))
    assert [at("08 17:00")] == [case.clocks["legal"].due for case in org.cases(Query(step="waiting"))]


def test_a_ledger_tells_by_the_calendar_in_force_where_the_due_stayed(now):
    """The day that was exchanged is told as such, though it moved nothing; what moved is told by what moved it."""
    org = office(small(PROMISED), now=now)
    org.open("small", by="lan")
    org.definitions.recalculate(version(3))
    same = version(3, 15, working=[date(2024, 1, 13)])
    org.definitions.recalculate(same)
    assert same.version in org.ledger("a").to_tree()["calendar"].values()


def test_a_name_finishes_what_is_pending(now):
    """Whoever has no file of the new calendar finds it in the log."""
    told = pending(now).definitions.recalculate("test")
    assert (NEW, 2) == (told.calendar, len(told.moved))


def test_nothing_is_pending_where_no_case_is_open(now):
    """A new calendar before the first case, or after the last, is simply in force."""
    store = MemoryStore()
    first = office(small(PROMISED), store=store, now=now)
    first.open("small", by="lan")
    first.act("a", "finish", by="lan")
    org = office(small(PROMISED), store=store, now=now, calendars=[NEW])
    assert ([], NEW.version) == (org.overdue(), org.definitions.in_force("test").version)


def test_a_view_shows_what_the_calendar_in_force_says(now):
    """Nobody need wait for the recalculation: a case that is looked at is restated, and its act journals it."""
    org = pending(now)
    assert at("08 17:00") == org.case("a").clocks["legal"].due
    org.act("a", "note", by="lan")
    assert ([Recalculated], 1) == ([type(e) for e in org.history("a")[2:3]], len(moved(org, "a")))
    assert () == org.definitions.recalculate(NEW).moved


def test_a_lapse_that_the_new_calendar_puts_off_does_not_happen(now):
    """In force before the old end came: nothing ends then."""
    org = pending(now)
    now.to("06 09:00")
    org.sweep()
    assert {"waiting"} == org.case("a").steps


def test_a_lapse_before_the_calendar_was_in_force_stays(org, now):
    """What had ended had ended, whenever somebody looked."""
    org.open("small", by="lan")
    now.to("06 09:00")
    org.definitions.recalculate(NEW)
    assert ({"lapsed"}, ["lapse"]) == (org.case("a").steps, [getattr(e, "action", "") for e in org.history("a")[2:3]])


def test_a_worker_with_the_old_file_works_by_what_the_log_puts_in_force(now):
    """It began earlier, or anew with an old file: the log decides, not its memory."""
    store = MemoryStore()
    old = office(small(PROMISED), store=store, now=now)
    old.open("small", by="lan")
    office(small(PROMISED), store=store, now=now).definitions.recalculate(NEW)
    opened = old.open("small", by="lan", id="b")
    again = office(small(PROMISED), store=store, now=now).open("small", by="lan", id="c")
    assert [at("08 17:00")] * 2 == [case.clocks["legal"].due for case in (opened, again)]
    assert NEW.version == opened.calendar


def test_an_act_decided_by_the_old_calendar_is_decided_anew(now):
    """The calendar comes into force between its decision and its landing."""

    class Between(MemoryStore):
        act = None

        def append(self, writes, key=None):
            if self.act is not None and writes[0].stream == "b":
                act, self.act = self.act, None
                act()
            return super().append(writes, key)

    store = Between()
    org, other = (office(small(PROMISED), store=store, now=now) for _ in range(2))
    org.open("small", by="lan")
    store.act = lambda: other.definitions.recalculate(NEW)
    case = org.open("small", by="lan", id="b")
    assert (at("08 17:00"), NEW.version, True) == (case.clocks["legal"].due, case.calendar, org.trail.verify().consistent)


# Broken off, and two at once


class Weak(SQLiteStore):
    """A store that fails after so many appends."""

    left = 10**9

    def append(self, writes, key=None):
        self.left -= 1
        if self.left < 0:
            raise OSError("the power went")
        return super().append(writes, key)


@pytest.mark.parametrize("left", range(6))
def test_broken_off_anywhere_it_is_finished_by_the_next(tmp_path: Path, now, monkeypatch, left):
    """Each date is journaled once, whatever had landed by then."""
    monkeypatch.setattr("qms.registry.CHUNK", 2)
    store = Weak(tmp_path / "office.db")
    org = office(small(PROMISED), store=store, now=now)
    names = [f"case-{n}" for n in range(5)]
    for name in names:
        org.open("small", by="lan", id=name)
    store.left = left
    with pytest.raises(OSError, match="the power went"):
        org.definitions.recalculate(NEW)
    store.close()
    again = SQLiteStore(tmp_path / "office.db")
    org = office(small(PROMISED), store=again, now=now)
    if left:
        with pytest.raises(RecalculationPending):
            org.overdue()
    org.definitions.recalculate(NEW)
    assert [1] * 5 == [len(moved(org, name)) for name in names]
    assert ([], True) == (org.overdue(), org.trail.verify().consistent)
    again.close()


def test_two_at_once_journal_each_date_once(tmp_path: Path, now, monkeypatch):
    """Two workers, two connections, one calendar: both come to the end."""
    monkeypatch.setattr("qms.registry.CHUNK", 3)
    path = tmp_path / "office.db"
    workers = [office(small(PROMISED), store=SQLiteStore(path), now=now) for _ in range(2)]
    names = [f"case-{n:02}" for n in range(30)]
    for name in names:
        workers[0].open("small", by="lan", id=name)
    told, failed = [], []

    def run(org) -> None:
        try:
            told.append(org.definitions.recalculate(NEW))
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [Thread(target=run, args=[org]) for org in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ([], 60) == (failed, sum(len(one.moved) for one in told))
    assert ([1] * 30, True) == ([len(moved(workers[0], name)) for name in names], workers[0].trail.verify().consistent)
    for org in workers:
        org.store.close()


def test_another_calendar_meanwhile_ends_it(now, monkeypatch):
    """The later one wins, and whoever ran the earlier is told."""
    monkeypatch.setattr("qms.registry.CHUNK", 1)
    store = MemoryStore()
    org, other = (office(small(PROMISED), store=store, now=now) for _ in range(2))
    for name in ("a", "b"):
        org.open("small", by="lan", id=name)
    later = [version(4)]
    with pytest.raises(Conflict, match="another calendar test was put in force meanwhile"):
        org.definitions.recalculate(
            NEW, progress=lambda *_: later and other.definitions.put_in_force(later.pop(), at("02 10:00"))
        )
    org.definitions.recalculate("test")
    assert ([version(4).version] * 2, [2, 1]) == (
        [org.case(name).calendar for name in "ab"],
        [len(moved(org, name)) for name in "ab"],
    )


def test_taken_back_with_its_transaction(org):
    """The calendar is not in force, and nothing moved."""
    org.open("small", by="lan")
    with pytest.raises(ZeroDivisionError), org.transaction():
        org.definitions.recalculate(NEW)
        raise ZeroDivisionError
    assert (CALENDAR.version, at("05 17:00"), []) == (
        org.definitions.in_force("test").version,
        org.case("a").clocks["legal"].due,
        org.overdue(),
    )
    assert CALENDAR.version == org.open("small", by="lan", id="b").calendar


def test_progress_is_told_to_the_end(org):
    """Cases done, of all."""
    for name in "abc":
        org.open("small", by="lan", id=name)
    told: list[tuple[int, int]] = []
    org.definitions.recalculate(NEW, progress=lambda *n: told.append(n))
    assert (3, 3) == told[-1]


def test_inside_the_callers_transaction_it_is_the_callers_to_keep(tmp_path: Path, now):
    """Taken back with it, the calendar was never in force; kept, it is."""
    connection = sqlite3.connect(tmp_path / "caller.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    org = office(small(PROMISED), store=SQLiteStore.on(connection), now=now)
    org.open("small", by="lan")
    connection.execute("COMMIT")
    for verb, due in (("ROLLBACK", "05 17:00"), ("COMMIT", "08 17:00")):
        connection.execute("BEGIN IMMEDIATE")
        assert 2 == len(org.definitions.recalculate(NEW).moved)
        connection.execute(verb)
        assert (at(due), []) == (org.case("a").clocks["legal"].due, org.overdue())
    connection.close()


def test_cases_of_another_calendar_stay(now):
    """Two offices under one roof, each by its own."""
    other = version(name="other")
    processes = [
        small('name = "small"\ncalendar = "test"\n' + PROMISED),
        small('name = "far"\ncalendar = "other"\n' + PROMISED),
    ]
    org = office(*processes, now=now, calendars=[CALENDAR, other])
    org.open("small", by="lan", id="a")
    org.open("far", by="lan", id="b")
    assert {"a"} == {one.case for one in org.definitions.recalculate(NEW).moved}
    assert {"b"} == {one.case for one in org.definitions.recalculate(version(3, name="other")).moved}


def test_cases_of_another_calendar_do_not_lapse_by_this_one(now):
    """A recalculation looks at what it concerns, and touches nothing else."""
    processes = [small(f'name = "{name}"\ncalendar = "{name}"\n' + PROMISED) for name in ("near", "far")]
    org = office(*processes, now=now, calendars=[version(name="near"), version(name="far")])
    org.open("far", by="lan", id="b")
    now.to("10 09:00")
    told = org.definitions.recalculate(version(3, name="near"))
    assert ((), 2) == (told.moved, org.store.length("b"))


class Crowded(MemoryStore):
    """A store in which others are always first with one stream."""

    stream = ""

    def append(self, writes, key=None):
        if writes[0].stream == self.stream:
            raise Conflict("longer than expected")
        return super().append(writes, key)


@pytest.mark.parametrize(
    ("stream", "message"),
    [("a", "a: other writers were first 8 times; try again"), (STREAM, "others keep publishing definitions; try again")],
)
def test_whoever_is_never_first_gives_up(now, stream, message):
    """And says so; the next run goes on from there."""
    store = Crowded()
    org = office(small(PROMISED), store=store, now=now)
    org.open("small", by="lan")
    store.stream = stream
    with pytest.raises(Conflict, match=message):
        org.definitions.recalculate(NEW)
    store.stream = ""
    org.definitions.recalculate(NEW)
    assert (1, []) == (len(moved(org, "a")), org.overdue())


def test_a_case_is_not_opened_while_calendars_keep_changing(now):
    """Each time it was decided another came into force."""

    class Restless(MemoryStore):
        act = None

        def append(self, writes, key=None):
            if self.act is not None and writes[0].stream == "a":
                self.act()
            return super().append(writes, key)

    store = Restless()
    org, other = (office(small(PROMISED), store=store, now=now) for _ in range(2))
    days = iter(range(2, 30))
    store.act = lambda: other.definitions.put_in_force(version(next(days)), at("02 09:00"))
    with pytest.raises(Conflict, match="a: other writers were first 8 times; try again"):
        org.open("small", by="lan")


def test_the_settling_word_is_not_said_for_a_calendar_that_was_overtaken(org, now):
    """Whoever comes to the end after another calendar came into force is told to run again."""
    org.open("small", by="lan")
    progress = lambda *_: org.definitions.put_in_force(version(4), at("02 10:00"))  # noqa: E731
    with pytest.raises(Conflict, match="another calendar test was put in force meanwhile"):
        org.definitions.recalculate(NEW, progress=progress)
    assert version(4).version == org.definitions.pending("test").version


def test_a_dry_run_tells_its_progress_and_its_lines(org):
    """Case by case; each date on a line of its own."""
    org.open("small", by="lan")
    told: list[tuple[int, int]] = []
    dry = org.definitions.recalculate(NEW, dry_run=True, progress=lambda *n: told.append(n))
    assert ([(1, 1)], "a window: 03/01/2024 17:00 → 04/01/2024 17:00 (off-2024-01-03)") == (told, str(dry.moved[1]))


# Refused


def test_what_lies_outside_the_new_calendar_is_refused_before_anything_is_written(org):
    """With every case concerned."""
    for name in ("a", "b"):
        org.open("small", by="lan", id=name)
    size = org.trail.size
    with pytest.raises(InvalidInput) as refused:
        org.definitions.recalculate(version(last=date(2024, 1, 4)))
    assert (["a", "b"], size) == ([problem.where for problem in refused.value.problems], org.trail.size)


def test_a_calendar_of_a_name_that_is_not_in_force_is_not_found(org):
    """A misspelt name would move nothing and be in force for nobody."""
    with pytest.raises(NotFound, match="no calendar 'tset' is in force here; there are: test"):
        org.definitions.recalculate(version(3, name="tset"))


def test_another_zone_is_refused(org):
    """That would be another office."""
    with pytest.raises(InvalidInput, match="is in force in the zone Asia/Ho_Chi_Minh"):
        org.definitions.recalculate(version(3, zone="Europe/Berlin"))


def test_a_calendar_without_a_rule_that_limits_rely_on_is_refused(org):
    """There is no default law."""
    with pytest.raises(InvalidInput, match="no counting rule"):
        org.definitions.recalculate(version(3, customary_rule=None))


# In the log


def test_the_log_says_when_it_was_put_in_force_and_when_it_was_settled(org, now):
    """Who, when, why, and how many dates moved."""
    from qms.codec import decode

    org.open("small", by="lan")
    now.to("02 10:00")
    org.definitions.recalculate(NEW, by="hoa", reason="letter 1/VP")
    last = [decode(entry.data) for entry in org.store.read(STREAM)][-2:]
    assert [("put-in-force", "hoa", "letter 1/VP", None), ("recalculated", "hoa", None, 2)] == [
        (record["type"], record["by"], record.get("reason"), record.get("moved")) for record in last
    ]
    assert {at("02 10:00")} == {record["at"] for record in last}


def test_the_record_of_a_move_is_as_pinned():
    """What is stored is read again, by any later version too."""
    event = Recalculated(
        3, "hoa", When(5, 7, "letter"), "new", "old", (Moved("legal", 10, 20, ("tet", "week")),), Effects(dates={"by_law": 20})
    )
    data = (
        b'{"at":7,"before":"old","by":"hoa","calendar":"new","dates":{"by_law":20},"moved":[["legal",10,20,["tet","week"]]],'
        b'"occurred":5,"reason":"letter","seq":3,"stream":"a","type":"recalculated"}'
    )
    assert (data, event) == (to_bytes("a", event), read(data))


@pytest.mark.parametrize("moved", [None, 3, [["legal"]], ["legal"]])
def test_a_record_of_a_move_that_is_none_is_refused(moved):
    """Nothing is guessed of a date."""
    record = {
        "stream": "a",
        "seq": 3,
        "at": 7,
        "by": "x",
        "type": "recalculated",
        "calendar": "n",
        "before": "o",
        "moved": moved,
    }
    with pytest.raises(InvalidInput, match="the record is no event"):
        from_record(record)


def test_an_imported_case_is_restated_like_any_other(org):
    """What runs is reckoned, wherever it came from."""
    org.record("old", [Past("ask", "lan", at("02 09:00"), at("02 09:00"))], process="small")
    assert ["old", "old"] == [one.case for one in org.definitions.recalculate(NEW).moved]


def test_a_denial_by_an_old_calendar_is_decided_anew(now):
    """Nobody is denied by what is no longer in force."""
    store = MemoryStore()
    org = office(small(PROMISED), store=store, now=now)
    org.open("small", by="lan")
    office(small(PROMISED), store=store, now=now).definitions.recalculate(NEW)
    with denied("no-authority"):
        org.act("a", "finish", by="hoa")
    assert OFFICE.utcoffset(None) == org.case("a").due.utcoffset()
