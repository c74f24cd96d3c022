"""The demo: a simulated year in which every step is decided, every cohort balances, and every page says what it is."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner, Result

from qms import demo
from qms.calendar import WorkCalendar, to_us
from qms.cli import app, rows_of, shell, simulated
from qms.demo import quality
from qms.demo.axis import SECOND, Axis
from qms.demo.office import TROUBLES, Service
from qms.demo.pages import CAUSES, WORDS, Outcome, facts, pages
from qms.demo.quality import PEOPLE
from qms.demo.world import COMMUNES, Desk, arrivals, staff_for, units_for
from qms.errors import InvalidInput
from qms.measure.indicators import Item, table
from qms.ports import Query
from qms.process import Procedure
from qms.stores import MemoryStore, SQLiteStore

VN = WorkCalendar.load("VN")
DAY = 8 * 3600 * SECOND


def instant(day: date, hour: float = 0) -> int:
    """An instant of the office (µs)."""
    return VN.instant(day.toordinal(), round(hour * 3600) * SECOND)


def axis_of_2021() -> Axis:
    """The working time of 2021."""
    periods = VN.open_periods(VN.moment(instant(date(2021, 1, 1))), VN.moment(instant(date(2022, 1, 1))))
    return Axis.of((to_us(a), to_us(b)) for a, b in periods)


AXIS = axis_of_2021()


# ── working time as a line ──


@given(st.integers(0, 250 * DAY // SECOND))
def test_a_position_comes_back_from_its_instant(seconds):
    """Position and instant are each other's inverse, up to the closing that is also the next opening."""
    assert seconds * SECOND == AXIS.position(AXIS.instant(seconds * SECOND))


@given(st.integers(0, 364 * 24 * 3600), st.integers(1, 20 * 8 * 3600))
def test_the_axis_agrees_with_the_calendar(start, working):
    """Going on by working time is the calendar's `add_working_time`."""
    at = instant(date(2021, 1, 1)) + start * SECOND
    if AXIS.position(at) + working * SECOND <= AXIS.before[-1]:
        moment = VN.add_working_time(VN.moment(at), __import__("datetime").timedelta(seconds=working))
        assert to_us(moment) == AXIS.later(at, working * SECOND)


def test_a_closed_instant_waits_for_the_next_opening():
    """Before the year's first opening, in the break, over Tết, and at the close of the office."""
    found = [
        VN.moment(AXIS.opening(instant(*each)))
        for each in [(date(2021, 1, 1),), (date(2021, 3, 1), 12), (date(2021, 2, 9), 17)]
    ]
    assert ["2021-01-04 07:30", "2021-03-01 13:00", "2021-02-17 07:30"] == [f"{each:%Y-%m-%d %H:%M}" for each in found]
    assert instant(date(2021, 3, 1), 9) == AXIS.opening(instant(date(2021, 3, 1), 9))


def test_the_axis_ends_at_its_last_closing():
    """What lies beyond the axis is its end: nothing is made up."""
    end = instant(date(2021, 12, 31), 17)
    assert [end, end, 0] == [AXIS.instant(10**18), AXIS.opening(end + 1), AXIS.position(instant(date(2020, 12, 1)))]


# ── the district ──


def test_the_first_free_takes_the_work_unless_barred():
    """Each does one thing at a time; four-eyes bars a person, not the desk."""
    desk = Desk(("an", "binh"))
    assert [("an", 10), ("binh", 10), ("an", 20), ("an", 30)] == [
        desk.take(0, 10),
        desk.take(0, 10),
        desk.take(5, 10),
        desk.take(5, 10, barred=("binh",)),
    ]


def test_every_unit_has_who_the_process_needs():
    """In each unit at least one holds each role of the work, two where four eyes are needed; staff grows with the work."""
    procedures = Procedure.shipped("one-stop")
    units = {unit for each in units_for(procedures).values() for unit in each}
    small, large = (staff_for(units, PEOPLE, size) for size in (0.1, 10))
    roles = ("intake-officer", "cashier", "clerk", "division-head", "case-officer", "settling-officer")
    assert set() == {(role, unit.key) for unit in units for role in roles if not small.roster.holders(role, unit.key, 0)}
    assert set(COMMUNES) < {unit.key for unit in units}
    signers = [
        [*small.roster.holders("head", unit.key, 0), *small.roster.holders("deputy-head", unit.key, 0)] for unit in units
    ]
    assert min(len(each) for each in signers) >= 2
    assert len(large.desk("intake-officer", COMMUNES[0]).people) == 20


