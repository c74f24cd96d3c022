"""Late entries: what was recorded after it occurred, with the reason that was given (ISO 9001:2015, 7.5.3).

Rule 1: what the system did is none: a limit that ended is dated at its end, whenever somebody looked.
Rule 2: they are read from the log, in the order in which they were recorded; nothing else is kept of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from .authority import SYSTEM
from .casebook import names_a_case
from .event import Acted, read
from .ports import Entry

__all__ = ["LateEntry", "late_entries"]


@frozen
class LateEntry:
    """An act recorded after the fact: on which *case*, which event, what, by whom, when and why; instants in µs UTC.

    *position* is its place in the log: read on from there.
    """

    position: int
    case: str
    seq: int
    action: str
    by: str
    occurred: int
    recorded: int
    reason: str | None

    @property
    def lag(self) -> int:
        """How long after it occurred it was recorded, in microseconds."""
        return self.recorded - self.occurred

    def text(self, language: str = "en") -> str:
        """The entry in words, in ``en`` or ``vi``."""
        return _WORDS[language].format(
            case=self.case, action=self.action, by=self.by, lag=_length(self.lag, language), why=self.reason or "–"
        )

    def __str__(self) -> str:
        return self.text()


def late_entries(entries: Iterable[Entry]) -> Iterator[LateEntry]:
    """The late entries among *entries* of a log, in their order."""
    for entry in entries:
        if not names_a_case(entry.stream) or b'"occurred"' not in entry.data:
            continue
        event = read(entry.data)
        when = event.when
        if isinstance(event, Acted) and event.by != SYSTEM and when.occurred < when.recorded:
            yield LateEntry(
                entry.position or 0,
                entry.stream,
                event.seq,
                event.action,
                event.by,
                when.occurred,
                when.recorded,
                when.reason,
            )


def _length(us: int, language: str) -> str:
    minutes = us // 60_000_000
    parts = ((minutes // 1440, "days"), (minutes // 60 % 24, "hours"), (minutes % 60, "minutes"))
    told = [f"{n} {_UNITS[language][unit][n != 1]}" for n, unit in parts if n]
    return " ".join(told) or f"0 {_UNITS[language]['minutes'][1]}"


_WORDS = {
    "en": "{case}: {action} by {by}, recorded {lag} after it occurred: {why}",
    "vi": "{case}: {action} do {by} thực hiện, ghi nhận sau {lag}: {why}",
}
_UNITS = {
    "en": {"days": ("day", "days"), "hours": ("hour", "hours"), "minutes": ("minute", "minutes")},
    "vi": {"days": ("ngày", "ngày"), "hours": ("giờ", "giờ"), "minutes": ("phút", "phút")},
}
