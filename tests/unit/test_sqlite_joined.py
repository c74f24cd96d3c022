"""The SQLite store in a caller's database, in the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from qms.errors import Conflict, InvalidInput, StoreError
from qms.ports import Entry, Key, Row
from qms.stores import SQLiteStore
from qms.testing.contract import counted, noted, record, sealed, write


@pytest.fixture
def office(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A caller's database, in Python's usual mode, with a table of its own."""
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE dossier (id TEXT)")
        yield connection


def _count(connection: sqlite3.Connection) -> tuple[int, int]:
    dossiers = connection.execute("SELECT count(*) FROM dossier").fetchone()[0]
    return dossiers, connection.execute("SELECT count(*) FROM qms_entry").fetchone()[0]


def test_a_joined_store_never_commits(office: sqlite3.Connection) -> None:
    """The caller's rows and the log's records stay or go together, and the tables too."""
    store = SQLiteStore.on(office)
    office.execute("INSERT INTO dossier VALUES ('1')")
    store.append([counted("a")])
    office.rollback()
    assert 0 == office.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'qms%'").fetchone()[0]
    store = SQLiteStore.on(office)
    office.execute("INSERT INTO dossier VALUES ('1')")
    store.append([counted("a")])
    office.commit()
    store.append([counted("a", 1)])
    office.execute("INSERT INTO dossier VALUES ('2')")
    office.rollback()
    assert (1, 1) == _count(office)
    assert (1, "consistent, completeness unknown", False) == (
        store.length("a"),
        str(store.verify(noted)),
        office.in_transaction,
    )


def test_a_refused_append_leaves_the_callers_work(office: sqlite3.Connection) -> None:
    """A conflict takes back the batch, and nothing of the caller's."""
    store = SQLiteStore.on(office)
    office.commit()
    office.execute("INSERT INTO dossier VALUES ('1')")
    with pytest.raises(Conflict):
        store.append([write("b"), write("a", 3)])
    store.append([write("a")])
    office.commit()
    assert (1, 1) == _count(office)


def test_a_refused_append_begins_nothing(office: sqlite3.Connection) -> None:
    """Where no transaction was open, a refused append leaves none open."""
    store = SQLiteStore.on(office)
    office.commit()
    with pytest.raises(Conflict):
        store.append([write("a", 3)])
    assert not office.in_transaction


def test_what_the_caller_takes_back_is_forgotten(tmp_path: Path, office: sqlite3.Connection) -> None:
    """As many other records in place of those taken back: the tree is that of the records."""
    store = SQLiteStore.on(office)
    office.commit()
    store.append([write("a", n=3)])
    office.rollback()
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        SQLiteStore.on(connection).append([write("b", n=3)])
        connection.commit()
    store.append([write("a")])
    office.commit()
    assert (4, 1, True) == (store.size, store.length("a"), store.verify().consistent)


def test_a_joined_transaction_is_a_savepoint(office: sqlite3.Connection) -> None:
    """Its end commits nothing; an exception takes back what it held, and no more."""
    store = SQLiteStore.on(office)
    office.execute("INSERT INTO dossier VALUES ('1')")
    with store.transaction():
        store.append([write("a")])
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.append([write("b")])
            raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.append([write("c")])
        raise ZeroDivisionError
    assert (office.in_transaction, ["a"]) == (True, [entry.stream for entry in store.scan()])
    office.commit()
    assert (1, 1) == _count(office)


def test_a_transaction_that_began_by_reading_is_told_to_begin_immediate(tmp_path: Path, office: sqlite3.Connection) -> None:
    """Another writer came between the caller's first read and its first append: no waiting helps."""
    store = SQLiteStore.on(office)
    store.append([write("a")])
    office.commit()
    office.execute("BEGIN")
    office.execute("SELECT count(*) FROM dossier").fetchone()
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        connection.execute("INSERT INTO dossier VALUES ('2')")
        connection.commit()
    with pytest.raises(StoreError, match=r"the caller's database: .* begin immediate \(BEGIN IMMEDIATE\)"):
        store.append([write("a", 1)])
    office.rollback()
    store.append([write("a", 1)])
    office.commit()
    assert 2 == store.size


def test_a_deferred_transaction_may_append_first(tmp_path: Path, office: sqlite3.Connection) -> None:
    """Begun deferred, with the append before any read, it waits for its turn and sees what is newest."""
    store = SQLiteStore.on(office)
    store.append([write("a")])
    office.commit()
    office.execute("BEGIN")
    with closing(sqlite3.connect(tmp_path / "caller.db")) as connection:
        SQLiteStore.on(connection).append([write("b")])
        connection.commit()
    store.append([write("a", 1)])
    office.commit()
    assert ["a", "b", "a"] == [entry.stream for entry in store.scan()]


