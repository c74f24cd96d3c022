"""Definitions on the command line: files of other systems, diagrams, sheets, differences, schemas."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from diagrams import diagram
from qms.calendar import WorkCalendar
from qms.cli import app
from qms.organization import Organization
from qms.process import Process
from qms.stores import SQLiteStore

VN = WorkCalendar.load("VN")
ERRAND = Process.load("errand").tree
SERVICE = {
    "businessService": "PGR",
    "states": [
        {"state": None, "isStartState": True, "actions": [{"action": "APPLY", "nextState": "OPEN", "roles": ["CITIZEN"]}]},
        {"state": "OPEN", "actions": [{"action": "RESOLVE", "nextState": "DONE", "roles": ["LME"]}]},
        {"state": "DONE", "isTerminateState": True},
    ],
}


def run(*arguments: str) -> Result:
    """What the command answers."""
    return CliRunner().invoke(app, list(arguments))


def told(*arguments: str) -> dict[str, Any]:
    """What the command answers in JSON."""
    answer: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return answer


def kept(folder: Path, name: str, content: Any) -> str:
    """A file of that name."""
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(file)


def changed(folder: Path, name: str = "changed.json") -> str:
    """The errand, with another limit and a step more."""
    tree = json.loads(json.dumps(ERRAND))
    tree["limits"]["promise"]["period"] = "3 working days"
    tree["steps"]["lost"] = {"closes": True}
    tree["actions"]["lose"] = {"from": "waiting", "to": "lost", "roles": ["clerk"]}
    return kept(folder, name, tree)


# ── check ──


@pytest.mark.parametrize("content", [SERVICE, [SERVICE], {"BusinessServices": [SERVICE]}], ids=["one", "list", "named"])
def test_check_reads_a_file_of_digit(tmp_path, content):
    """Sound, and what is odd about the file is told as a warning."""
    file = kept(tmp_path, "pgr.json", content)
    (facts,) = told("check", file)["files"]
    assert (file, True) == (facts["file"], facts["sound"])
    assert "missing-limit" in {finding["code"] for finding in facts["findings"]}
    assert 0 == run("check", file).exit_code


def test_check_tells_each_service_of_a_file(tmp_path):
    """Each by its name."""
    file = kept(tmp_path, "two.json", [SERVICE, SERVICE | {"businessService": "TL"}])
    assert [f"{file}: pgr", f"{file}: tl"] == [facts["file"] for facts in told("check", file)["files"]]


def test_check_reads_bpmn(tmp_path):
    """A task between a start and an end."""
    file = kept(tmp_path, "permit.bpmn", diagram("s>t t>e"))
    (facts,) = told("check", file)["files"]
    assert True is facts["sound"]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("broken.bpmn", "<definitions", "broken.bpmn"),
        ("empty.json", [], "an empty list"),
        ("service.json", {"states": 3}, "service.json"),
        ("broken.json", "{", "broken.json"),
    ],
)
def test_what_cannot_be_read_is_bad_input(tmp_path, name, content, fault):
    """Exit 2, and the file is named."""
    result = run("check", kept(tmp_path, name, content))
    assert 2 == result.exit_code and fault in result.stderr


# ── diagram ──


def test_diagram_with_lanes():
    """A flowchart, in the language asked for."""
    result = run("diagram", "errand", "--lanes", "--lang", "vi")
    assert (0, True, True) == (
        result.exit_code,
        result.stdout.startswith("flowchart TB"),
        "▶ Thời hạn đã hứa (2 ngày làm việc)" in result.stdout,
    )


def office(path: Path) -> None:
    """A store with an errand that waits."""
    store = SQLiteStore(path)
    people: Any = {"lan": ["clerk"]}
    from qms.authority import Roster

    org = Organization(
        store=store,
        processes=[Process.load("errand")],
        calendars=[VN],
        people=Roster(people),
        procedures=[],
        now=lambda: VN.moment(1_612_836_000_000_000),
    )
    org.open("errand", by="lan", id="e-1")
    store.close()


def test_diagram_marks_a_case(tmp_path):
    """Where it stands and what was done, by its history in the store."""
    office(tmp_path / "office.db")
    answer = told("diagram", "errand", "--lanes", "--case", "e-1", "--store", str(tmp_path / "office.db"))
    assert ("e-1", ["waiting"]) == (answer["case"], answer["steps"])
    assert "class s_waiting current" in answer["mermaid"] and "class a_ask passed" in answer["mermaid"]
    assert "linkStyle 0,1" in answer["mermaid"]


def test_a_case_is_drawn_on_the_version_it_runs_by(tmp_path):
    """Whatever the file says by now."""
    office(tmp_path / "office.db")
    answer = told("diagram", changed(tmp_path), "--case", "e-1", "--store", str(tmp_path / "office.db"))
    assert (Process.load("errand").content_hash, False) == (answer["content_hash"], "lost" in answer["mermaid"])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (("errand", "--case", "e-1"), "a case is kept in a store"),
        (("errand", "--store", "{store}"), "a case is kept in a store"),
        (("errand", "--case", "e-2", "--store", "{store}"), "no case 'e-2'"),
        (("nonconformity", "--case", "e-1", "--store", "{store}"), "e-1 is a case of errand, not of nonconformity"),
    ],
)
def test_a_case_that_is_not_there_is_not_drawn(tmp_path, line, fault):
    """Without a store, unknown, of another process."""
    office(tmp_path / "office.db")
    result = run("diagram", *(word.format(store=tmp_path / "office.db") for word in line))
    assert 2 == result.exit_code and fault in result.stderr


def test_what_another_system_calls_its_process_is_drawn_too(tmp_path):
    """One process; of several the one that is meant must be named, and a procedure is none."""
    assert "resolve" in run("diagram", kept(tmp_path, "pgr.json", SERVICE)).stdout.lower()
    two = run("diagram", kept(tmp_path, "two.json", [SERVICE, SERVICE | {"businessService": "TL"}]))
    assert 2 == two.exit_code and "it holds 2 processes" in two.stderr
    procedure = files("qms") / "definitions" / "procedures" / "2.000908.toml"
    one = run("diagram", str(procedure))
    assert 2 == one.exit_code and "name its process, one-stop" in one.stderr


# ── sheet ──


def test_sheet_prints_the_table():
    """In words, with the limits of a procedure."""
    result = run("sheet", "one-stop", "--procedure", "2.000908", "--lang", "vi")
    assert (0, True) == (result.exit_code, "| TT | Bước | Nội dung công việc |" in result.stdout)
    assert told("sheet", "errand")["sheet"].startswith("# Errand\n")


def test_sheet_refuses_a_procedure_of_another_process():
    """Its blanks are not those of this one."""
    assert 2 == run("sheet", "errand", "--procedure", "2.000908").exit_code


# ── diff ──


def test_diff_tells_what_changed(tmp_path):
    """A line for each change, and exit 1."""
    result = run("diff", "errand", changed(tmp_path))
    assert 1 == result.exit_code
    assert "limit promise (Promised limit), period: 2 working days → 3 working days" in result.stdout.splitlines()
    assert "thời hạn promise (Thời hạn đã hứa), period: 2 working days → 3 working days" in (
        run("diff", "errand", changed(tmp_path), "--lang", "vi").stdout.splitlines()
    )


def test_diff_in_json_has_places_and_values(tmp_path):
    """For other systems."""
    answer = told("diff", "errand", changed(tmp_path))
    assert Process.load("errand").content_hash == answer["old"]["content_hash"]
    paths = {change["path"]: (change["kind"], change["before"], change["after"]) for change in answer["changes"]}
    assert ("changed", "2 working days", "3 working days") == paths["limits.promise.period"]
    assert {"actions.lose", "steps.lost", "limits.promise.period"} == set(paths)


def test_diff_of_the_same_is_good():
    """Exit 0, in words."""
    result = run("diff", "errand", "errand", "--lang", "vi")
    assert (0, "không có khác biệt\n") == (result.exit_code, result.stdout)


def test_diff_compares_procedures(tmp_path):
    """Two of one kind; a procedure and a process are not compared."""
    folder = files("qms") / "definitions" / "procedures"
    one, other = str(folder / "2.000908.toml"), str(folder / "2.000815.toml")
    assert (0, 1, 2) == tuple(run("diff", *pair).exit_code for pair in ((one, one), (one, other), ("one-stop", one)))


def test_diff_names_the_file_that_cannot_be_read(tmp_path):
    """Exit 2."""
    result = run("diff", "errand", kept(tmp_path, "bad.toml", "name = 3"))
    assert 2 == result.exit_code and "bad.toml" in result.stderr


# ── schema ──


@pytest.mark.parametrize("kind", ["process", "procedure"])
def test_schema_prints_the_published_file(kind):
    """Byte for byte, with or without --json."""
    text = (files("qms") / "definitions" / "schemas" / f"{kind}.json").read_text(encoding="utf-8")
    assert text == run("schema", kind).stdout == run("schema", kind, "--json").stdout


def test_there_is_no_other_schema():
    """Exit 2."""
    assert 2 == run("schema", "calendar").exit_code
