"""The XES reader: what it reads, what it keeps without applying, and what it refuses before it can do harm."""

from __future__ import annotations

import gzip
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qms.errors import InvalidInput
from qms.exchange.eventlog import TIMELESS
from qms.exchange.mapping import LogMap
from qms.exchange.xes import DEEPEST, WARNINGS, Container, Id, Nested, XesFile
from qms.exchange.xeslog import XesLog

HEAD = '<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>'
NAME = '<string key="concept:name" value="{}"/>'


def event(name: str = "ask", at: str = "2021-03-01T09:00:00Z", more: str = "") -> str:
    """An event as XES."""
    return f'<event>{NAME.format(name)}<date key="time:timestamp" value="{at}"/>{more}</event>'


def trace(*events: str, name: str = "1", more: str = "") -> str:
    """A trace as XES."""
    return f"<trace>{NAME.format(name)}{more}{''.join(events)}</trace>"


def file(folder: Path, body: str | bytes, attributes: str = "") -> Path:
    """A file with this log in it."""
    path = folder / "log.xes"
    path.write_bytes(body if isinstance(body, bytes) else f"<log{attributes}>\n{body}\n</log>".encode())
    return path


def log(folder: Path, body: str, mapping: LogMap | None = None, **more: Any) -> XesLog:
    """The log that this body is."""
    return XesLog(file(folder, body), mapping, **more)


def told(found: XesLog) -> list[tuple[int, str, str, bool, str | None]]:
    """The faults of a log, after it was read."""
    list(found)
    return [(fault.line, fault.column, fault.message, fault.kept, fault.case) for fault in found.faults]


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        ' xmlns="http://www.xes-standard.org/"',
        ' xmlns="http://code.deckfour.org/xes"',
        ' xes.version="1.0"',
        ' version="2.0"',
    ],
)
def test_namespaces_and_versions_do_not_matter(tmp_path: Path, attributes: str) -> None:
    """Without a namespace, in either of the two in use, with and without a version, a log reads alike."""
    found = XesLog(file(tmp_path, trace(event()), attributes))
    assert [("1", "ask", 1_614_589_200_000_000, 2)] == [(e.case, e.activity, e.at, e.line) for e in found]
    assert [] == found.warnings


def test_prefixed_names_are_read_too(tmp_path: Path) -> None:
    """A prefix before every name is a namespace like another."""
    path = file(
        tmp_path,
        b'<x:log xmlns:x="urn:x"><x:trace><x:event><x:string key="concept:name" value="a"/></x:event></x:trace></x:log>',
    )
    assert ["a"] == [e.activity for e in XesLog(path, timeless=True)]


def test_values_have_their_types(tmp_path: Path) -> None:
    """Each type is read as what it is; lists, containers and nested attributes too."""
    body = """<trace><string key="s" value="a&#10;b"><int key="in" value="-7"/></string><date key="d" value=" 2021-03-01T09:00:00.5+07:00 "/>
    <int key="i" value="0"/><float key="f" value="1e3"/><float key="inf" value="-INF"/><boolean key="b" value="1"/><id key="u" value="x"/>
    <list key="l"><string key="own" value="o"/><values><int key="n" value="1"/><int key="n" value="2"><id key="z" value="q"/></int></values></list>
    <container key="c"><string key="k" value="v"/></container></trace>"""
    (found,) = XesFile(file(tmp_path, body))
    assert Nested("a\nb", {"in": -7}) == found.attributes["s"]
    assert datetime(2021, 3, 1, 2, 0, 0, 500_000, UTC) == found.attributes["d"]
    assert (0, 1000.0, float("-inf"), True, Id("x")) == tuple(found.attributes[key] for key in ("i", "f", "inf", "b", "u"))
    assert Nested(Container((("n", 1), ("n", Nested(2, {"z": Id("q")})))), {"own": "o"}) == found.attributes["l"]
    assert Nested(Container(), {"k": "v"}) == found.attributes["c"]


