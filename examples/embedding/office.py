"""A library office with its own table: the card and the record of asking for it land together, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from qms import Organization, Process, Roster, SQLiteStore, WorkCalendar


class Office:
    """What such an office's software might look like; only `record` knows of qms."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path, self._now = path, now
        with self._transaction() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS card (id TEXT PRIMARY KEY, holder TEXT NOT NULL)")

    def ask(self, card: str, holder: str) -> datetime | None:
        """Register a card that somebody asks for; when they may expect it."""
        with self._transaction() as connection:
            case = self._record(connection).open("errand", by="lan", id=card)
            connection.execute("INSERT INTO card VALUES (?, ?)", (card, holder))
            return case.due

    def cards(self) -> list[str]:
        """The cards that are registered."""
        with self._transaction() as connection:
            return [card for (card,) in connection.execute("SELECT id FROM card ORDER BY id")]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()  # what was not committed is rolled back

    def _record(self, connection: sqlite3.Connection) -> Organization:
        return Organization(
            store=SQLiteStore.on(connection),
            processes=[Process.load("errand")],
            calendars=[WorkCalendar.load("VN")],
            people=Roster({"lan": ["clerk"]}),
            now=self._now,
        )
