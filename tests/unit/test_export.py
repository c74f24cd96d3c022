"""The trail as a log for others: valid by the schema of XES, and read back as it was."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pendulum
import pytest

from qms.authority import Roster
from qms.calendar import WorkCalendar
from qms.exchange.export import EXPORTED, export, traces
from qms.exchange.logs import figures, open_log
from qms.exchange.targets import written
from qms.exchange.xes import Container, Nested, XesEvent, XesFile, XesHeader, XesTrace
from qms.exchange.xeswrite import write_xes
from qms.history import Past, PastFact
from qms.organization import Organization
from qms.process import Process
from qms.stores import MemoryStore

NOW = pendulum.datetime(2021, 3, 1, 2)


@pytest.fixture
def store() -> MemoryStore:
    """An office with an errand in hand and one from another system's history."""
    made = MemoryStore()
    office = Organization(
        store=made,
        processes=[Process.load("errand")],
        calendars=[WorkCalendar.load("VN")],
        people=Roster({"lan": ["clerk"]}),
        now=lambda: NOW,
    )
    office.open("errand", by="lan", id="c1", unit="ward 7")
    at = NOW.int_timestamp * 1_000_000
    past = [
        Past(
            "ask",
            "unnamed",
            at - 9,
            at,
            {"note": "a\x01b", "n": 3, "ok": True, "who": {"sealed": "x"}, "list": ["1"], "none": None},
        ),
        Past("sing", "log:system", at - 8, at),
        PastFact("register", at - 7, dates={}, facts={"end": 1}),
    ]
    office.record("c2", past, process="errand")
    return made


def test_cases_are_traces_and_acts_are_events(store: MemoryStore) -> None:
    """What was done by whom and when, what it moved, why it deviates; openings and facts are told of the case."""
    seen: list[int] = []
    one, two = traces(store, seen.append)
    assert (["c1", "c2"], [1, 2]) == ([one.attributes["concept:name"], two.attributes["concept:name"]], seen)
    assert ("errand", "ward 7", True) == tuple(one.attributes[f"qms:{key}"] for key in ("process", "unit", "open"))
    asked, sung = (event.attributes for event in two.events)
    assert ("ask", None, "system") == (asked["qms:action"], asked.get("org:resource"), sung["org:resource"])
    assert {"note": "a\x01b", "n": 3, "ok": True, "list": '["1"]'} == {
        key.removeprefix("qms:form."): value for key, value in asked.items() if key.startswith("qms:form.")
    }
    assert "unknown-action" in str(sung["qms:deviation"])


def test_what_is_exported_passes_the_schema(store: MemoryStore, shared_data: Path, tmp_path: Path) -> None:
    """The schema of IEEE 1849-2016 finds nothing."""
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(shared_data / "logs" / "xes-ieee-1849-2016.xsd")))
    assert 1 == export(store, tmp_path / "out.xes").replaced
    schema.assertValid(etree.parse(str(tmp_path / "out.xes")))


def test_both_formats_read_back_the_same_events(store: MemoryStore, tmp_path: Path) -> None:
    """XES and CSV, packed or not, by the map that ships with them; nothing is left beside the file."""
    found = []
    for name in ("a.xes", "a.xes.gz", "a.csv", "a.csv.gz"):
        export(store, tmp_path / name)
        found.append([(e.case, e.activity, e.at, e.resource, e.recorded) for e in open_log(tmp_path / name, EXPORTED)])
    assert [found[0]] * 4 == found
    assert ["a.csv", "a.csv.gz", "a.xes", "a.xes.gz"] == sorted(path.name for path in tmp_path.iterdir())
    with (tmp_path / "a.csv").open(newline="") as rows:
        (first, *_) = csv.DictReader(rows)
    assert ("c1", "true", "") == (first["case:concept:name"], first["case:qms:open"], first["qms:deviation"])
    assert [] == figures(open_log(tmp_path / "a.xes")).to_tree()["warnings"]


def test_the_trail_without_progress_is_the_same(store: MemoryStore) -> None:
    """Nobody need listen."""
    assert 2 == len(list(traces(store)))


def test_what_was_packed_once_is_packed_the_same_again(store: MemoryStore, tmp_path: Path) -> None:
    """The same trail gives the same bytes: no clock is in the file."""
    export(store, tmp_path / "a.xes.gz")
    once = (tmp_path / "a.xes.gz").read_bytes()
    export(store, tmp_path / "a.xes.gz")
    assert (once, True) == ((tmp_path / "a.xes.gz").read_bytes(), gzip.decompress(once).startswith(b"<?xml"))


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    """What fails halfway leaves what was there before."""
    (tmp_path / "a.xes").write_text("before")
    with pytest.raises(RuntimeError), written(tmp_path / "a.xes") as out:
        out.write("half")
        raise RuntimeError
    assert ("before", ["a.xes"]) == ((tmp_path / "a.xes").read_text(), [path.name for path in tmp_path.iterdir()])


def test_a_header_is_written_and_read_back(tmp_path: Path) -> None:
    """Extensions, globals, classifiers with blanks, attributes; an event of no trace; a list with attributes of its own."""
    header = XesHeader(
        "2.0", {"a": 1, "f": float("nan")}, {"concept": "u", "own": "v"}, {"event": {"k": "?"}}, {"c": ("a b", "k")}
    )
    nested = Nested(Container((("x", Nested("y", {"z": 1})),)), {"own": "o"})
    found = [XesTrace({"l": nested}, [], 0, 1), XesTrace({}, [XesEvent({"k": "v"}, 0)], 0, 0)]
    assert 0 == write_xes(found, tmp_path / "a.xes", header)
    file = XesFile(tmp_path / "a.xes")
    assert [({"l": nested}, []), ({}, [{"k": "v"}])] == [(t.attributes, [e.attributes for e in t.events]) for t in file]
    read = file.header
    assert ("2.0", {"c": ("a b", "k")}, {"event": {"k": "?"}}) == (read.version, read.classifiers, read.globals)
    assert (header.extensions, 1, "nan") == (read.extensions, read.attributes["a"], str(read.attributes["f"]))