def test_the_header_is_kept(tmp_path: Path) -> None:
    """Version, extensions, globals by scope, classifiers with quoted keys, and the log's attributes."""
    body = f"""{HEAD}<global scope="event">{NAME.format("?")}</global><classifier name="c" keys="concept:name 'a b'"/>
    <string key="who" value="us"/>"""
    found = XesFile(file(tmp_path, body, ' xes.version="1849.2016" xes.features=""'))
    assert [] == list(found)
    header = found.header
    assert ("1849.2016", {"concept": "http://www.xes-standard.org/concept.xesext"}) == (header.version, header.extensions)
    assert ({"event": {"concept:name": "?"}}, {"c": ("concept:name", "a b")}) == (header.globals, header.classifiers)
    assert {"who": "us"} == header.attributes


@pytest.mark.parametrize(
    "entity",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log SYSTEM "http://127.0.0.1/evil.dtd">',
    ],
)
def test_entities_are_refused_before_they_are_read(tmp_path: Path, entity: str) -> None:
    """Entity bombs, files of the machine and addresses: the declaration alone is refused, with its line."""
    path = file(tmp_path, f'<?xml version="1.0"?>\n{entity}<log>{trace(event("&b;"))}</log>'.encode())
    with pytest.raises(InvalidInput, match=r"log.xes: line 2: a document type definition; .* remove it"):
        list(XesFile(path))


def test_an_entity_without_a_declaration_is_no_xml(tmp_path: Path) -> None:
    """What nothing declares is nothing."""
    with pytest.raises(InvalidInput, match="no XML: undefined entity"):
        list(XesFile(file(tmp_path, trace(event("&bomb;")))))


def test_what_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    """A hundred elements inside each other are enough."""
    deep = '<string key="k" value="v">' * DEEPEST
    with pytest.raises(InvalidInput, match="nested deeper than 100"):
        list(XesFile(file(tmp_path, f"<trace>{deep}")))


def test_a_tag_without_an_end_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    """A value of many megabytes is no log; packed, it is a bomb."""
    path = tmp_path / "log.xes"
    path.write_bytes(gzip.compress(b'<log><string key="k" value="' + b"x" * (12 << 20)))
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="one tag or text is longer than 4 MB"):
        list(XesFile(path))
    assert 40 << 20 > tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "no element found"),
        (b"<log><trace>", r"line 1.*no element found; the file is cut short"),
        (b"<nolog/>", "line 1, <nolog>: the file holds <nolog>, not <log>"),
        (b"<log><trace></log>", "mismatched tag"),
        (b"\xff\xfe<\x00l\x00", "no XML"),
        (b'<?xml version="1.0" encoding="klingon"?><log/>', "log.xes.*unknown encoding"),
        (gzip.compress(b"<log>" + b" " * 99_999)[:-20], "the gzip file is damaged"),
        (b"<log><trace><event><trace/></event></trace></log>", "<trace> cannot stand here"),
        (b"<log><trace><extension/></trace></log>", "<extension> cannot stand here"),
        (b"<log><event><foreign><event/></foreign></event></log>", "<event> cannot stand here"),
    ],
)
def test_what_is_no_log_is_refused_with_its_place(tmp_path: Path, content: bytes, match: str) -> None:
    """Each refusal names the file, the line and what is wrong."""
    with pytest.raises(InvalidInput, match=match) as caught:
        list(XesFile(file(tmp_path, content)))
    assert "log.xes" in str(caught.value)


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    """No file, or a folder: the place and why."""
    with pytest.raises(InvalidInput, match=r"none.xes: cannot be read"):
        XesFile(tmp_path / "none.xes")
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(XesFile(tmp_path))


def test_errors_of_the_header_come_all_at_once(tmp_path: Path) -> None:
    """Everything wrong before the first trace is told together."""
    body = '<int key="a" value="x"/>\n<boolean key="b" value="2"/>\n<date key="c" value="2021"/><string key="k"/>' + trace(
        event()
    )
    with pytest.raises(InvalidInput) as caught:
        list(XesFile(file(tmp_path, body)))
    assert ["line 2, <int>", "line 3, <boolean>", "line 4, <date>", "line 4, <string>"] == [
        problem.where.partition(": ")[2] for problem in caught.value.problems
    ]
    assert "'k': has no value" == caught.value.problems[-1].message


