"""The command line: the same facts as text and as JSON, and an exit code that says good, finding or bad input."""

from __future__ import annotations

import errno
import json
import runpy
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from qms import cli
from qms.calendar import WorkCalendar
from qms.cli import app, definitions, open_store, parse_instant, parse_pause
from qms.errors import Denied, InvalidInput, NotFound, Reason, StoreError
from qms.organization import Organization
from qms.process import Process
from qms.report import replay_page
from qms.stores import MemoryStore, SQLiteStore

VN = WorkCalendar.load("VN")
EUROPE = WorkCalendar.from_dates(
    zone="Europe/Amsterdam", week={"mon-fri": "09:00-17:00"}, first=VN.first, last=VN.last, name="europe"
)
ERRAND = Process.load("errand").tree


def run(*arguments: str) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, list(arguments))


def told(*arguments: str) -> dict[str, Any]:
    """What the command answers in JSON."""
    answer: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return answer


# ── due ──


def test_due_answers_the_end_over_tet():
    """Five working days from 09/02/2021 end on 23/02/2021 at the close of the office."""
    result = run("due", "2021-02-09T09:00", "5 working days")
    assert (0, "due Tue 23/02/2021 17:00 (Asia/Ho_Chi_Minh)") == (result.exit_code, result.stdout.splitlines()[0])


def test_due_in_json_has_the_fields_that_others_read():
    """The names of the JSON are fixed, and the ledger comes with them."""
    answer = told("due", "2021-02-09T09:00", "5 working days")
    names = ["due", "last_day", "limit", "rule", "calendar", "calendar_version", "consumed", "ledger"]
    assert names == list(answer)
    assert ("2021-02-23T17:00:00+07:00", "2021-02-23") == (answer["due"], answer["last_day"])
    assert ("5 working days", "5 working days", "vn-one-stop", "VN") == (
        answer["limit"],
        answer["consumed"],
        answer["rule"],
        answer["calendar"],
    )
    assert (VN.version, "2021-02-09T09:00:00+07:00") == (answer["calendar_version"], answer["ledger"]["started"])


@pytest.mark.parametrize(
    "start",
    [
        "2021-02-09T09:00",
        "2021-02-09 09:00:00",
        "2021-02-09T09:00:00.000000",
        "2021-02-09T09:00+07:00",
        "2021-02-09T02:00Z",
        "09/02/2021 09:00",
        "9/2/2021 9:00",
        "09:00 09/02/2021",
    ],
)
def test_due_reads_an_instant_however_it_is_written(start):
    """ISO 8601 with or without offset, and day first as in Vietnam, are one instant."""
    assert "2021-02-23T17:00:00+07:00" == told("due", start, "5 working days")["due"]


def test_due_takes_pauses_as_a_union():
    """Two pauses that overlap count once (scenario 10, by instants)."""
    pauses = ["--pause", "03/03/2021 10:00/10/03/2021 10:00", "--pause", "2021-03-08T09:00/2021-03-12T09:00"]
    assert "2021-03-24T16:00:00+07:00" == told("due", "2021-03-01T09:00", "10 working days", *pauses)["due"]


def test_due_explains_day_by_day():
    """--explain tells the ledger, in the language that was asked for."""
    page = run("due", "2021-02-09T09:00", "5 working days", "--explain", "--lang", "vi").stdout
    assert "Tết Nguyên đán Tân Sửu" in page
    assert "không phải tư vấn pháp lý" in page


def test_due_warns_where_it_rests_on_a_provisional_day():
    """A due date behind Culture Day says that this day is provisional."""
    page = run("due", "2026-11-23T09:00", "1 working day").stdout
    assert "rests on what is provisional: Vietnam Culture Day [culture-day: unverified, provisional]" in page.splitlines()


def test_due_names_the_last_day_where_a_day_ends_at_midnight():
    """By the Civil Code a day ends at 24:00, which is the next day's first instant; the last day stands beside."""
    page = run("due", "2021-02-06T09:00", "5 days", "--rule", "vn-civil-2015").stdout
    assert ["due Thu 18/02/2021 00:00 (Asia/Ho_Chi_Minh)", "last day Wed 17/02/2021"] == page.splitlines()[:2]


def test_due_takes_a_rule_and_a_calendar_from_files(tmp_path):
    """A rule and a calendar may be files of one's own."""
    from qms.deadline import CountingRule

    rule, calendar = tmp_path / "rule.json", tmp_path / "calendar.json"
    rule.write_text(json.dumps(CountingRule.named("calendar-plain").to_tree()), encoding="utf-8")
    calendar.write_text(json.dumps(EUROPE.to_tree()), encoding="utf-8")
    answer = told("due", "2021-02-06T09:00", "5 days", "--rule", str(rule), "--calendar", str(calendar))
    assert ("2021-02-11T09:00:00+01:00", "europe") == (answer["due"], answer["calendar"])


