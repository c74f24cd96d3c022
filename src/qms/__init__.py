"""Work under ISO 9001:2015 as cases of processes: legal deadlines, authority, and a tamper-evident trail."""

from typing import TYPE_CHECKING, Any

from . import calendar, case, deadline, errors, event, measure, process
from .authority import Actor, Grant, Roster
from .calendar import WorkCalendar
from .case import Attempt, guard
from .deadline import Clock, CountingRule, Ledger, TimeLimit
from .errors import (
    Conflict,
    Denied,
    InvalidInput,
    NotFound,
    OutsideCalendar,
    QMSError,
    Reason,
    RecalculationPending,
    StoreError,
    TryAgain,
    Unavailable,
    UnsoundProcess,
)
from .form import personal
from .organization import Organization
from .process import Procedure, Process
from .state import Case
from .stores import MemoryStore, SQLiteStore

if TYPE_CHECKING:
    from .stores import PostgresStore as PostgresStore  # not in __all__: a star takes only what needs no extra

__version__ = "0.1.0"

__all__ = [
    "Actor",
    "Attempt",
    "Case",
    "Clock",
    "Conflict",
    "CountingRule",
    "Denied",
    "Grant",
    "InvalidInput",
    "Ledger",
    "MemoryStore",
    "NotFound",
    "Organization",
    "OutsideCalendar",
    "Procedure",
    "Process",
    "QMSError",
    "Reason",
    "RecalculationPending",
    "Roster",
    "SQLiteStore",
    "StoreError",
    "TimeLimit",
    "TryAgain",
    "Unavailable",
    "UnsoundProcess",
    "WorkCalendar",
    "calendar",
    "case",
    "deadline",
    "errors",
    "event",
    "guard",
    "measure",
    "personal",
    "process",
]


def __getattr__(name: str) -> Any:
    if name == "PostgresStore":  # the only name that needs an extra
        from .stores import PostgresStore

        return PostgresStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