def test_the_callers_ways_of_reading_do_not_matter(office: sqlite3.Connection) -> None:
    """A row factory of the caller's is left alone; texts that are not str are refused."""
    office.row_factory = lambda _cursor, line: dict(enumerate(line))
    store = SQLiteStore.on(office)
    store.append([counted("a")], Key("k", "r"))
    assert [Entry(1, "a", 1, record("a", 1))] == list(store.read("a"))
    assert (Row("counted", steps=("at-1",), due=1), True) == (store.row("a"), store.verify(noted).consistent)
    office.text_factory = bytes
    with pytest.raises(InvalidInput, match="connection: its text_factory must be str"):
        SQLiteStore.on(office)


def test_connections_of_others_are_looked_into(office: sqlite3.Connection) -> None:
    """SQLAlchemy's and Django's hold one of sqlite3; what holds none is refused, and told what is taken."""
    alchemy = SimpleNamespace(connection=SimpleNamespace(driver_connection=office))
    connected = []
    django = SimpleNamespace(connection=None)

    def ensure_connection() -> None:
        connected.append(1)
        django.connection = office

    django.ensure_connection = ensure_connection
    for n, given in enumerate((alchemy, alchemy.connection, django)):
        SQLiteStore.on(given).append([write("a", n)])
    assert (3, [1]) == (_count(office)[1], connected)
    for given in (None, "office.db", SimpleNamespace(connection=object())):
        with pytest.raises(InvalidInput, match=r"connection: [\w.]+ is no connection of sqlite3, and holds none"):
            SQLiteStore.on(given)


def test_a_joined_store_of_a_newer_schema_is_refused(office: sqlite3.Connection) -> None:
    """The tables in the caller's database are a newer library's."""
    SQLiteStore.on(office)
    office.execute("UPDATE qms_meta SET value = '7' WHERE name = 'schema'")
    with pytest.raises(StoreError, match="the caller's database: written by a newer qms"):
        SQLiteStore.on(office)


def test_closing_a_joined_store_leaves_the_connection(office: sqlite3.Connection) -> None:
    """The connection is the caller's to close; once it is closed, the store says so."""
    SQLiteStore.on(office).close()
    office.commit()
    store = SQLiteStore.on(office)
    office.close()
    with pytest.raises(StoreError, match="the caller's database: Cannot operate on a closed database"):
        store.append([write("a")])


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_what_is_erased_leaves_no_bytes_in_the_callers_file(tmp_path: Path, office: sqlite3.Connection, mode: int) -> None:
    """Whatever the caller's connection does with what is deleted; that is left as it was."""
    store = SQLiteStore.on(office)
    store.append([sealed("a", 2)])
    ((path, kept),) = store.private("a", 2).items()
    office.commit()
    office.execute(f"PRAGMA secure_delete = {('OFF', 'ON', 'FAST')[mode]}")
    office.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert kept.value in (tmp_path / "caller.db").read_bytes()
    assert 1 == store.erase([("a", 2, path)])
    office.commit()
    office.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert mode == office.execute("PRAGMA secure_delete").fetchone()[0]
    assert kept.value not in (tmp_path / "caller.db").read_bytes()


def test_what_is_no_open_connection_is_refused(office: sqlite3.Connection) -> None:
    """Nothing, a path, or a connection that is closed."""
    given: Any
    for given in (None, "caller.db"):
        with pytest.raises(InvalidInput, match=f"connection: builtins.{type(given).__name__} is no connection of sqlite3"):
            SQLiteStore.on(given)
    office.close()
    with pytest.raises(StoreError, match="the caller's database: Cannot operate on a closed database"):
        SQLiteStore.on(office)


def test_what_sqlalchemy_would_not_commit_is_refused(office: sqlite3.Connection) -> None:
    """It has begun nothing, has closed, or goes on over another connection: nothing is written, and the mend is told."""
    alchemy = SimpleNamespace(driver_connection=office, closed=False, in_transaction=lambda: True)
    store = SQLiteStore.on(alchemy)
    store.append([write("a")])
    for change, told in (
        ({"in_transaction": lambda: False}, "has begun no transaction"),
        ({"closed": True}, "is closed"),
        ({"driver_connection": sqlite3.connect(":memory:")}, "over another connection"),
    ):
        before = dict(vars(alchemy))
        vars(alchemy).update(change)
        for ask in (lambda: store.append([write("a", 1)]), lambda: store.size, lambda: store.row("a")):
            with pytest.raises(StoreError, match=told):
                ask()
        vars(alchemy).update(before)
    assert 1 == store.length("a")