# ── instants and pauses ──


def test_an_instant_that_a_zone_has_twice_needs_its_offset():
    """When clocks go back, 02:30 happens twice; with an offset it is one of them."""
    with pytest.raises(InvalidInput, match="happens twice in Europe/Amsterdam"):
        parse_instant("2021-10-31T02:30", EUROPE)
    assert "2021-10-31T02:30:00+01:00" == parse_instant("2021-10-31T02:30+01:00", EUROPE).isoformat()


def test_an_instant_that_a_zone_skips_is_refused():
    """When clocks go forward, 02:30 does not happen."""
    with pytest.raises(InvalidInput, match="is skipped in Europe/Amsterdam"):
        parse_instant("2021-03-28T02:30", EUROPE)


@pytest.mark.parametrize("text", ["2021-02-30T09:00", "31/04/2021 09:00", "2021-02-09T25:00", "2021-02-09T09:00+19:00"])
def test_an_instant_that_does_not_exist_is_refused(text):
    """A day of no month, an hour of no day, an offset of no place."""
    with pytest.raises(InvalidInput, match="is no instant"):
        parse_instant(text, VN)


@pytest.mark.parametrize("text", ["2021-02-09", "09/02/2021"])
def test_a_date_alone_is_no_instant(text):
    """Nothing is guessed: a date without a time is refused, and the message says what to add."""
    with pytest.raises(InvalidInput, match="a date without a time; add it"):
        parse_instant(text, VN)


@pytest.mark.parametrize(
    "text", ["", "now", "tomorrow 9am", "2021-W06-2T09:00", "20210209T0900", "2021-02-09T09", "٢٠٢١-02-09T09:00"]
)
def test_other_spellings_are_refused(text):
    """The parser is strict: it reads what it says it reads, in ASCII digits."""
    with pytest.raises(InvalidInput, match="is no instant; write it like"):
        parse_instant(text, VN)


def test_a_pause_is_two_instants():
    """The slash of a pause is told from those of its dates."""
    a, b = parse_pause("03/03/2021 10:00/2021-03-10T10:00", VN)
    assert ("2021-03-03T10:00:00+07:00", "2021-03-10T10:00:00+07:00") == (a.isoformat(), b.isoformat())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2021-03-03T10:00", "is no pause; write start/end"),
        ("03/03/2021 10:00", "is no pause; write start/end"),
        ("2021-03-10T10:00/2021-03-03T10:00", "ends before it starts"),
        ("2021-02-30T10:00/2021-03-03T10:00", "is no instant"),
    ],
)
def test_what_is_no_pause_is_refused(text, why):
    """One instant, an end before its start, a day that does not exist."""
    with pytest.raises(InvalidInput, match=why):
        parse_pause(text, VN)


# ── calendar ──


def test_calendar_draws_a_year():
    """The year is a page with marks and reasons."""
    result = run("calendar", "VN", "2021", "--lang", "vi")
    assert (0, True) == (result.exit_code, "Tết Nguyên đán Tân Sửu" in result.stdout)


def test_calendar_in_json_counts_working_days():
    """250 working days in 2021, none of them made up."""
    answer = told("calendar", "VN", "2021")
    assert (250, [], 2021, "VN") == (answer["working_days"], answer["made_up"], answer["year"], answer["calendar"])


# ── check, diagram ──


def test_check_finds_the_shipped_processes_sound():
    """All that is shipped passes its own check."""
    answer = told("check", "one-stop", "nonconformity", "errand")
    assert [("one-stop", True, []), ("nonconformity", True, []), ("errand", True, [])] == [
        (file["file"], file["sound"], file["findings"]) for file in answer["files"]
    ]
    assert "errand: đúng đắn" in run("check", "errand", "--lang", "vi").stdout


def unsound(tmp_path: Path) -> Path:
    """A process whose cases can come to a step that nothing leaves."""
    tree = json.loads(json.dumps(ERRAND))
    tree["steps"]["lost"] = {}
    tree["actions"]["lose"] = {"from": "waiting", "to": "lost", "roles": ["clerk"]}
    file = tmp_path / "unsound.json"
    file.write_text(json.dumps(tree), encoding="utf-8")
    return file


