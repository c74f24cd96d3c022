"""Bad input: a clear error that names the place and the mend, exit 2, and nothing written."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from qms import deadline
from qms.authority import Roster
from qms.calendar import WorkCalendar
from qms.cli import app
from qms.deadline import TimeLimit
from qms.errors import InvalidInput, OutsideCalendar, StoreError, UnsoundProcess
from qms.organization import Organization
from qms.process import Process
from qms.stores import MemoryStore, SQLiteStore

VN = WorkCalendar.load("VN")
START = VN.moment(1_612_836_000_000_000)
LOG = "case,activity,time\nc1,ask,2021-03-01T09:00:00+07:00\nc1,finish,2021-03-02T09:00:00+07:00\n"
MAP = 'case = "case"\nactivity = "activity"\ntime = "time"\n'


def run(*arguments: str) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a log and a map."""
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(result: Result, *words: str) -> bool:
    """Whether the command left with 2 and said each of *words*."""
    missing = [word for word in words if word not in result.stderr]
    assert (2, []) == (result.exit_code, missing), result.stderr
    return True


def written(folder: Path) -> list[str]:
    """What lies in *folder*."""
    return sorted(path.name for path in folder.iterdir())


def definition(change: Callable[[dict[str, Any]], None], folder: Path) -> str:
    """A file with the smallest process after *change*."""
    tree = json.loads(json.dumps(Process.load("errand").tree))
    change(tree)
    (folder / "process.json").write_text(json.dumps(tree), encoding="utf-8")
    return "process.json"


# ── definitions ──


def _unknown_key(tree: dict[str, Any]) -> None:
    tree["actions"]["ask"]["rolls"] = ["clerk"]


def _wrong_type(tree: dict[str, Any]) -> None:
    tree["steps"]["done"]["closes"] = "yes"


def _dangling_step(tree: dict[str, Any]) -> None:
    tree["actions"]["ask"]["to"] = "waitng"


def _bare_list(tree: dict[str, Any]) -> None:
    tree["actions"]["finish"]["from"] = ["waiting", "done"]


def _unknown_rule(tree: dict[str, Any]) -> None:
    tree["rule"] = "roman-law"


def _bad_limit(tree: dict[str, Any]) -> None:
    tree["limits"]["promise"] = "1.5 working days"


FAULTS = [
    (_unknown_key, ["actions.ask.rolls", "unknown key; known here:", "roles"]),
    (_wrong_type, ["steps.done.closes", "true or false is expected, not 'yes'"]),
    (_dangling_step, ["actions.ask.to", "'waitng'", "waiting"]),
    (_bare_list, ["actions.finish.from", "from_any", "join"]),
    (_unknown_rule, ["rule", "roman-law", "vn-one-stop"]),
    (_bad_limit, ["limits.promise", "1.5 working days", "15 working days"]),
]


@pytest.mark.parametrize(("change", "words"), FAULTS, ids=[change.__name__.strip("_") for change, _ in FAULTS])
@pytest.mark.parametrize("command", ["check", "diagram", "replay"])
def test_a_fault_of_a_definition_is_told_with_its_place_and_its_mend(folder, command, change, words):
    """Unknown key, wrong type, dangling step, bare list in `from`, unknown rule, unreadable limit: told, and nothing written."""
    file = definition(change, folder)
    before = written(folder)
    replay = ["replay", "log.csv", "--process", file, "--map", "map.toml", "--store", "out.db"]
    assert refused(run(*(replay if command == "replay" else [command, file])), *words)
    assert before == written(folder)