def test_unknown_elements_are_left_out_with_a_warning(tmp_path: Path) -> None:
    """A foreign element costs itself and what is in it."""
    found = log(tmp_path, '<author><string key="x" value="y"/></author>' + trace(event(more="<note><b/></note>")))
    assert 1 == len(list(found))
    assert ["line 2, <author>", "line 2, <note>"] == [warning.where for warning in found.warnings]


def test_warnings_are_counted_beyond_those_kept(tmp_path: Path) -> None:
    """A thousand warnings are kept, all are counted."""
    found = log(tmp_path, trace(event(more="<note/>" * (WARNINGS + 5))))
    list(found)
    assert (WARNINGS, WARNINGS + 5) == (len(found.warnings), found.warned)


def test_what_the_form_lacks_is_warned_of(tmp_path: Path) -> None:
    """Names that an extension or a global lacks, an attribute too many on a list, another type than a global declares."""
    body = '<extension/><global scope="event"><int key="n" value="1"/><list key="l"><values/></list></global>'
    body += trace(event(more='<string key="n" value="1"/><list key="l" x="y"><values key="k" z=""/></list><list/>'))
    found = log(tmp_path, body)
    assert 1 == len(list(found))
    assert [
        "line 2, <extension>: has no name and no prefix and no uri",
        "line 2, <string>: 'n' is declared as int; it is taken as it stands",
        "line 2, <list>: 'x' is no attribute of it, and is left out",
        "line 2, <values>: 'z' is no attribute of it, and is left out",
    ] == [str(warning) for warning in found.warnings]
    assert ["<list> has no key"] == [fault.message for fault in found.faults]


def test_a_log_that_is_read_again_is_read_anew(tmp_path: Path) -> None:
    """Header, warnings, faults and counts are those of the last reading."""
    found = log(tmp_path, HEAD + trace(event(at="2021-13-01T09:00:00Z"), event(), more="<note/>"))
    first, second = ([*map(str, told(found)), found.warned, dict(found.present)] for _ in range(2))
    assert first == second


def test_warnings_of_the_log_itself_are_counted_beyond_those_kept(tmp_path: Path) -> None:
    """Traces of one name are told for each, and a thousand of them are kept."""
    found = log(tmp_path, f"<trace>{NAME.format('1')}</trace>" * (WARNINGS + 3))
    assert [] == list(found)
    assert (WARNINGS, WARNINGS + 2) == (len(found.warnings), found.warned)