def test_check_names_what_is_unsound_with_a_witness(tmp_path):
    """A deadlock is a finding: exit 1, its code, its place, and the actions that lead there."""
    file = str(unsound(tmp_path))
    result, answer = run("check", file), told("check", file)
    finding = next(f for f in answer["files"][0]["findings"] if f["code"] == "deadlock")
    assert (1, False, ["ask", "lose"]) == (result.exit_code, answer["files"][0]["sound"], finding["witness"])
    assert {"severity", "code", "message", "where", "witness"} == set(finding)
    assert "ask → lose" in result.stdout


def test_check_reads_every_file_before_it_gives_up(tmp_path):
    """A file that cannot be read does not hide what the others say: exit 2, and each is told."""
    broken = tmp_path / "broken.toml"
    broken.write_text('name = "x"\n', encoding="utf-8")
    result = run("check", str(broken), "errand", "no-such-process")
    answer = json.loads(run("check", str(broken), "errand", "no-such-process", "--json").stdout)
    assert (2, [None, True, None]) == (result.exit_code, [file["sound"] for file in answer["files"]])
    assert "errand: sound" in result.stdout
    assert f"{broken}: steps: missing" in result.stderr
    assert "no-such-process" in result.stderr


def test_check_judges_a_procedure_with_its_process(tmp_path):
    """A procedure file is judged on the process whose blanks it fills."""
    from qms.process import Procedure

    file = tmp_path / "procedure.json"
    file.write_text(json.dumps(Procedure.load("2.000908").tree), encoding="utf-8")
    assert True is told("check", str(file))["files"][0]["sound"]


def test_check_says_undecided_where_it_cannot_know(monkeypatch):
    """Above the cap the answer is undecided, which is not sound: exit 1."""
    from qms.soundness import Report

    monkeypatch.setattr(definitions, "_report", lambda file: Report(None, (), 200_001))
    result = run("check", "errand")
    assert (1, "errand: undecided\n") == (result.exit_code, result.stdout)


def test_diagram_is_mermaid_text():
    """The diagram names the steps in the language asked for."""
    result = run("diagram", "errand", "--lang", "vi")
    assert (0, True) == (result.exit_code, result.stdout.startswith("stateDiagram-v2"))
    assert "Đang chờ làm" in told("diagram", "errand", "--lang", "vi")["mermaid"]


# ── verify ──


def office(path: Path) -> SQLiteStore:
    """A store with one finished errand and one denied attempt."""
    store = SQLiteStore(path)
    org = Organization(
        store=store,
        processes=[Process.load("errand")],
        calendars=[VN],
        people=__import__("qms").Roster({"lan": ["clerk"]}),
        now=lambda: VN.moment(1_612_836_000_000_000),
    )
    case = org.open("errand", by="lan", id="e-1")
    with pytest.raises(Denied):
        org.act(case.id, "finish", by="minh")
    org.act(case.id, "finish", by="lan")
    return store


def test_verify_says_consistent_and_nothing_more(tmp_path):
    """Without a checkpoint completeness is unknown, and verify says so; rows are rebuilt from the log alone."""
    store = office(tmp_path / "office.db")
    size, root = store.size, store.root().hex()
    store.close()
    result, answer = run("verify", str(tmp_path / "office.db")), told("verify", f"sqlite:///{tmp_path}/office.db")
    assert (0, "consistent, completeness unknown") == (result.exit_code, result.stdout.splitlines()[0])
    assert {"consistent": True, "complete": None, "size": size, "root": root, "findings": [], "notes": []} == answer


def test_verify_names_the_first_bad_record(tmp_path):
    """A byte changed beside the library is found, with its position, stream and number."""
    store = office(tmp_path / "office.db")
    store.close()
    with sqlite3.connect(tmp_path / "office.db") as db:
        position, data = db.execute("SELECT position, data FROM qms_entry ORDER BY position DESC LIMIT 1").fetchone()
        db.execute("DROP TRIGGER qms_entry_update")
        db.execute("UPDATE qms_entry SET data = ? WHERE position = ?", (data.replace(b"lan", b"lam"), position))
    db.close()
    result, answer = run("verify", str(tmp_path / "office.db")), told("verify", str(tmp_path / "office.db"))
    assert (1, False, position, "altered") == (
        result.exit_code,
        answer["consistent"],
        answer["findings"][0]["position"],
        answer["findings"][0]["code"],
    )
    assert f"position {position}, e-1 #3" in result.stdout


def test_verify_finds_a_row_that_the_records_do_not_make(tmp_path):
    """A row changed beside the library is found by folding its stream anew."""
    store = office(tmp_path / "office.db")
    store.close()
    with sqlite3.connect(tmp_path / "office.db") as db:
        db.execute("UPDATE qms_row SET open = 1")
    db.close()
    answer = told("verify", str(tmp_path / "office.db"))
    assert [("altered", "e-1")] == [(finding["code"], finding["stream"]) for finding in answer["findings"]]


