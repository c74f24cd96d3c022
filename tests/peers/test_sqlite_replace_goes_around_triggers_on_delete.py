"""SQLite: triggers against UPDATE and DELETE do not stop REPLACE, unless a connection has switched recursive_triggers on.

``REPLACE INTO`` and ``INSERT OR REPLACE`` delete the row that is in the way, and fire no trigger for it. So the guard also
stands before INSERT: only the next record of the log and of its stream is let in.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sqlite_files import checked, fill, root_of


def test_a_trigger_against_delete_alone_is_gone_around() -> None:
    """What is to be guarded against happens: the row is another one, and no trigger fired."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE log (position INTEGER PRIMARY KEY, data TEXT)")
        for verb in ("UPDATE", "DELETE"):
            db.execute(f"CREATE TRIGGER no_{verb} BEFORE {verb} ON log BEGIN SELECT RAISE(ABORT, 'no'); END")
        db.execute("INSERT INTO log VALUES (1, 'true')")
        db.execute("REPLACE INTO log VALUES (1, 'false')")
        assert [("false",)] == db.execute("SELECT data FROM log").fetchall()


@pytest.mark.parametrize("recursive", ["OFF", "ON"])
@pytest.mark.parametrize(
    "statement",
    [
        "REPLACE INTO qms_entry SELECT position, stream, seq, hashes, x'00' FROM qms_entry WHERE position = {n}",
        "INSERT OR REPLACE INTO qms_entry SELECT 301, stream, seq, hashes, x'00' FROM qms_entry WHERE position = {n}",
        "INSERT INTO qms_entry SELECT * FROM qms_entry WHERE position = {n} ON CONFLICT DO UPDATE SET data = x'00'",
        "UPDATE OR REPLACE qms_entry SET position = {n} WHERE position = 2",
    ],
)
@pytest.mark.parametrize("n", [1, 299, 300])
def test_no_record_is_replaced(tmp_path: Path, statement: str, n: int, recursive: str) -> None:
    """The first, one in the middle, the last: each form is refused, whatever the connection's setting."""
    path = fill(tmp_path / "office.db")
    held = root_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA recursive_triggers = {recursive}")
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement.format(n=n))
    assert "consistent, complete" == str(checked(path, held))
