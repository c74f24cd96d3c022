"""auditchain 0.3.0: the last record deleted is not noticed without a checkpoint, NaN is taken, and two columns lie outside the hash.

Its columns ``signer_id`` and ``signature`` can be changed in a log that is not signed. Two processes without a lock end in an
IntegrityError, 40 times of 40.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from qms.codec import encode
from qms.errors import InvalidInput
from qms.stores import SQLiteStore
from qms.testing.contract import write
from sqlite_files import checked, fill, tamper


@pytest.mark.parametrize("last", [1, 7, 250])
def test_the_last_records_deleted_are_missed(tmp_path: Path, last: int) -> None:
    """The head, which is never above the log, is kept apart from the records: even without a checkpoint a plain cut is seen."""
    path = fill(tmp_path / "office.db")
    tamper(path, f"DELETE FROM qms_entry WHERE position > {300 - last}")
    found = checked(path)
    assert (False, "truncated", 301 - last) == (found.consistent, found.findings[0].code, found.findings[0].position)


def test_a_clean_log_is_not_called_complete(tmp_path: Path) -> None:
    """Who cuts the head too leaves a log that is consistent, and the answer never says more than that."""
    path = fill(tmp_path / "office.db")
    with SQLiteStore(path, read_only=True) as store:
        root = store.root(270)
        held = (store.size, store.root())
    tamper(path, "DELETE FROM qms_entry WHERE position > 270", f"UPDATE qms_head SET size = 270, root = x'{root.hex()}'",
           "DELETE FROM qms_stream WHERE id > 30", "DELETE FROM qms_key", "DELETE FROM qms_private")  # fmt: skip
    assert "consistent, completeness unknown" == str(checked(path)).splitlines()[0]  # notes tell of the guards
    assert "consistent, incomplete" == str(checked(path, held)).splitlines()[0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, 1.5, -1e400])
def test_a_float_is_no_value_of_a_record(value: float) -> None:
    """NaN, infinities and every other float are refused before anything is written."""
    with pytest.raises(InvalidInput, match="has no canonical form"):
        encode({"a": {"b": [value]}})


def test_no_column_of_a_record_lies_outside_the_hash(tmp_path: Path) -> None:
    """Stream and number stand in the leaf, the position is its place in the tree, and the hashes are made anew: no other is there."""
    path = fill(tmp_path / "office.db")
    with closing(sqlite3.connect(path)) as db:
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(qms_entry)")]
    assert ["position", "stream", "seq", "hashes", "data"] == columns  # each bit of each: tests/unit/test_verification.py


WRITER = """
import sys
from qms.stores import SQLiteStore
from qms.testing.contract import write
with SQLiteStore(sys.argv[1]) as store:
    for n in range(40):
        store.append([write(sys.argv[2], n)])
"""


@pytest.mark.slow
def test_two_processes_need_no_lock_of_their_own(tmp_path: Path) -> None:
    """Each 40 records, at once: all are there, in one chain, and neither got an error."""
    path = tmp_path / "office.db"
    SQLiteStore(path).close()
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in "ab"]
    assert [0, 0] == [writer.wait() for writer in writers]
    with SQLiteStore(path) as store:
        store.append([write("c")])
        assert (81, 40, 40, True) == (store.size, store.length("a"), store.length("b"), store.verify().consistent)