def test_a_stream_without_records_has_no_row():
    """What folds to nothing has no row."""
    assert None is cli.rows_of(MemoryStore())("e-9", iter(()))


def test_memory_is_a_store_of_its_own():
    """`memory:` is empty each time, and consistent."""
    assert (True, 0) == (told("verify", "memory:")["consistent"], told("verify", "memory:")["size"])
    assert isinstance(open_store("memory:"), MemoryStore)


# ── replay ──

LOG = "case,activity,time,who\nc1,ask,2021-03-01T09:00:00+07:00,lan\nc1,finish,2021-03-02T09:00:00+07:00,lan\n"
MAP = 'case = "case"\nactivity = "activity"\ntime = "time"\nresource = "who"\n'


def replayable(tmp_path: Path, log: str = LOG) -> list[str]:
    """A log, its map and the command that replays them into a store."""
    (tmp_path / "log.csv").write_text(log, encoding="utf-8")
    (tmp_path / "map.toml").write_text(MAP + '[roles]\nlan = ["clerk"]\n', encoding="utf-8")
    where = ["--process", "errand", "--map", str(tmp_path / "map.toml"), "--store", str(tmp_path / "log.db")]
    return ["replay", str(tmp_path / "log.csv"), *where]


def test_replay_of_a_log_that_conforms_is_good(tmp_path):
    """A case that follows the process leaves no deviation, and its history verifies."""
    result = run(*replayable(tmp_path), "--calendar", "VN")
    assert (0, True) == (result.exit_code, "1 cases, 2 events, 1 variants" in result.stdout)
    assert True is told("verify", str(tmp_path / "log.db"))["consistent"]


def test_replay_of_a_log_that_deviates_is_a_finding(tmp_path):
    """What the process does not allow is kept with its reason: exit 1, and the figures in JSON."""
    result = run(*replayable(tmp_path, LOG + "c1,finish,2021-03-03T09:00:00+07:00,lan\n"), "--calendar", "VN", "--json")
    answer = json.loads(result.stdout)
    assert (1, 3, [("finish", 1)]) == (
        result.exit_code,
        answer["events"],
        [(d["action"], d["n"]) for d in answer["deviations"]],
    )


def test_the_page_of_a_replay_tells_what_its_facts_tell():
    """Figures, deviations, timeliness, agreement, doubts and the trail stand on one page, in either language."""
    line = {
        "against": "planned",
        "compare": "date",
        "zone": "UTC",
        "finished": 9,
        "open": 1,
        "early": 4,
        "on_time": 3,
        "late": 2,
    }
    facts: dict[str, Any] = {
        "process": "receipt",
        "cases": 1434,
        "events": 8577,
        "variants": 116,
        "conforming_cases": 1000,
        "deviations": [{"action": "T04", "reason": "not-in-step", "n": 12}],
        "deviations_by_resource": [{"resource": "Lan", "n": 12, "acts": 1_200}],
        "rework": {"cases": 91, "activities": {"T02": 35}},
        "steps": [],
        "slowest_steps": [],
        "warnings": ["line 8, <log>: 'x' is no attribute of it, and is left out"],
        "warned": 1,
        "on_time": [line],
        "agreements": [{"against": "planned", "clock": "decision", "n": 10, "same_date": 8, "same_second": 1}],
        "findings": [{"code": "no-end", "message": "cases without an end", "n": 105, "where": ["c-1", "c-2"]}],
        "trail": {"size": 9999, "root": "ab" * 32},
    }
    english, vietnamese = replay_page(facts), replay_page(facts, "vi")
    assert "receipt: 1,434 cases, 8,577 events, 116 variants" == english.splitlines()[0]
    assert ["planned", "date", "9", "4", "3", "2", "1"] in [line.split() for line in english.splitlines()]
    assert "  cases without an end: 105 (c-1, c-2)" in english.splitlines()
    assert "planned: 8 trên 10 trùng ngày mà decision tính, 1 trùng đến giây" in vietnamese.splitlines()
    bare = facts | {"deviations": [], "on_time": [], "agreements": [], "findings": []}
    assert 2 == replay_page(bare).count("none")


