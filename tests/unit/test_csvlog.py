"""The CSV reader: events and faults, never nothing, and files that are no log at all."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qms.errors import InvalidInput
from qms.exchange.csvlog import CsvLog
from qms.exchange.eventlog import LogEvent
from qms.exchange.mapping import LogMap

HEADER = "case,activity,time,who,order,start\n"
MAP: dict[str, Any] = {"case": "case", "activity": "activity", "time": "time", "resource": "who", "missing": ["", "EMPTY"]}
ZONED = MAP | {"zone": "Europe/Amsterdam", "clock": {"start": "start"}}


def us(text: str) -> int:
    """The microseconds since 1970 of an instant written with its offset."""
    return round((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


def log(folder: Path, text: str | bytes, tree: dict[str, Any] | None = None, name: str = "log.csv") -> CsvLog:
    """A log of these bytes, read by this map."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return CsvLog(path, LogMap.from_tree(MAP if tree is None else tree))


def told(result: CsvLog) -> list[str]:
    """The faults of a log, as an error would tell them."""
    return [str(fault.problem) for fault in result.faults]


def test_a_row_is_an_event(tmp_path: Path) -> None:
    """A row becomes who did what on which case when, with its line and the instants beside it."""
    result = log(tmp_path, HEADER + "1,ask,2011-10-11T11:45:40.276+00:00,Lan,7,2011-10-11\n", ZONED | {"order": "order"})
    at, start = us("2011-10-11T11:45:40.276+00:00"), us("2011-10-11T00:00+02:00")
    assert list(result) == [LogEvent("1", "ask", at, 2, 7, "Lan", None, {"start": start})]
    assert result.faults == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("packed", [False, True])
def test_marks_line_ends_and_gzip_do_not_matter(tmp_path: Path, end: str, mark: bytes, packed: bool) -> None:
    """A byte order mark, CRLF and gzip, whatever the file is called, read as the plain file does."""
    text = "case,activity,time,who" + end + '"1","say ""no"", twice",2011-10-11T11:00Z,EMPTY' + end
    data = mark + text.encode()
    (event,) = log(tmp_path, gzip.compress(data) if packed else data)
    assert (event.case, event.activity, event.resource, event.line, event.order) == ("1", 'say "no", twice', None, 2, 2)


def test_bad_rows_are_kept_with_their_lines(tmp_path: Path) -> None:
    """A row that is no event stands in the faults with line, column, cells and why; the others are read."""
    rows = "1,ask,2011-10-11T11:00Z,Lan,1,\n,ask,2011-10-11T11:00Z,,1,\n1,,2011-10-11T11:00Z,,1,\n1,ask,,,1,\n"
    rows += "1,ask,yesterday,,1,\n1,ask\n\n1,tell,2011-10-11T12:00Z,,1,\n"
    result = log(tmp_path, HEADER + rows)
    assert [event.line for event in result] == [2, 9]
    assert [(fault.line, fault.column, fault.case, fault.kept) for fault in result.faults] == [
        (3, "case", None, False),
        (4, "activity", "1", False),
        (5, "time", "1", False),
        (6, "time", "1", False),
        (7, "", None, False),
    ]
    assert "line 6, time: 'yesterday' is no time" in told(result)[3]
    assert told(result)[4] == "line 7: 2 cells where the header has 6"
    assert result.faults[4].row == ("1", "ask")


def test_a_bad_value_beside_an_event_costs_the_value_alone(tmp_path: Path) -> None:
    """Orders, actors and instants beside the event that cannot be read are faults of an event that is kept."""
    rows = b"1,ask,2011-10-11T11:00Z,L\xe3n,first,soon\n1,ask,2011-10-11T11:00Z,Lan,2,\n"
    result = log(tmp_path, HEADER.encode() + rows, ZONED | {"order": "order", "recorded": "start"})
    events = list(result)
    assert [(e.resource, e.order, e.recorded, dict(e.facts)) for e in events] == [(None, 2, None, {}), ("Lan", 2, None, {})]
    assert {fault.column for fault in result.faults} == {"who", "order", "start"}
    assert all(fault.kept for fault in result.faults)


def test_bytes_of_another_encoding_are_a_fault_with_its_mend(tmp_path: Path) -> None:
    """Latin-1 read as UTF-8 is refused row by row and read once the map names it."""
    data = HEADER.encode() + "1,ask,2011-10-11T11:00Z,,1,\n2,é,2011-10-11T11:00Z,,1,\n".encode("latin-1")
    result = log(tmp_path, data)
    assert [event.case for event in result] == ["1"]
    assert "line 3, activity: is not utf-8 text; name the file's encoding in the map" in told(result)[0]
    assert [event.activity for event in log(tmp_path, data, MAP | {"encoding": "latin-1"})] == ["ask", "é"]