def test_arrivals_are_as_many_as_asked_for_and_come_when_they_can():
    """So many in the year, more before it in proportion; nobody stands at a closed counter."""
    axis = Axis.of(
        (to_us(a), to_us(b))
        for a, b in VN.open_periods(VN.moment(instant(date(2020, 12, 1))), VN.moment(instant(date(2022, 1, 1))))
    )
    found = arrivals(400, 0.3, VN, axis, Random(1))
    year = [at for at, _ in found if at >= instant(date(2021, 1, 1))]
    closed = [at for at, online in found if not online and axis.opening(at) != at]
    assert (400, 27, sorted(found)) == (len(year), len(found) - len(year), found)
    assert [] == [at for at in closed if axis.opening(at) - at > 90 * 60 * SECOND]
    assert {True, False} == {online for _, online in found}


def test_every_trouble_has_its_cause_and_its_action():
    """What can go wrong can be written down."""
    assert (set(TROUBLES), set(TROUBLES)) == (set(CAUSES), set(quality.WORDS))


def test_services_are_read_from_the_procedures():
    """What is settled at once, waits for a tax, or costs a fee is said by the procedure."""
    services = {service.code: service for service in map(Service.of, Procedure.shipped("one-stop"))}
    assert {"2.000815", "2.000908"} == {code for code, service in services.items() if service.at_once}
    assert {"local-land-certificate", "local-land-transfer"} == {
        code for code, service in services.items() if service.obligation
    }
    assert all(service.weight > 0 for service in services.values())


# ── the year ──


@pytest.fixture(scope="module")
def year() -> tuple[Outcome, MemoryStore, list[demo.Day]]:
    """A small year, its store, and its days as they were told."""
    store, days = MemoryStore(), list[demo.Day]()
    outcome = demo.run(store, dossiers=400, seed=7, told=days.append)
    return outcome, store, days


def test_carried_over_and_received_are_done_and_open(year):
    """Every field's line balances, and as many were received as asked for."""
    outcome, _, _ = year
    assert ((), 400) == (outcome.table.check(), outcome.table.total.received)
    assert outcome.table.total.carried_over > 0
    assert outcome.table.total.open > 0


def test_the_table_is_counted_from_the_store(year):
    """What the table counts is what rows of the store say: nothing is counted beside it."""
    outcome, store, _ = year
    rows = [row for _, row in store.select(Query(process="one-stop"))]
    done_before = sum(1 for _ in rows) - outcome.table.total.carried_over - outcome.table.total.received
    assert 0 <= done_before <= 27
    assert outcome.raised == sum(1 for _ in store.select(Query(process="nonconformity")))


def test_every_record_was_decided(year):
    """The log holds definitions, cases that were opened and what was done in them, and attempts denied; nothing else."""
    _, store, _ = year
    kinds: dict[str, set[str]] = {"definitions": set(), "denials": set(), "cases": set()}
    firsts = set()
    for entry in store.scan():
        record = json.loads(entry.data)
        place = entry.stream.partition("/")[0]
        kinds[place if place in kinds else "cases"].add(record["type"])
        if place not in kinds and entry.seq == 1:
            firsts.add(record["type"])
    assert ({"published"}, {"opened", "acted"}, {"opened"}) == (kinds["definitions"], kinds["cases"], firsts)
    assert kinds["denials"] <= {"denied"}


def test_the_year_verifies(year):
    """The trail is consistent, rows included; its completeness nobody can know from inside."""
    outcome, store, _ = year
    found = store.verify(rows_of(store))
    assert (True, None, ()) == (found.consistent, found.complete, found.findings)
    assert (True, found.size, found.root) == (outcome.good, outcome.verification.size, outcome.verification.root)


def test_each_dossier_that_ended_late_has_its_nonconformity(year):
    """Raised by rule, once a dossier: as many as ended late (also by stopping), and none without a source."""
    outcome, store, _ = year
    raised = Counter(stream.partition("/")[0] for stream, _ in store.select(Query(process="nonconformity")))
    assert {1} >= set(raised.values())
    assert outcome.raised >= outcome.table.total.late > 0


def test_days_are_told_in_order_after_their_commit(year):
    """Progress goes forward, to the end of the year."""
    _, _, days = year
    assert days == sorted(days, key=lambda day: day.at)
    assert (0 < days[0].share < 0.1, days[-1].share > 0.95) == (True, True)
    assert (days[-1].received, 2021) >= (400, days[-2].at.year)


def test_the_same_seed_is_the_same_year_and_another_is_not():
    """The figures come from the seed alone."""
    one, same, other = (demo.run(MemoryStore(), dossiers=40, seed=seed) for seed in (3, 3, 4))
    assert (one.table, one.events, one.denied) == (same.table, same.events, same.denied)
    assert one.table != other.table


