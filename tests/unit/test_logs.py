"""A log of any kind: opened by its content, counted in bounded memory, its cases in time order."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from logs import NAMED, written
from qms.errors import InvalidInput
from qms.exchange.csvlog import CsvLog
from qms.exchange.logs import figures, histories, open_log
from qms.exchange.mapping import LogMap
from qms.exchange.xeslog import XesLog
from qms.measure.logstats import percentile
from qms.report import draft_page, length, log_page

XES = '<log><trace><string key="concept:name" value="1"/><event><string key="concept:name" value="{}"/></event></trace></log>'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (XES.format("a").encode(), XesLog),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?><log/>", XesLog),
        (XES.format("a").encode("utf-16"), XesLog),
        (b"case,activity,time,who,group\n", CsvLog),
        (b"", CsvLog),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_what_its_first_bytes_say(tmp_path: Path, content: bytes, kind: type, packed: bool) -> None:
    """XML is XES and all else is CSV, packed or not, whatever the name."""
    path = tmp_path / "log.dat"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert kind is type(open_log(path, NAMED))


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    """No file, a CSV without a map, a classifier of a CSV: each with its mend."""
    with pytest.raises(InvalidInput, match="none: cannot be read"):
        open_log(tmp_path / "none")
    (tmp_path / "log.csv").write_text("case\n")
    with pytest.raises(InvalidInput, match=r"a CSV needs a map .* \(--map\)"):
        open_log(tmp_path / "log.csv")
    with pytest.raises(InvalidInput, match="only XES has classifiers"):
        open_log(tmp_path / "log.csv", NAMED, classifier="x")


def test_figures_tell_people_groups_and_what_is_missing(tmp_path: Path) -> None:
    """Who acted, for which group, and how many events have no group."""
    found = figures(written(tmp_path, [[("a", "g"), ("b", "")], [("a", "h")]]))
    assert (2, 0, {"g": 1, "h": 1}, {"group": 1}) == (found.resources, found.unnamed, found.by_group(), found.missing)
    assert {"a": {"g": 1, "h": 1}, "b": {"": 1}} == found.groups
    assert {} == figures(written(tmp_path, [[("a", "")]])).groups


def test_events_stand_in_time_order_and_disorder_is_told(tmp_path: Path) -> None:
    """Order by time, ties by the map's order; a case out of order is a finding."""
    path = tmp_path / "log.csv"
    times = ["2021-03-02", "2021-03-01", "2021-03-01"]
    rows = [f"1,{name},{day}T09:00Z,{n}" for name, day, n in zip("cba", times, (1, 3, 2), strict=True)]
    path.write_text("case,activity,time,n\n" + "\n".join(rows) + "\n2,a,2021-03-01T09:00Z,1\n")
    log = CsvLog(path, LogMap("case", "activity", "time", order="n"))
    found = figures(log)
    assert (1, False, 1) == (found.unordered, found.good, found.stats.ties)
    assert (("a",), ("a", "b", "c")) == tuple(sorted(names for names, _ in found.stats.variants))
    assert [["a", "b", "c"], ["a"]] == [[event.activity for event in history.events] for history in histories(log)]
    assert [True, False] == [history.shuffled for history in histories(log)]


def test_a_log_without_times_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    """Figures need no time: sequences are those of the file, and there is no first nor last instant."""
    path = tmp_path / "log.xes"
    path.write_text(XES.format("b"))
    log = open_log(path, timeless=True)
    found = figures(log)
    assert (1, None, 1, ()) == (found.timeless, found.stats.first, found.unnamed, found.stats.durations)
    assert [("b",)] == [tuple(event.activity for event in history.events) for history in histories(log)]
    tree = found.to_tree()
    assert {"median": None, "p90": None, "max": None} == tree["case_duration_us"]
    assert "1 events without a time" in log_page(tree)


def test_a_page_tells_what_is_wrong(tmp_path: Path) -> None:
    """Lost entries, unreadable values and warnings stand on the page, in both languages."""
    path = tmp_path / "log.xes"
    good = '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2021-03-01T09:00:00Z"/>{}</event>'
    path.write_text(f'<log><trace><string key="concept:name" value="1"/>{good.format("")}<event/></trace><x/></log>')
    lost = figures(open_log(path))
    assert (1, False) == (lost.lost, lost.good)
    assert "1 entries are no event; the first faults:\n  line 1, concept:name: is missing" in log_page(lost.to_tree())
    assert "line 1, <x>: is no element of XES" in log_page(lost.to_tree())
    bad = good.format('<int key="n" value="x"/>')
    path.write_text(f'<log><trace><string key="concept:name" value="1"/>{bad}</trace></log>')
    assert "1 giá trị không đọc được; đầu tiên:" in log_page(figures(open_log(path)).to_tree(), "vi")


def test_an_empty_log_has_a_page(tmp_path: Path) -> None:
    """Nothing happened, and the page says so."""
    path = tmp_path / "log.csv"
    path.write_text("case,activity,time,who,group\n")
    assert log_page(figures(CsvLog(path, NAMED)).to_tree()).startswith("0 cases, 0 events, 0 variants, 0 activities")


def test_a_percentile_lies_between_its_neighbours() -> None:
    """By proportion, in whole numbers; of nothing there is none."""
    assert (None, 7, 28, 30) == (
        percentile([], 90),
        percentile([7], 90),
        percentile([10, 20, 30], 90),
        percentile([10, 20, 30], 100),
    )


def test_lengths_are_told_in_two_units() -> None:
    """Days and hours, hours and minutes; working time knows no days; less than a second is none."""
    minute = 60_000_000
    assert ["1 d 1 h", "25 h", "2 min 1 s", "0 s", "3 giờ"] == [
        length(25 * 60 * minute),
        length(25 * 60 * minute, days=False),
        length(121_000_000),
        length(5),
        length(180 * minute, "vi"),
    ]


def test_a_draft_page_names_what_was_rescued() -> None:
    """Beginnings and ends have words of their own."""
    facts = {"process": "p", "steps": 2, "actions": 2, "paths": [1], "dropped": [], "rescued": [[None, "a", 1], ["a", None, 2]]}
    assert ["  (begins) → a: 1", "  a → (ends): 2"] == draft_page(facts).splitlines()[2:]
