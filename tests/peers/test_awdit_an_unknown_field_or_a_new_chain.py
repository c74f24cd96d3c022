"""awdit 0.1.0: a field added to a record is not noticed; nor is a log cut short, or chained anew, with its anchor made anew.

Two processes that write 40 records each leave a chain that is broken although nobody touched it; each append reads the
whole log.
"""

from __future__ import annotations

from pathlib import Path

from qms.ports import Write
from qms.stores import SQLiteStore
from qms.testing.contract import record, write
from sqlite_files import checked, fill, root_of, tamper


def test_a_field_added_to_a_record_is_found(tmp_path: Path) -> None:
    """The bytes are what is hashed, with whatever stands in them."""
    path = fill(tmp_path / "office.db")
    data = record("case/0", 7, extra="x")
    tamper(path, f"UPDATE qms_entry SET data = x'{data.hex()}' WHERE position = 7")
    found = checked(path)
    assert (False, "altered", 7) == (found.consistent, found.findings[0].code, found.findings[0].position)


def test_a_log_cut_short_and_chained_anew_is_told_by_a_checkpoint(tmp_path: Path) -> None:
    """Without one it is called consistent and no more; with one, cut short, and forked once it has grown again."""
    path, forged = fill(tmp_path / "office.db"), tmp_path / "forged.db"
    held = root_of(path)
    with SQLiteStore(path, read_only=True) as true, SQLiteStore(forged) as store:
        with store.transaction():
            for entry in true.scan():
                if entry.position and entry.position < 271:
                    store.append([Write(entry.stream, entry.seq - 1, (entry.data,))])
        assert "consistent, completeness unknown" == str(store.verify())
        assert ["truncated"] == [finding.code for finding in store.verify(checkpoint=held).findings]
        store.append([write("_forged", n=60)])
        assert "consistent, completeness unknown" == str(store.verify())
        assert ["forked"] == [finding.code for finding in store.verify(checkpoint=held).findings]


def test_an_append_reads_no_log(tmp_path: Path) -> None:
    """However long it is, a store that is open asks only for its size and what it is about to change."""
    with SQLiteStore(tmp_path / "office.db") as store:
        store.append([write("a", n=5000)])
        statements: list[str] = []
        store._db.set_trace_callback(statements.append)
        store.append([write("a", 5000)])
        store._db.set_trace_callback(None)
    assert not any("data" in one and one.startswith("SELECT") for one in statements)
    assert len(statements) < 12