UNLUCKY = demo.Chances(
    not_ours=0.1,
    incomplete=0.3,
    incomplete_online=0.4,
    trouble=0.4,
    trouble_days=12.0,
    trouble_at_counter=0.3,
    missing_papers=0.4,
    days_to_supplement=12.0,
    hours_to_ask=20.0,
    never_brought=0.3,
    days_to_pay=30.0,
    refused=0.3,
    refused_at_counter=0.2,
    sent_back=0.5,
    withdrawn=0.35,
    stopped=0.3,
    looked_in_time=0.5,
    no_nonconformity=0.2,
    single=0.1,
)


@pytest.fixture(scope="module")
def unlucky() -> tuple[Outcome, MemoryStore]:
    """A year in which much goes wrong."""
    store = MemoryStore()
    return demo.run(store, dossiers=400, seed=11, chances=UNLUCKY), store


def test_an_unlucky_year_balances_and_verifies_too(unlucky):
    """Whatever goes wrong, every dossier is counted once, and the trail is consistent."""
    outcome, _ = unlucky
    total = outcome.table.total
    assert (True, 400) == (outcome.good, total.received)
    assert all(n > 0 for n in (total.late, total.refused, total.withdrawn, total.stopped, total.open))


def test_what_the_rules_forbid_is_denied_and_on_record(unlucky):
    """A supplement asked for after the notice window is denied, and each denial is a record of its own."""
    outcome, store = unlucky
    denied = [json.loads(entry.data)["codes"] for entry in store.scan() if entry.stream.startswith("denials/")]
    assert {"notice-window"} == set(outcome.denied)
    assert outcome.denied["notice-window"] == sum("notice-window" in codes for codes in denied)


def test_no_dossier_has_a_second_apology_or_supplement_request(unlucky):
    """Once means once, whatever goes wrong (invariants 7 and 8)."""
    _, store = unlucky
    done = Counter((entry.stream, json.loads(entry.data).get("action")) for entry in store.scan())
    once = ("apologise", "request-completion")
    assert [] == [key for key, n in done.items() if key[1] in once and n > 1]
    assert sum(n for key, n in done.items() if key[1] == "apologise") > 0


# ── the pages ──


@pytest.mark.parametrize(("language", "mark"), [("en", "SIMULATED"), ("vi", "MÔ PHỎNG")])
def test_every_page_says_that_it_is_simulated(year, language, mark):
    """Each heading of each page carries the mark."""
    outcome, _, _ = year
    lines = pages(outcome, language).splitlines()
    headings = [above for above, below in pairwise(lines) if below and set(below) == {"═"}]
    assert len(headings) == 3 + len(outcome.stories)
    assert [] == [heading for heading in headings if mark not in heading]


def test_three_dossiers_are_told(year):
    """One over Tết, one counted again from the beginning, one late with its apology and its three dates."""
    outcome, _, _ = year
    told = {story.kind: story for story in outcome.stories}
    assert {"tet", "restart"} <= set(told)
    assert "Tet (Lunar New Year)" in told["tet"].ledger["en"]
    assert "counted again from the start" in told["restart"].ledger["en"]


def test_a_late_dossier_is_told_with_its_three_dates():
    """Law, first promise and last promise are three dates; the dossier ended after the first two."""
    outcome = demo.run(MemoryStore(), dossiers=500, seed=2021)
    story = next(story for story in outcome.stories if story.kind == "apology")
    dates = dict(story.dates)
    law, first, last, done = (dates[name] for name in ("statutory_due", "first_promise", "current_promise", "finished_at"))
    assert law is not None and first is not None and last is not None and done is not None
    assert (True, True, True) == (last > first, done > law, first <= law)
    assert story.apology is not None and story.apology[0] < done
    assert (story.late is not None, done <= last) == (True, story.kept)
    told = next(each for each in facts(outcome)["stories"] if each["kind"] == "apology")
    assert (story.apology[1], story.kept) == (told["apology"]["by"], told["last_promise_kept"])


def test_one_nonconformity_is_walked_to_its_effective_close(year):
    """From the problem to the closing, each act with its day and its doer."""
    outcome, _, _ = year
    assert outcome.walk is not None
    text = outcome.walk.text["en"]
    assert [True] * 4 == [word in text for word in ("Problem", "Root cause", "Effect", "Closing")]


def test_the_facts_are_those_of_the_pages(year):
    """The JSON holds the same figures, rates as text, and says that it is simulated."""
    outcome, _, _ = year
    answer = json.loads(json.dumps(facts(outcome)))
    total, line = answer["total"], outcome.table.total
    assert (True, True, 2021, 7) == (answer["simulated"], answer["balanced"], answer["year"], answer["seed"])
    assert (line.late, line.done, str(line.rate)) == (total["late"], total["done"], total["on_time_rate"])
    assert [cause.key for cause in outcome.causes] == [each["cause"] for each in answer["nonconformities"]["pareto"]]
    assert outcome.verification.root.hex() == answer["trail"]["root"]


