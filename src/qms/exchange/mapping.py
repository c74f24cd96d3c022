"""The map of an event log: which column is the case, the activity, the time, and what starts and ends the clock.

Rule 1: nothing is guessed. A column that the map does not name is not read; a key that the map does not know is a fault.
Rule 2: instants come from texts with an offset, or from naive texts and the zone that the map names; the machine's zone never.
Rule 3: local dates (early, on time and late by date) are those of the named zone, so a map with a clock or a promise names one.

    case = "case:concept:name"          # required, as are activity and time
    activity = "concept:name"
    time = "time:timestamp"
    zone = "Europe/Amsterdam"           # of naive times, and of every local date
    order = "event_index_in_file"       # breaks ties between equal times; without it the order of the file does
    resource = "org:resource"           # who acted
    group = "org:group"                 # and as part of what: without a table of roles, a role of that name
    recorded = "entered_at"             # when it was written down; without it, when it is imported
    missing = ["", "EMPTY"]             # cells that mean nothing
    time_format = "%d/%m/%Y %H:%M"      # where times are not ISO 8601
    delimiter = ";"
    encoding = "latin-1"
    [clock]                             # columns that hold the same instant in every row of a case
    start = "case:startdate"
    end = "case:enddate"
    name = "decision"                   # the clock of the process; without it the one its `due` names
    action = "end"                      # the action that the imported end is; without it the end stops the clock alone
    [promises]
    enddate_planned = "case:enddate_planned"
    [roles]                             # without this table everyone is a participant
    Resource01 = ["clerk"]

An XES log is read by the same map: ``case:x`` names the attribute x of the trace, x alone one of the event. Its names are
standard, so it can be read without a map: `LogMap.xes`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import Factory, frozen

from ..codec import make_converter, read_tree, structure
from ..errors import InvalidInput, Problem

__all__ = ["ClockColumns", "LogMap"]


@frozen
class ClockColumns:
    """The columns that start and end the clock, the clock they move, and the action that the end is."""

    start: str | None = None
    end: str | None = None
    name: str | None = None
    action: str | None = None


@frozen
class LogMap:
    """How the columns of a log are read. Made by `load` or `from_tree`, which check it."""

    case: str
    activity: str
    time: str
    zone: str | None = None
    order: str | None = None
    resource: str | None = None
    group: str | None = None
    recorded: str | None = None
    missing: tuple[str, ...] = ("",)
    time_format: str | None = None
    delimiter: str = ","
    encoding: str = "utf-8"
    clock: ClockColumns = ClockColumns()
    promises: dict[str, str] = Factory(dict)
    roles: dict[str, tuple[str, ...]] | None = None

    @classmethod
    def load(cls, path: str | Path) -> LogMap:
        """The map in the ``.toml`` or ``.json`` file at *path*.

        Raises:
            InvalidInput: as for `from_tree`, each fault with the file.
        """
        try:
            return cls.from_tree(read_tree(path))
        except InvalidInput as error:
            named = (p if p.where.startswith(str(path)) else Problem(f"{path}: {p.where}", p.message) for p in error.problems)
            raise InvalidInput(named) from error

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> LogMap:
        """The map that a table says.

        Raises:
            InvalidInput: unknown keys, wrong types, missing keys, an unknown zone or encoding...; all at once, with paths.
        """
        faults = list(_faults(tree))
        try:
            result = structure(tree, cls, _converter)
        except InvalidInput as error:
            raise InvalidInput((*error.problems, *faults)) from error
        if faults:
            raise InvalidInput(faults)
        return result

    @classmethod
    def xes(cls) -> LogMap:
        """The map by the standard names of XES: the trace's and the event's ``concept:name``, ``time:timestamp``, ``org:...``."""
        return cls("case:concept:name", "concept:name", "time:timestamp", resource="org:resource", group="org:group")

    @property
    def tz(self) -> ZoneInfo | None:
        """The named zone."""
        return ZoneInfo(self.zone) if self.zone else None

    def columns(self) -> dict[str, str]:
        """The columns to read, by the path in the map that names them."""
        single = {"case": self.case, "activity": self.activity, "time": self.time}
        single |= {"order": self.order or "", "resource": self.resource or "", "recorded": self.recorded or ""}
        single |= {"group": self.group or ""}
        single |= {"clock.start": self.clock.start or "", "clock.end": self.clock.end or ""}
        single |= {f"promises.{name}": column for name, column in self.promises.items()}
        return {path: column for path, column in single.items() if column}


def _names(value: Any, _: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"a list of texts is expected, not {value!r}")
    return tuple(value)


_converter = make_converter()
_converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _names)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def _faults(tree: Any) -> Iterator[Problem]:
    """What types cannot say. Values of a wrong type are left to the reader, which names them."""
    if not isinstance(tree, Mapping):
        return
    clock = tree.get("clock", {})
    promises = tree.get("promises", {})
    yield from _text_faults(tree)
    if isinstance(clock, dict) and isinstance(promises, dict):
        if (clock or promises) and "zone" not in tree:
            yield Problem(
                "zone", "missing; a map with a clock or promises names the zone of its dates, such as Europe/Amsterdam"
            )
        for key in ("name", "action"):
            if key in clock and not {"start", "end"} & clock.keys():
                yield Problem(f"clock.{key}", "needs start or end: a column that moves the clock")
        if "action" in clock and "end" not in clock:
            yield Problem("clock.action", "needs end: the column with the instant at which the action happened")
        for name in promises:
            if not _KEY.fullmatch(name):
                yield Problem(f"promises.{name}", "a promise is named in plain letters, digits, dots, dashes and underscores")
            if name == clock.get("name"):
                yield Problem(f"promises.{name}", "is the name of the clock; a promise and what the clock reckons are compared")


def _text_faults(tree: Mapping[str, Any]) -> Iterator[Problem]:
    for key, value in tree.items():
        if not isinstance(value, str):
            continue
        if not value:
            yield Problem(key, "is empty; leave the key out, or name a column or value")
        elif key == "zone":
            try:
                ZoneInfo(value)
            except (OSError, ValueError, KeyError):
                yield Problem(key, f"no zone {value!r}; take one of the IANA list, such as Europe/Amsterdam")
        elif key == "encoding":
            try:
                io.TextIOWrapper(io.BytesIO(), encoding=value)
            except (LookupError, ValueError):
                yield Problem(key, f"no encoding {value!r}; such as utf-8, latin-1, cp1252")
        elif key == "delimiter" and (len(value) != 1 or value in '"\r\n'):
            yield Problem(key, f"{value!r} cannot part cells; one character such as ; or a tab")
