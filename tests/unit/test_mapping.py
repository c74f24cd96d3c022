"""The map of a log: strict, every fault at once, with its path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qms.errors import InvalidInput
from qms.exchange.mapping import ClockColumns, LogMap

LEAST = {"case": "c", "activity": "a", "time": "t"}


def faults(tree: dict[str, Any]) -> dict[str, str]:
    """The problems of a map, by their place."""
    with pytest.raises(InvalidInput) as caught:
        LogMap.from_tree(tree)
    return {problem.where: problem.message for problem in caught.value.problems}


def test_the_least_map_names_case_activity_and_time() -> None:
    """Three columns are enough; the rest has a default, and there is no zone unless it is named."""
    result = LogMap.from_tree(LEAST)
    assert (result.zone, result.tz, result.roles, result.missing) == (None, None, None, ("",))
    assert result.columns() == LEAST


def test_a_full_map_names_its_columns_by_path() -> None:
    """Every column that is read stands under the path that names it."""
    tree: dict[str, Any] = LEAST | {
        "zone": "Europe/Amsterdam",
        "order": "o",
        "resource": "r",
        "recorded": "w",
        "missing": ["NIL"],
    }
    tree |= {"clock": {"start": "s", "end": "e", "name": "legal", "action": "end"}, "promises": {"planned": "p"}}
    tree |= {"roles": {"R1": ["clerk"]}}
    result = LogMap.from_tree(tree)
    more = {"order": "o", "resource": "r", "recorded": "w", "clock.start": "s", "clock.end": "e", "promises.planned": "p"}
    assert result.columns() == LEAST | more
    assert (result.clock, result.roles) == (ClockColumns("s", "e", "legal", "end"), {"R1": ("clerk",)})
    assert str(result.tz) == "Europe/Amsterdam"


def test_every_fault_comes_at_once_with_its_path() -> None:
    """Wrong types, missing and unknown keys, unknown zones and encodings are told together."""
    result = faults({"case": 1, "zone": "Mars/Olympus", "clocks": {}, "delimiter": ";;", "encoding": "utf-99", "time": ""})
    assert set(result) == {"case", "activity", "clocks", "zone", "delimiter", "encoding", "time"}
    assert "such as Europe/Amsterdam" in result["zone"]
    assert result["activity"] == "missing"


@pytest.mark.parametrize(
    ("tree", "where"),
    [
        ({"promises": {"planned": "p"}}, "zone"),
        ({"clock": {"start": "s"}}, "zone"),
        ({"zone": "UTC", "clock": {"name": "legal"}}, "clock.name"),
        ({"zone": "UTC", "clock": {"start": "s", "action": "end"}}, "clock.action"),
        ({"zone": "UTC", "clock": {"start": "s", "name": "due"}, "promises": {"due": "p"}}, "promises.due"),
        ({"zone": "UTC", "promises": {"planned end": "p"}}, "promises.planned end"),
        ({"zone": "Europe"}, "zone"),
        ({"delimiter": '"'}, "delimiter"),
        ({"clock": {"begin": "s"}, "zone": "UTC"}, "clock.begin"),
        ({"promises": ["p"]}, "promises"),
        ({"roles": {"R1": "clerk"}}, "roles.R1"),
    ],
)
def test_a_fault_names_its_place(tree: dict[str, Any], where: str) -> None:
    """What does not fit together is told where it stands."""
    assert where in faults(LEAST | tree)


def test_a_file_is_named_in_its_faults(tmp_path: Path) -> None:
    """A fault of a map file says which file."""
    path = tmp_path / "map.toml"
    path.write_text('case = "c"\ntime = "t"\n')
    with pytest.raises(InvalidInput, match=r"map.toml: activity: missing"):
        LogMap.load(path)
    with pytest.raises(InvalidInput, match=r"absent.toml: cannot be read"):
        LogMap.load(tmp_path / "absent.toml")


def test_a_file_is_read(tmp_path: Path) -> None:
    """A TOML map is the tree it holds."""
    path = tmp_path / "map.toml"
    path.write_text('case = "c"\nactivity = "a"\ntime = "t"\n')
    assert LogMap.load(path) == LogMap.from_tree(LEAST)


@pytest.mark.parametrize("tree", [None, [], "case", 1])
def test_a_map_that_is_no_table_is_refused(tree):
    """The fault says what is expected."""
    with pytest.raises(InvalidInput, match="a table is expected"):
        LogMap.from_tree(tree)


def test_an_encoding_that_is_no_name_is_refused():
    """A lone surrogate, a null byte: no encoding is called so."""
    for name in ("\ud800", "utf\0"):
        with pytest.raises(InvalidInput, match="no encoding"):
            LogMap.from_tree({"case": "c", "activity": "a", "time": "t", "encoding": name})
