"""An office for tests: an organization over any store, whose clock stands where a test puts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from definitions import CALENDAR, FORMS, moment
from qms.authority import Roster
from qms.case import Guard
from qms.errors import Denied, Reason
from qms.organization import Organization
from qms.ports import Store
from qms.process import Process
from qms.stores.memory import MemoryStore

PEOPLE = Roster({"lan": ["clerk"], "mai": ["clerk"], "minh": ["clerk", "head"], "hoa": ["head"]})


class Now:
    """The instant of the office; `to` moves it, written as in `definitions.at`."""

    def __init__(self, text: str = "02 09:00") -> None:
        self.moment = moment(text)

    def __call__(self) -> datetime:
        return self.moment

    def to(self, text: str) -> None:
        """Move to the instant *text*."""
        self.moment = moment(text)


def office(
    *processes: Process, store: Store | None = None, now: Now | None = None, guards: Iterable[Guard] = (), **more: Any
) -> Organization:
    """An organization of these processes with the forms of `definitions`; ids are a, b, c..."""
    names = (chr(ord("a") + i) for i in count())
    settings: dict[str, Any] = {
        "calendars": [CALENDAR],
        "people": PEOPLE,
        "procedures": [],
        "forms": FORMS,
        "guards": {guard.name: guard for guard in guards},
        "identify": lambda: next(names),
    }
    return Organization(
        store=store or MemoryStore(), processes=processes or [Process.load("errand")], now=now or Now(), **{**settings, **more}
    )


@contextmanager
def denied(*codes: str) -> Iterator[list[Reason]]:
    """What is done inside is denied, with exactly these codes; the reasons are filled in afterwards."""
    reasons: list[Reason] = []
    with pytest.raises(Denied) as caught:
        yield reasons
    reasons += caught.value.reasons
    assert list(codes) == [reason.code for reason in reasons]