def nothing(year: tuple[Outcome, Any, Any], **changes: Any) -> Outcome:
    """A year in which nothing was done."""
    empty = {"table": table([], 0, 1), "stories": (), "raised": 0, "by_state": {}, "causes": (), "walk": None}
    return evolve(year[0], **(empty | changes))


def test_where_nothing_was_done_there_is_no_rate(year):
    """No dossier is no rate: a dash on the page, null in JSON, and no story, cause or walk."""
    outcome = nothing(year)
    assert (None, None) == (facts(outcome)["on_time_rate"], facts(outcome)["nonconformities"]["walked"])
    assert "on-time rate: –" in pages(outcome)
    assert "no cause recorded yet" in pages(outcome)


def test_a_cohort_that_does_not_balance_is_shown_and_is_not_good(year):
    """A dossier that ended before it came would vanish; the page says so, and the demo leaves with 1."""
    name = next(iter(year[0].fields))
    wrong = nothing(year, table=table([Item("x", name, received=5, ended=1, result="late")], 3, 9))
    assert (False, True) == (wrong.good, "! " in pages(wrong))


def test_rates_are_decimals_rounded_half_up(year):
    """797 of 800 are 99.63, and a decimal comma stands in Vietnamese."""
    name = next(iter(year[0].fields))
    items = [Item(str(i), name, received=1, ended=2, result="late" if i < 3 else "early") for i in range(800)]
    outcome = nothing(year, table=table(items, 0, 9))
    assert (Decimal("99.63"), "99.63") == (outcome.table.total.rate, facts(outcome)["on_time_rate"])
    assert "tỷ lệ đúng hạn: 99,63 %" in pages(outcome, "vi")


def test_every_word_of_the_pages_is_in_both_languages():
    """No page falls back to another language."""
    assert {("en", "vi")} == {tuple(sorted(words)) for words in WORDS.values()}


# ── the command ──


def run(*arguments: str) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, ["demo", "--dossiers", "20", *arguments])


def test_the_demo_is_kept_in_one_file_and_made_anew(tmp_path, monkeypatch):
    """Without a name it is kept in its own file, replaced at the next run; with one it stays, unless --fresh."""
    monkeypatch.chdir(tmp_path)
    assert [0, 0] == [run().exit_code, run().exit_code]
    assert [simulated.DEMO_FILE] == [path.name for path in tmp_path.iterdir()]
    assert [0, 2, 0] == [run("--store", "kept.db", *more).exit_code for more in ([], [], ["--fresh"])]


def test_each_commit_is_acknowledged_with_the_size(tmp_path):
    """--ack prints the size after each commit: it only grows, and the last is what the store holds."""
    result = run("--store", str(tmp_path / "year.db"), "--ack")
    sizes = [int(line) for line in result.stdout.splitlines() if line.isdigit()]
    store = SQLiteStore(tmp_path / "year.db")
    assert (sorted(sizes), store.size) == (sizes, sizes[-1])
    store.close()


def test_the_demo_answers_in_json_and_acknowledges_beside_it():
    """With --json the answer is all of standard output; acknowledgements go to standard error, with the progress."""
    result = run("--store", "memory:", "--ack", "--json", "--seed", "5")
    assert (0, 5, "memory:", 20) == (
        result.exit_code,
        *(json.loads(result.stdout)[key] for key in ("seed", "store", "dossiers")),
    )
    lines = result.stderr.splitlines()
    assert (True, True) == (any(line.isdigit() for line in lines), any(line.startswith("simulating 01/") for line in lines))


def test_the_demo_speaks_vietnamese():
    """The pages, the progress and the last line are in the language asked for."""
    result = run("--store", "memory:", "--lang", "vi")
    assert (True, True) == ("MÔ PHỎNG" in result.stdout, result.stderr.startswith("đang mô phỏng"))
    assert "lưu tại memory:" == result.stdout.splitlines()[-1]


def test_a_terminal_is_shown_a_bar(monkeypatch):
    """Where standard error is a terminal, progress is a bar and no lines."""
    for module in (shell, simulated):
        monkeypatch.setattr(module, "Console", partial(Console, force_terminal=True))
    assert False is any(line.startswith("simulating 01/02/2021") for line in run("--store", "memory:").stderr.splitlines())


def test_no_demo_without_dossiers():
    """At least one dossier is received."""
    assert 2 == CliRunner().invoke(app, ["demo", "--dossiers", "0"]).exit_code


def test_a_new_store_leaves_no_part_of_the_old(tmp_path):
    """Replaced is the file and what SQLite keeps beside it."""
    path = tmp_path / "year.db"
    for _ in range(2):
        simulated._new_store(str(path), fresh=True).close()
    Path(f"{path}-wal").write_bytes(b"")
    simulated._new_store(str(path), fresh=True).close()
    with pytest.raises(InvalidInput, match="exists"):
        simulated._new_store(str(path), fresh=False)
