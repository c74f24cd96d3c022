"""Logs of tests: files written on the spot, and strategies for random ones."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from qms.exchange.csvlog import CsvLog
from qms.exchange.mapping import LogMap
from qms.exchange.xes import Container, Id, Nested, Value, XesEvent, XesTrace

NAMED = LogMap.from_tree({"case": "case", "activity": "activity", "time": "time", "resource": "who", "group": "group"})

xml_text = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r"),
    max_size=8,
)
keys = st.text(st.sampled_from("abc:é _"), min_size=1, max_size=4)
_instants = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
_plain = xml_text | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans() | _instants | xml_text.map(Id)


def _deeper(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    items = st.lists(st.tuples(keys, values), max_size=3).map(lambda pairs: Container(tuple(pairs)))
    whole = _plain | items
    return whole | st.builds(Nested, whole, st.dictionaries(keys, values, min_size=1, max_size=2))


values: st.SearchStrategy[Value] = st.recursive(_plain, _deeper, max_leaves=4)
attributes = st.dictionaries(keys, values, max_size=4)


@st.composite
def traces(draw: st.DrawFn) -> list[XesTrace]:
    """Traces with any attributes, nested ones and lists among them."""
    numbers = itertools.count(1)
    events = st.lists(attributes.map(lambda table: XesEvent(table, 0)), max_size=3)
    table = st.builds(lambda own, inner: XesTrace(own, inner, 0, next(numbers)), attributes, events)
    return draw(st.lists(table, max_size=3))


def bare(found: list[XesTrace]) -> list[Any]:
    """What traces hold, types told apart, without their lines."""
    return [(_typed(t.attributes), [_typed(e.attributes) for e in t.events]) for t in found]


def _typed(value: Any) -> Any:
    match value:
        case dict():
            return [(key, _typed(item)) for key, item in value.items()]
        case Container():
            return ["list", [(key, _typed(item)) for key, item in value.items]]
        case Nested():
            return ["nested", _typed(value.value), _typed(value.attributes)]
        case _:
            return (type(value).__name__, value)


names = st.sampled_from(["a", "A", "b", "B b", "a-first", "end of the case", "End of the case", "đ", "???"])
histories = st.lists(
    st.lists(st.tuples(names, st.sampled_from(["", "g 1", "G-1", "participant"])), min_size=1, max_size=6),
    min_size=1,
    max_size=6,
)
"""For each case what was done by whose group, in order."""


def written(folder: Path, cases: list[list[tuple[str, str]]]) -> CsvLog:
    """*cases* as a CSV log, a minute between events."""
    lines = ["case,activity,time,who,group"]
    for i, case in enumerate(cases):
        for j, (activity, group) in enumerate(case):
            lines.append(f"c{i},{activity},2021-03-01T{j // 60:02}:{j % 60:02}:00+00:00,p{j % 3},{group}")
    path = folder / "random.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CsvLog(path, NAMED)
