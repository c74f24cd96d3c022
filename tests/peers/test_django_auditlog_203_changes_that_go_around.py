"""django-auditlog 203, 515, 537; simple-history 174, 380; postgresql-audit 33: what is changed in bulk is not recorded.

They record what passes a signal of the mapper, and ``QuerySet.update``, ``bulk_create`` and plain SQL pass none. Here the
records are what is written, and rows are made of them: a row that was changed by other means has no record that makes it, and
verification says so; taken for true it is nowhere.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from qms.ports import Query
from qms.stores import SQLiteStore
from qms.testing.contract import noted
from sqlite_files import checked, fill


def test_rows_changed_in_bulk_are_found_one_by_one(tmp_path: Path) -> None:
    """An UPDATE over all rows, which nothing forbids: each row is named, and each record is what it was."""
    path = fill(tmp_path / "office.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE qms_row SET due = due + 1000 WHERE stream % 3 = 0")
        db.execute("DELETE FROM qms_row WHERE stream = 1")
        db.execute(
            "INSERT INTO qms_row SELECT 31, process, procedure, steps, subject, unit, open, due, wake FROM qms_row LIMIT 1"
        )
    found = checked(path)
    codes = [finding.code for finding in found.findings]
    assert (10, 1, 1) == (codes.count("altered"), codes.count("missing"), codes.count("stray"))
    assert {"semantics"} == {finding.level for finding in found.findings}
    with SQLiteStore(path, read_only=True) as store:
        assert noted("case/2", store.read("case/2")) != store.row("case/2")
        assert 30 == len(list(store.select(Query())))