# ── answering ──


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (Denied([Reason("closed", at="done")]), 1, "denied"),
        (InvalidInput("it is wrong", "here"), 2, "invalid-input"),
        (NotFound("it is not there"), 2, "not-found"),
        (StoreError("it is full"), 2, "failed"),
        (PermissionError(13, "Permission denied", "office.db"), 2, "failed"),
        (OSError("no words"), 2, "failed"),
    ],
)
def test_errors_are_told_in_one_way(monkeypatch, error, code, kind):
    """Words go to standard error, the same in JSON to standard output, and the exit code says which it was."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(definitions, "_report", fail)
    monkeypatch.setattr(Process, "load", fail)
    result = run("diagram", "errand", "--json", "--lang", "vi")
    answer = json.loads(result.stdout)
    assert (code, kind, 1) == (result.exit_code, answer["error"], len(answer["problems"]))
    assert result.stderr.startswith("error: ")


def test_a_denial_is_told_in_the_language_asked_for(monkeypatch):
    """The words of a denial are made at the edge."""

    def deny(*_: object) -> None:
        raise Denied([Reason("closed", at="done")])

    monkeypatch.setattr(Process, "load", deny)
    assert "error: hồ sơ đã kết thúc ở bước done\n" == run("diagram", "errand", "--lang", "vi").stderr


def test_the_command_without_its_extra_says_what_to_install(monkeypatch, capsys):
    """Without typer there is one line and exit 2, no traceback."""
    monkeypatch.setitem(sys.modules, "qms.cli", None)
    monkeypatch.setattr("builtins.__import__", _without("typer"))
    from qms.__main__ import main

    with pytest.raises(SystemExit) as left:
        main()
    assert (2, "the command line needs typer: pip install 'qms[cli]'\n") == (left.value.code, capsys.readouterr().err)


def _without(missing: str) -> Any:
    original = __import__

    def importing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "cli" and rest[3:] == (1,):
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return original(name, *rest, **more)

    return importing


def test_another_missing_module_is_not_hidden(monkeypatch):
    """A module of ours that is missing is a fault of ours, and is shown as it is."""
    monkeypatch.setattr("builtins.__import__", _without("qms.nowhere"))
    from qms.__main__ import main

    with pytest.raises(ModuleNotFoundError, match=r"qms\.nowhere"):
        main()


def test_the_module_runs_as_the_command(monkeypatch, capsys):
    """`python -m qms` is the command."""
    monkeypatch.setattr(sys, "argv", ["qms", "due", "2021-02-09T09:00", "5 working days"])
    monkeypatch.delitem(sys.modules, "qms.__main__", raising=False)
    with pytest.raises(SystemExit) as left:
        runpy.run_module("qms", run_name="__main__")
    assert (0, True) == (left.value.code, capsys.readouterr().out.startswith("due Tue 23/02/2021 17:00"))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (["due", "--json"], "START"),
        (["nope", "--json"], "nope"),
        (["calendar", "VN", "abc", "--json"], "YEAR"),
        (["demo", "--dossiers", "0", "--json"], "--dossiers"),
        (["due", "2021-02-09T09:00", "3 days", "--json", "--lang", "fr"], "--lang"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_as_json_too(line, word):
    """Also what is wrong with the line itself: a missing argument, an unknown command, a value out of range."""
    result = run(*line)
    answer = json.loads(result.stdout)
    assert (2, "invalid-input") == (result.exit_code, answer["error"])
    assert word in answer["problems"][0]["message"]
    assert word in result.stderr


def test_help_is_help_with_json_too():
    """And leaves with 0."""
    result = run("due", "--json", "--help")
    assert (0, True) == (result.exit_code, result.stdout.startswith("Usage:"))


def test_a_name_that_is_no_text_is_told_all_the_same():
    """Bytes that are no UTF-8 stand in the answer as escapes, which JSON reads."""
    result = run("check", "\udcff.toml", "--json")
    assert (2, "\udcff.toml") == (result.exit_code, json.loads(result.stdout)["files"][0]["file"])
    assert "\\udcff.toml: cannot be read" in result.stderr


def test_an_output_that_takes_no_more_is_an_error(monkeypatch):
    """A full disk is told, without a traceback."""

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("typer.echo", full)
    result = run("calendar", "VN", "2021")
    assert (2, True) == (result.exit_code, "standard output: No space left on device" in result.stderr)


@pytest.mark.parametrize(
    "line", [["diagram", "./bad.toml"], ["replay", "l.csv", "--process", "./bad.toml", "--map", "m.toml", "--store", "o.db"]]
)
def test_a_fault_of_a_definition_names_the_file(tmp_path, monkeypatch, line):
    """Where a command reads several, one must be able to tell which."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("name = 3\n", encoding="utf-8")
    (tmp_path / "l.csv").write_text("case,activity,time\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text('case = "case"\nactivity = "activity"\ntime = "time"\n', encoding="utf-8")
    result = run(*line)
    assert (2, True) == (result.exit_code, "./bad.toml: name: text is expected" in result.stderr)