def test_names_are_not_kept_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values that repeat are kept once, up to a number; beyond it they are read all the same."""
    monkeypatch.setattr("qms.exchange.xeslog.KEPT", 2)
    found = log(tmp_path, trace(*[event(f"a{i}") for i in range(9)]))
    assert [f"a{i}" for i in range(9)] == [e.activity for e in found]


def test_names_of_elements_are_not_remembered_without_end(tmp_path: Path) -> None:
    """Thousands of different elements are thousands of warnings, and no more."""
    found = XesFile(file(tmp_path, "".join(f"<e{i}/>" for i in range(WARNINGS + 9)) + trace(event())))
    assert (1, WARNINGS + 9) == (len(list(found)), found.warned)


def test_attributes_after_events_are_read_late(tmp_path: Path) -> None:
    """Attributes out of their order count all the same: of a trace, of a list, and where none can stand."""
    body = f"""<trace>{event()}{NAME.format("7")}<list key="l"><int key="x" value="1"/></list></trace>
    <extension name="Time" prefix="time" uri="u"><int key="y" value="1"/></extension>"""
    found = log(tmp_path, body)
    assert ["7"] == [e.case for e in found]
    assert [
        "line 2, <string>: comes after the events of its trace; attributes come first",
        "line 2, <list>: comes after the events of its trace; attributes come first",
        "line 3, <extension>: comes late; the order is extensions, globals, classifiers, attributes, traces, events",
        "line 3, <int>: cannot stand here, and is left out",
    ] == [str(warning) for warning in found.warnings]


def test_a_bad_value_in_an_event_costs_what_it_must(tmp_path: Path) -> None:
    """A number that is none is left out; a time that is none costs the event; each is told with its line."""
    bad = event(more='<int key="n" value="many"/><string key="k"/>') + event(at="soon") + "<event/>"
    found = log(tmp_path, trace(bad, more='<float key="cost" value="much"/>'))
    assert [
        (2, "cost", "<float> 'much' is no number", True, "1"),
        (2, "n", "<int> 'many' is no whole number", True, "1"),
        (2, "k", "<string> has no value", True, "1"),
        (2, "time:timestamp", "<date> 'soon' is no date and time like 2011-10-11T13:45:40.276+02:00", False, "1"),
        (2, "concept:name", "is missing", False, "1"),
    ] == told(found)
    assert 1 == len(list(found))


def test_an_event_without_a_time_is_a_fault_unless_none_is_asked_for(tmp_path: Path) -> None:
    """A replay needs times; figures can do without."""
    body = trace(f"<event>{NAME.format('ask')}</event>", event())
    assert [(2, "time:timestamp", "is missing", False, "1")] == told(log(tmp_path, body))
    assert [TIMELESS, 1_614_589_200_000_000] == [e.at for e in log(tmp_path, body, timeless=True)]


def test_what_no_record_holds_is_a_fault(tmp_path: Path) -> None:
    """Years that stand for "no date", and names longer than names are; an actor is taken as unnamed."""
    long = "x" * 1001
    who = f'<string key="org:resource" value="{long}"/>'
    found = log(tmp_path, trace(event(at="9999-12-31T00:00:00Z"), event(long), event(more=who)) + trace(event(), name=long))
    assert [None] == [e.resource for e in found]
    assert [
        ("time:timestamp", "9999-12-31T00:00:00+00:00 is no time: only the years 1685 to 2254 can be kept"),
        ("concept:name", "has 1001 characters, and 1000 are the most"),
        ("org:resource", "has more than 1000 characters; the actor is taken as unnamed"),
        ("case:concept:name", "has 1001 characters, and 1000 are the most"),
    ] == [(fault.column, fault.message) for fault in found.faults]


def test_events_outside_of_traces_are_of_no_case(tmp_path: Path) -> None:
    """An event beside the traces is clean XES, and a fault of the log."""
    found = log(tmp_path, trace(event()) + event())
    assert [(2, "", "<event> stands in no trace, so it is of no case", False, None)] == told(found)
    mapping = LogMap("who", "concept:name", "time:timestamp")
    assert ["lan"] == [e.case for e in log(tmp_path, event(more='<string key="who" value="lan"/>'), mapping)]
    with pytest.raises(InvalidInput, match="not one of 1 events is an event"):
        list(log(tmp_path, event()))


def test_traces_are_named_once(tmp_path: Path) -> None:
    """A trace without a name has its number; two of one name are one case; both are told."""
    found = log(tmp_path, trace(event()) + f"<trace>{event()}</trace>" + trace(event()))
    assert ["1", "trace 2", "1"] == [e.case for e in found]
    assert ["has no concept:name; it is called 'trace 2'", "is the second called '1'; they are taken as one case"] == [
        warning.message for warning in found.warnings
    ]


def test_a_map_names_attributes_of_traces_and_events(tmp_path: Path) -> None:
    """Order, recorded, promises and facts, of the trace or of the event; what no event has is told."""
    tree: dict[str, Any] = {
        "case": "case:concept:name",
        "activity": "step",
        "time": "when",
        "zone": "Asia/Ho_Chi_Minh",
        "order": "n",
    }
    tree |= {
        "recorded": "typed",
        "clock": {"start": "case:began", "end": "over"},
        "promises": {"plan": "case:plan"},
        "resource": "by",
    }
    own = '<string key="step" value="a"/><string key="when" value="2021-03-01 09:00"/><string key="n" value="{}"/>'
    first = f"<event>{own.format(5)}<date key='typed' value='2021-03-02T00:00:00Z'/><date key='over' value='2021-03-03T00:00:00Z'/></event>"
    second = f"<event>{own.format('x')}<int key='typed' value='3'/><string key='over' value='then'/></event>"
    third = f"<event>{own.format('')}<int key='n' value='4'/></event>"
    body = f"<trace>{NAME.format('1')}<date key='began' value='2021-02-01T00:00:00'/><int key='plan' value='9'/>{first}{second}{third}</trace>"
    found = log(tmp_path, body, LogMap.from_tree(tree))
    events = list(found)
    assert [5, 2, 3] == [e.order for e in events]
    assert [{"start", "end"}, {"start"}, {"start"}] == [set(e.facts) for e in events]
    assert (1_614_564_000_000_000, 1_614_643_200_000_000) == (events[0].at, events[0].recorded)
    assert [
        ("case:plan", "9 is no time"),
        ("over", "'then' is no time: Invalid isoformat string: 'then'"),
        ("typed", "3 is no time"),
    ] == [(fault.column, fault.message) for fault in found.faults]
    assert "no event has 'by', which the map names as resource" in [warning.message for warning in found.warnings]


def test_naive_times_need_a_zone(tmp_path: Path) -> None:
    """A time without an offset is refused without a zone, read with one, and told where the clock was changed."""
    body = trace(event(at="2021-10-31T02:30:00"))
    with pytest.raises(InvalidInput, match=r'log.xes: line 2, time:timestamp: .* add zone = "Europe/Amsterdam"'):
        list(log(tmp_path, body))
    mapping = LogMap("case:concept:name", "concept:name", "time:timestamp", zone="Europe/Amsterdam")
    found = log(tmp_path, body, mapping)
    assert ["2021-10-31 02:30:00 came twice that night; the first is taken"] == [fault[2] for fault in told(found)]


def test_a_classifier_is_asked_for_by_name(tmp_path: Path) -> None:
    """Its values joined are the activity; one that the file has not is refused with those it has."""
    body = HEAD + '<classifier name="both" keys="concept:name life"/><classifier name="one" keys="life"/>'
    body += trace(event(more='<string key="life" value="start"/>'), event("tell"), "<event/>")
    assert ["ask+start", "tell+"] == [e.activity for e in log(tmp_path, body, classifier="both")]
    assert ["start"] == [e.activity for e in log(tmp_path, body, classifier="one")]
    with pytest.raises(InvalidInput, match=r"no classifier 'none' .* the file has: 'both', 'one'"):
        list(log(tmp_path, body, classifier="none"))
    with pytest.raises(InvalidInput, match=r"no classifier 'x' .* the file has: none"):
        list(log(tmp_path, "", classifier="x"))


def test_missing_values_are_none(tmp_path: Path) -> None:
    """What the map calls missing names nobody, and counts as missing."""
    mapping = LogMap("case:concept:name", "concept:name", "time:timestamp", resource="who", missing=("", "EMPTY"))
    found = log(tmp_path, trace(event(more='<string key="who" value="EMPTY"/>'), more='<string key="x" value=""/>'), mapping)
    assert [None] == [e.resource for e in found]
    assert (0, 0, 1) == (found.present["who"], found.present["case:x"], found.present["concept:name"])
    assert 1 == len(list(log(tmp_path, trace(event(), more=""), mapping)))
    lists = log(tmp_path, trace(event(more='<list key="who"><values/></list>')), mapping)
    assert [None] == [e.resource for e in lists]


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    """The last word of the progress is the size of the file."""
    seen: list[int] = []
    found = log(tmp_path, trace(event()), progress=seen.append)
    list(found)
    assert [found.size] == seen


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """Reading ten times the traces takes no more memory: one trace is held at a time."""
    peaks = []
    for n in (2_000, 20_000):
        path = file(tmp_path, "".join(trace(event(), name=str(i)) for i in range(n)))
        tracemalloc.start()
        assert n == sum(1 for _ in XesFile(path))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 2