def test_naive_times_are_those_of_the_named_zone(tmp_path: Path) -> None:
    """A naive time is the wall's; the hour that came twice and the hour that never was are told."""
    rows = "".join(f"1,ask,{time},,1,\n" for time in ("2011-07-01 12:00", "2011-10-30 02:30", "2011-03-27 02:30", "2011-10-11"))
    result = log(tmp_path, HEADER + rows, ZONED)
    expected = ["2011-07-01T10:00Z", "2011-10-30T00:30Z", "2011-03-27T01:30Z", "2011-10-10T22:00Z"]
    assert [event.at for event in result] == [us(text) for text in expected]
    assert ["came twice" in text for text in told(result)] == [True, False]
    assert "was on no clock" in told(result)[1]


def test_naive_times_without_a_zone_are_refused(tmp_path: Path) -> None:
    """A naive time and no zone: the line, the column and the key to add."""
    with pytest.raises(InvalidInput, match=r'log.csv: line 2, time: .* add zone = "Europe/Amsterdam"'):
        list(log(tmp_path, HEADER + "1,ask,2011-07-01 12:00,,1,\n"))


def test_times_in_another_form_are_read_by_it(tmp_path: Path) -> None:
    """A map may say how times are written."""
    tree = MAP | {"time_format": "%d/%m/%Y %H:%M", "zone": "Asia/Ho_Chi_Minh", "delimiter": ";"}
    (event,) = log(tmp_path, "case;activity;time;who\n1;ask;01/03/2021 09:00;Lan\n", tree)
    assert event.at == us("2021-03-01T02:00Z")


def test_all_missing_columns_are_told_with_those_there_are(tmp_path: Path) -> None:
    """Each missing or doubled column is a fault at the key of the map that names it."""
    with pytest.raises(InvalidInput) as caught:
        list(log(tmp_path, "case,case,when\n1,1,x\n"))
    assert [problem.where for problem in caught.value.problems] == ["case", "activity", "time", "resource"]
    assert "2 columns 'case'" in str(caught.value) and "it has: case, case, when" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "the file is empty"),
        (b'"case,activity', "the first row does not name columns"),
        (gzip.compress(HEADER.encode() + b"1,a,2011-10-11T11:00Z,,1,\n" * 9, mtime=0)[:-9], "the gzip file is damaged"),
        (b"\x1f\x8bnonsense", "the gzip file is damaged"),
        (HEADER.encode() + b"1,ask,soon,,1,\n1,ask\n", "not one of 2 rows is an event"),
    ],
)
def test_what_is_no_log_is_refused_with_the_file(tmp_path: Path, data: bytes, match: str) -> None:
    """An empty file, a truncated gzip file, and a file without one good row are errors that name the file."""
    with pytest.raises(InvalidInput, match=match) as caught:
        list(log(tmp_path, data))
    assert "log.csv" in str(caught.value)


def test_a_log_of_a_header_has_no_events(tmp_path: Path) -> None:
    """A header and no rows: a log in which nothing happened."""
    assert list(log(tmp_path, HEADER)) == []


def test_an_open_quote_loses_no_row_before_it(tmp_path: Path) -> None:
    """A quote that is never closed is a fault at its line; what came before is read."""
    result = log(tmp_path, HEADER + '1,ask,2011-10-11T11:00Z,,1,\n2,"ask,2011-10-11T11:00Z,,1,\n3,ask,2011-10-11T11:00Z,,1,\n')
    assert [event.case for event in result] == ["1"]
    assert told(result) == ["line 3: no CSV row: unexpected end of data"]


