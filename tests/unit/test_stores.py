"""Every store that ships passes the contract of stores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from qms.stores import MemoryStore, SQLiteStore
from qms.testing.contract import LoggedStore, StoreContract, write


class TestMemoryStore(StoreContract):
    """The store in memory."""

    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        """An empty store in memory."""
        with MemoryStore() as store:
            yield store


class TestSQLiteStore(StoreContract):
    """The store in a file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SQLiteStore]:
        """An empty store in a new file."""
        with SQLiteStore(tmp_path / "office.db") as store:
            yield store


class TestJoinedStore(StoreContract):
    """The store in a caller's database, in a transaction of the caller's."""

    @pytest.fixture
    def store(self) -> Iterator[SQLiteStore]:
        """An empty store inside a database that is somebody else's."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.row_factory = sqlite3.Row
        yield SQLiteStore.on(connection)
        connection.close()


def test_every_store_is_a_log(tmp_path: Path) -> None:
    """What ships keeps to both protocols, for type checkers too."""
    with SQLiteStore(tmp_path / "office.db") as file:
        stores: list[LoggedStore] = [MemoryStore(), file]
        assert [0, 0] == [store.size for store in stores]


def test_stores_say_where_they_are(tmp_path: Path) -> None:
    """The repr of a store names its place, or its size."""
    memory = MemoryStore()
    memory.append([write("a")])
    with SQLiteStore(tmp_path / "office.db") as store:
        assert ("MemoryStore(size=1)", f"SQLiteStore('{tmp_path}/office.db')") == (repr(memory), repr(store))