def test_all_faults_of_a_definition_come_at_once(folder):
    """Two faults in two places are one answer."""

    def both(tree: dict[str, Any]) -> None:
        _unknown_key(tree)
        _wrong_type(tree)

    assert refused(run("check", definition(both, folder)), "actions.ask.rolls", "steps.done.closes")


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("x.toml", "name = ", "not valid TOML"),
        ("x.json", "[1]", "a table is expected"),
        ("x.yaml", "name: x", "a .toml or .json file"),
        ("x.toml", "\ufeff\ud800".encode("utf-8", "surrogatepass"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_definition_is_refused(folder, name, text, word):
    """Neither TOML nor JSON, or no table, or no text."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert refused(run("diagram", f"./{name}"), name, word)


@pytest.mark.parametrize("file", ["./missing.toml", "missing.toml", "no-such-process"])
def test_a_definition_that_is_not_there_is_refused(folder, file):
    """A file that does not exist, or a name that is not shipped."""
    assert refused(run("check", file), file.removeprefix("./"))


# ── an unsound process ──


def _stuck(tree: dict[str, Any]) -> None:
    tree["steps"]["lost"] = {}
    tree["actions"]["lose"] = {"from": "waiting", "to": "lost", "roles": ["clerk"]}


def test_an_unsound_process_is_not_taken(folder):
    """An organization takes no process whose cases could get stuck: a witness is named, and no store is made."""
    file = definition(_stuck, folder)
    before = written(folder)
    result = run("replay", "log.csv", "--process", file, "--map", "map.toml", "--store", "out.db", "--calendar", "VN")
    assert refused(result, "lost", "ask > lose")
    assert before == written(folder)


def test_an_unsound_process_writes_nothing_into_a_store():
    """The organization refuses before it publishes anything."""
    tree = json.loads(json.dumps(Process.load("errand").tree))
    _stuck(tree)
    store = MemoryStore()
    with pytest.raises(UnsoundProcess):
        Organization(store=store, processes=[Process.from_tree(tree)], calendars=[VN], people=Roster({}), now=lambda: START)
    assert 0 == store.size


# ── limits, rules, calendars, dates ──


@pytest.mark.parametrize("limit", ["1.5 working days", "-3 days", "", "days", "3", "3 fortnights", "three days", "1e3 days"])
def test_a_limit_that_cannot_be_read_is_refused(limit):
    """Not whole, backward, empty, or in no unit: the message shows how it is written."""
    assert refused(run("due", "2021-02-09T09:00", limit), "LIMIT", "15 working days")


def test_a_limit_of_nothing_is_refused():
    """A limit is at least one of its unit."""
    assert refused(run("due", "2021-02-09T09:00", "0 days"), "LIMIT", "'0 days'", "at least 1")


def test_an_unknown_rule_is_refused_with_those_known():
    """The message lists the rules that are shipped."""
    assert refused(run("due", "2021-02-09T09:00", "5 days", "--rule", "roman-law"), "--rule", "roman-law", "vn-one-stop")


@pytest.mark.parametrize("command", [["due", "2021-02-09T09:00", "5 days", "--calendar", "XX"], ["calendar", "XX", "2021"]])
def test_an_unknown_calendar_is_refused_with_those_known(command):
    """The message lists the calendars that are shipped."""
    assert refused(run(*command), "XX", "there are: VN")


def test_no_rule_is_guessed_where_none_is_named(folder):
    """A calendar without a customary rule needs one by name."""
    plain = WorkCalendar.from_dates(zone="Europe/Paris", week={"mon-fri": "09:00-17:00"}, first=VN.first, last=VN.last)
    (folder / "plain.json").write_text(json.dumps(plain.to_tree()), encoding="utf-8")
    assert refused(run("due", "2021-02-09T09:00", "5 days", "--calendar", "plain.json"), "names no customary rule")


@pytest.mark.parametrize("moment", [datetime(2021, 2, 9, 9), datetime(2021, 2, 9, 9).date(), "2021-02-09T09:00"])
def test_an_instant_without_a_zone_is_refused(moment):
    """A naive moment, a date, a text: an instant has a zone."""
    with pytest.raises(InvalidInput):
        deadline.due(moment, TimeLimit.parse("5 days"), calendar=VN)


def test_a_late_entry_without_a_zone_is_refused_and_nothing_is_written():
    """The organization refuses a naive `occurred_at` before it decides."""
    store = MemoryStore()
    org = Organization(
        store=store, processes=[Process.load("errand")], calendars=[VN], people=Roster({"lan": ["clerk"]}), now=lambda: START
    )
    before = store.size
    with pytest.raises(InvalidInput, match="zone"):
        org.open("errand", by="lan", occurred_at=datetime(2021, 2, 9, 9), reason="the line was down")
    assert before == store.size


@pytest.mark.parametrize(
    "command",
    [
        ["due", "2031-02-09T09:00", "5 days"],
        ["due", "2027-12-31T09:00", "1 working day"],
        ["due", "2017-12-31T09:00", "5 days"],
        ["calendar", "VN", "2031"],
    ],
)
def test_a_date_outside_the_calendar_is_refused(command):
    """No answer is better than a guess: the message says what is covered."""
    assert refused(run(*command), "2018", "2027")


def test_outside_the_calendar_is_an_error_of_its_own():
    """So that an embedding system can load a calendar that reaches further."""
    with pytest.raises(OutsideCalendar):
        VN.is_working_day(datetime(2031, 2, 9).date())


@pytest.mark.parametrize("year", ["two", "20.5", "0", "10000"])
def test_a_year_is_a_whole_number(year):
    """The year is read strictly."""
    assert 2 == run("calendar", "VN", year).exit_code


# ── logs ──


def replayed(folder: Path, log: str | bytes, mapping: str = MAP, name: str = "bad.csv") -> Result:
    """The replay of a log that may be bad."""
    (folder / name).write_bytes(log.encode() if isinstance(log, str) else log)
    (folder / "map.toml").write_text(mapping, encoding="utf-8")
    return run("replay", name, "--process", "errand", "--map", "map.toml", "--store", "out.db", "--calendar", "VN")


@pytest.mark.parametrize(
    ("log", "mapping", "words"),
    [
        ("case,activity\nc1,ask\n", MAP, ["time", "it has: case, activity"]),
        ("case,activity,time\nc1,ask,2021-03-01T09:00:00\n", MAP, ["line 2", "zone"]),
        ("case,activity,time\nc1,ask,\n", MAP, ["line 2", "time"]),
        ("case,activity,time\nc1,ask,yesterday\n", MAP, ["line 2", "yesterday"]),
        ("", MAP, ["empty"]),
        (LOG, 'case = "case"\nactivity = "activity"\n', ["time", "missing"]),
        (LOG, MAP + 'zone = "Mars/Olympus"\n', ["zone", "Mars/Olympus"]),
        (LOG, MAP + 'zones = "UTC"\n', ["zones", "unknown key"]),
        (gzip.compress(LOG.encode())[:-12], MAP, ["gzip", "damaged"]),
    ],
    ids=[
        "no-time-column",
        "no-zone",
        "no-time",
        "no-instant",
        "empty",
        "map-without-time",
        "no-such-zone",
        "unknown-key",
        "cut-short",
    ],
)
def test_a_log_that_cannot_be_read_leaves_no_trace(folder, log, mapping, words):
    """A log without a time or a zone, a map that does not fit, a file cut short: told with its line, and no store is made."""
    result = replayed(folder, log, mapping)
    assert refused(result, *words)
    assert "out.db" not in written(folder)


def test_a_log_that_is_not_there_is_refused(folder):
    """The message names the file."""
    result = run("replay", "none.csv", "--process", "errand", "--map", "map.toml", "--store", "out.db")
    assert refused(result, "none.csv", "cannot be read")
    assert "out.db" not in written(folder)


# ── stores ──


def store(folder: Path) -> Path:
    """A store that holds something."""
    path = folder / "office.db"
    made = SQLiteStore(path)
    Organization(store=made, processes=[Process.load("errand")], calendars=[VN], people=Roster({}), now=lambda: START)
    made.close()
    return path


def commands(path: Path) -> list[list[str]]:
    """What opens a store, to read and to write."""
    return [
        ["verify", str(path)],
        ["replay", "log.csv", "--process", "errand", "--map", "map.toml", "--store", str(path), "--calendar", "VN"],
    ]


@pytest.mark.parametrize("which", [0, 1])
def test_a_store_of_a_newer_schema_is_refused(folder, which):
    """What a newer version wrote is not read by guessing, nor written to."""
    path = store(folder)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE qms_meta SET value = '99' WHERE name LIKE '%schema%' OR name LIKE '%version%'")
    db.close()
    before = path.read_bytes()
    assert refused(run(*commands(path)[which]), "office.db", "newer")
    assert before == path.read_bytes()


@pytest.mark.parametrize("which", [0, 1])
def test_a_truncated_store_is_refused(folder, which):
    """A file cut short is told as such, and left as it is."""
    path = store(folder)
    path.write_bytes(path.read_bytes()[:20_000])
    before = path.read_bytes()
    assert refused(run(*commands(path)[which]), "office.db", "cut short")
    assert before == path.read_bytes()


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_that_is_no_store_is_refused(folder, which):
    """A text is not made a store."""
    path = folder / "notes.txt"
    path.write_text("a note of mine\n" * 100, encoding="utf-8")
    assert refused(run(*commands(path)[which]), "notes.txt", "no SQLite database")
    assert "a note of mine\n" * 100 == path.read_text(encoding="utf-8")


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that may be read and not written; root, who may write anywhere, is somebody else for the while."""
    root = os.geteuid() == 0
    with TemporaryDirectory() as name:
        for file, text in (("log.csv", LOG), ("map.toml", MAP)):
            (Path(name) / file).write_text(text, encoding="utf-8")
        Path(name).chmod(0o555)
        if root:
            os.seteuid(65_534)
        yield Path(name)
        if root:
            os.seteuid(0)
        Path(name).chmod(0o755)


def test_a_folder_that_cannot_be_written_is_refused(closed):
    """A read-only folder: the place is named, and nothing is left behind."""
    log, mapping = str(closed / "log.csv"), str(closed / "map.toml")
    result = run("replay", log, "--process", "errand", "--map", mapping, "--store", str(closed / "out.db"), "--calendar", "VN")
    assert refused(result, str(closed), "writable")
    assert refused(run("demo", "--dossiers", "1", "--store", str(closed / "out.db")), str(closed), "writable")
    assert ["log.csv", "map.toml"] == written(closed)


@pytest.mark.parametrize("place", ["missing/out.db", "log.csv/out.db", "."])
def test_a_place_where_no_store_can_be_made_is_refused(folder, place):
    """A folder that does not exist, a folder that is a file, a folder itself."""
    before = written(folder)
    assert refused(run(*commands(Path(place))[1]), place)
    assert before == written(folder)


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite:///", "", "ftp://x"])
def test_an_address_of_no_store_is_refused(url):
    """The message says which addresses are known."""
    assert refused(run("verify", url), "sqlite:///path")


def test_verify_makes_no_store(folder):
    """To verify what is not there makes nothing."""
    before = written(folder)
    assert refused(run("verify", "nothing.db"), "nothing.db")
    assert before == written(folder)


def test_a_demo_does_not_write_over_a_store(folder):
    """A store that is there is kept, unless --fresh says otherwise; what is no store is kept in any case."""
    path = store(folder)
    before = path.read_bytes()
    assert refused(run("demo", "--dossiers", "1", "--store", "office.db"), "office.db exists", "--fresh")
    assert refused(run("demo", "--dossiers", "1", "--store", "log.csv", "--fresh"), "log.csv", "not replaced")
    assert refused(run("demo", "--dossiers", "1", "--store", ".", "--fresh"), ".")
    assert (before, LOG) == (path.read_bytes(), (folder / "log.csv").read_text(encoding="utf-8"))


def test_a_store_that_is_full_says_so(monkeypatch, folder):
    """A store error in the middle is told like any other."""

    def full(*_: object, **__: object) -> None:
        raise StoreError("out.db: no space is left on the disk; make room and try again")

    monkeypatch.setattr(SQLiteStore, "append", full)
    assert refused(run(*commands(Path("out.db"))[1]), "no space is left")
