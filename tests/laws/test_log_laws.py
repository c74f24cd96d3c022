"""Logs: what is written is read again, what is drawn from a log fits it, and no bytes make a reader fall over."""

from __future__ import annotations

import gzip
from itertools import pairwise

import pendulum
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from logs import bare, histories, names, traces, written, xml_text
from qms.errors import InvalidInput
from qms.exchange.discover import discover
from qms.exchange.eventlog import LogEvent
from qms.exchange.export import EXPORTED, export
from qms.exchange.logs import figures, open_log
from qms.exchange.mapping import LogMap
from qms.exchange.replay import Groups, plain_calendar, replay
from qms.exchange.xes import XesFile, XesTrace
from qms.exchange.xeslog import XesLog
from qms.exchange.xeswrite import STANDARD, write_xes
from qms.history import Past
from qms.organization import Organization, can_be_an_id
from qms.process import Process
from qms.stores import MemoryStore

WORK = {
    "name": "work",
    "rule": "calendar-plain",
    "roles": {"participant": {}},
    "steps": {"begun": {}, "done": {"closes": True}},
    "actions": {
        "a": {"from": "new", "to": "begun", "roles": ["participant"]},
        "close": {"name": "B b", "from": "begun", "to": "done", "roles": ["participant"]},
    },
}
NOW = pendulum.datetime(2026, 11, 23)


@settings(max_examples=40)
@given(traces(), st.booleans())
def test_traces_written_are_traces_read(tmp_path_factory: pytest.TempPathFactory, found: list[XesTrace], packed: bool) -> None:
    """Any attributes, nested ones and lists, come back as they were, from XES plain or packed, without a warning."""
    path = tmp_path_factory.mktemp("xes") / ("log.xes.gz" if packed else "log.xes")
    assert 0 == write_xes(found, path)
    file = XesFile(path)
    assert bare(found) == bare(list(file))
    assert (STANDARD.extensions, []) == (file.header.extensions, [w for w in file.warnings if "declared" not in w.message])


acts = st.lists(
    st.tuples(names | xml_text.filter(str.strip), st.integers(0, 2**52), xml_text.filter(str.strip)), min_size=1, max_size=5
)


@settings(max_examples=25)
@given(st.dictionaries(xml_text.filter(can_be_an_id), acts, min_size=1, max_size=4))
def test_histories_exported_are_histories_read(
    tmp_path_factory: pytest.TempPathFactory, cases: dict[str, list[tuple[str, int, str]]]
) -> None:
    """Random histories in a store, exported as XES and as CSV, are read as the same events."""
    folder = tmp_path_factory.mktemp("trail")
    store, process = MemoryStore(), Process.from_tree(WORK)
    calendar = plain_calendar("UTC", [0, 2**52])
    office = Organization(
        store=store, processes=[process], procedures=[], calendars=[calendar], people=Groups(process, ()), now=lambda: NOW
    )
    expected = []
    for case, history in cases.items():
        past = sorted((Past(name, f"{who}!", at, at + 1) for name, at, who in history), key=lambda past: past.occurred)
        office.record(case, past, process="work")
        expected += [(case, one.action, one.occurred, one.by, one.recorded) for one in past]
    export(store, folder / "out.xes")
    export(store, folder / "out.csv")
    for name in ("out.xes", "out.csv"):
        log = open_log(folder / name, EXPORTED)
        assert sorted(expected) == sorted((e.case, e.activity, e.at, e.resource, e.recorded) for e in log)
        assert [] == log.faults


@settings(max_examples=40)
@given(histories)
def test_every_case_conforms_to_what_was_drawn_from_its_log(
    tmp_path_factory: pytest.TempPathFactory, cases: list[list[tuple[str, str]]]
) -> None:
    """At share 0 a draft is sound and all its log conforms, whatever its activities and groups are called."""
    log = written(tmp_path_factory.mktemp("log"), cases)
    draft = discover(figures(log), name="log")
    report = replay(log, draft.process, store=MemoryStore, now=lambda: NOW)
    assert (True, len(cases), ()) == (draft.process.check().sound, report.conforming_cases, report.deviations)
    assert () == draft.dropped


@settings(max_examples=40)
@given(histories, st.fractions(0, 1))
def test_a_case_conforms_where_all_its_paths_are_kept(
    tmp_path_factory: pytest.TempPathFactory, cases: list[list[tuple[str, str]]], share
) -> None:
    """At any share the draft is sound, and a case conforms if and only if no path of it was left out."""
    log = written(tmp_path_factory.mktemp("log"), cases)
    draft = discover(figures(log), name="log", min_share=share)
    kept = {(path.first, path.then) for path in draft.kept}
    fitting = sum({(None, case[0][0]), *((a[0], b[0]) for a, b in pairwise(case))} <= kept for case in cases)
    report = replay(log, draft.process, store=MemoryStore, now=lambda: NOW)
    assert (True, fitting) == (draft.process.check().sound, report.conforming_cases)
    assert sum(path.n for path in (*draft.kept, *draft.dropped)) == sum(len(case) + 1 for case in cases)


LOG = b"""<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0"><extension name="Concept" prefix="concept" uri="http://x"/>
<global scope="event"><string key="concept:name" value="?"/></global><classifier name="c" keys="concept:name 'a b'"/>
<trace><string key="concept:name" value="1"/><list key="l"><values><int key="i" value="1"/></values></list>
<event><string key="concept:name" value="a"><float key="f" value="1.5"/></string><date key="time:timestamp" value="2021-03-01T09:00:00Z"/>
<boolean key="b" value="true"/></event></trace><event/></log>"""


@given(st.data())
def test_damaged_logs_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Bytes removed, doubled or replaced at random: a log, or an error that names the file; nothing else, and soon."""
    damaged = bytearray(LOG)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged)))
        end = at + data.draw(st.integers(0, 40))
        part = st.binary(max_size=6) | st.sampled_from(
            [b"<event>", b"</event>", b"<trace>", b"<log>", b"</log>", b"<values>", b"<list key='k'>"]
        )
        damaged[at:end] = data.draw(part | st.just(bytes(damaged[at:end]) * 2))
    content = bytes(damaged)
    if data.draw(st.booleans()):
        content = gzip.compress(content)[: data.draw(st.integers(1, 600))]
    path = tmp_path_factory.mktemp("fuzz") / "log.xes"
    path.write_bytes(content)
    for timeless in (False, True):
        try:
            log = XesLog(path, timeless=timeless)
            events = list(log)
        except InvalidInput as error:
            assert "log.xes" in str(error)
        else:
            assert all(isinstance(event, LogEvent) for event in events)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a file holds, opening and reading it as a log ends in figures or in an error that names it."""
    path = tmp_path_factory.mktemp("fuzz") / "log"
    path.write_bytes(content)
    mapping = evolve(LogMap.xes(), zone="UTC")
    try:
        figures(open_log(path, mapping))
    except InvalidInput as error:
        assert str(path) in str(error) or "no column" in str(error)