def test_a_quoted_line_break_does_not_shift_the_lines(tmp_path: Path) -> None:
    """A row over two lines is named by its first."""
    result = log(tmp_path, HEADER + '1,"a\nsk",2011-10-11T11:00Z,,1,\n2,ask,2011-10-11T11:00Z,,1,\n')
    assert [event.line for event in result] == [2, 4]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file and a folder are errors that name the place."""
    with pytest.raises(InvalidInput, match=r"none.csv: cannot be read: No such file"):
        CsvLog(tmp_path / "none.csv", LogMap.from_tree(MAP))
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(CsvLog(tmp_path, LogMap.from_tree(MAP)))


def test_a_log_is_read_anew_and_tells_its_progress(tmp_path: Path) -> None:
    """Each iteration starts again, faults too, and progress ends at the size of the file."""
    seen: list[int] = []
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "1,ask,2011-10-11T11:00Z,,1,\n" * 1_500 + "1,ask\n")
    result = CsvLog(path, LogMap.from_tree(MAP), seen.append)
    assert [sum(1 for _ in result), sum(1 for _ in result)] == [1_500, 1_500]
    assert (len(result.faults), seen[-1], len(seen)) == (1, result.size, 4)


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_crash_the_reader(tmp_path: Path, data: bytes, headed: bool) -> None:
    """Whatever the bytes, the reader answers events and faults, or one clear error."""
    result = log(tmp_path, HEADER.encode() + data if headed else data)
    try:
        events = list(result)
    except InvalidInput as error:
        assert str(error)
    else:
        assert all(isinstance(event, LogEvent) for event in events)


@given(st.lists(st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1)] * 2), max_size=5))
def test_any_names_survive(tmp_path: Path, pairs: list[tuple[str, str]]) -> None:
    """Names with quotes, delimiters and any script are read as they were written."""
    rows = "".join('"{}","{}",2011-10-11T11:00Z,,1,\n'.format(*(text.replace('"', '""') for text in pair)) for pair in pairs)
    result = log(tmp_path, HEADER + rows, MAP | {"missing": []})
    assert [(event.case, event.activity) for event in result] == pairs


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-07:00", "1684-12-31T23:59Z", "2255-01-01T00:00Z"]
)
def test_an_instant_that_no_record_holds_is_a_fault(tmp_path: Path, time: str) -> None:
    """Systems write such years for "no date": the row is a fault, and a value beside an event is left out."""
    result = log(tmp_path, HEADER + f"1,ask,{time},,1,\n2,ask,2011-10-11T11:00Z,,1,{time}\n", ZONED)
    (event,) = result
    assert ({}, "2") == (dict(event.facts), event.case)
    assert ["line 2, time", "line 3, start"] == [fault.problem.where for fault in result.faults]
    assert all("only the years 1685 to 2254 can be kept" in fault.message for fault in result.faults)


def test_a_name_too_long_for_a_record_is_a_fault(tmp_path: Path) -> None:
    """Mostly a quote was left open; an actor is taken as unnamed."""
    long = "x" * 1001
    result = log(tmp_path, HEADER + f"1,{long},2011-10-11T11:00Z,,1,\n2,ask,2011-10-11T11:00Z,{long},1,\n")
    assert [("2", None)] == [(event.case, event.resource) for event in result]
    assert ["line 2, activity", "line 3, who"] == [fault.problem.where for fault in result.faults]


@pytest.mark.parametrize("encoding", ["utf-7", "undefined", "idna", "utf-16"])
def test_a_file_that_is_not_in_its_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    """Encodings that cannot skip what they cannot read; the fault names them."""
    with pytest.raises(InvalidInput, match=f"is not {encoding} text"):
        list(log(tmp_path, HEADER + "1,ask,2011-10-11T11:00+07:00,,1,x", MAP | {"encoding": encoding}))


def test_a_header_is_shown_as_far_as_it_can_be(tmp_path: Path) -> None:
    """Control characters are escaped, and a file of one endless line is not told in full."""
    with pytest.raises(InvalidInput) as refused:
        list(log(tmp_path, "\x1b[2J," + "x" * 50_000 + "\n1,2\n"))
    assert "'\\x1b[2J', xxx" in str(refused.value)
    assert len(str(refused.value)) < 6000


def test_a_path_that_no_system_takes_is_no_log() -> None:
    """A null byte stands in no path."""
    with pytest.raises(InvalidInput, match="cannot be read"):
        CsvLog("a\0.csv", LogMap.from_tree(MAP))


def test_instants_are_not_kept_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naive times and instants beside events are kept while they repeat, up to a number; beyond it they are read all the same."""
    monkeypatch.setattr("qms.exchange.csvlog.KEPT", 1)
    rows = "".join(f"1,ask,2011-07-0{day} 12:00,,1,2011-07-0{day + 2}\n" for day in (1, 2, 2))
    events = list(log(tmp_path, HEADER + rows, ZONED))
    assert [us(f"2011-07-0{day}T10:00Z") for day in (1, 2, 2)] == [event.at for event in events]
    assert [us(f"2011-07-0{day}T00:00+02:00") for day in (3, 4, 4)] == [event.facts["start"] for event in events]


def test_what_has_a_value_is_counted(tmp_path: Path) -> None:
    """For each column, in how many rows it has a value that is not called missing."""
    found = log(tmp_path, HEADER + "1,ask,2011-07-01T12:00Z,EMPTY,1,\n1,tell,2011-07-01T12:00Z,lan,,\n")
    assert 2 == len(list(found))
    assert (2, 2, 1, 1, 0) == (found.entries, *(found.present[name] for name in ("case", "who", "order", "start")))
