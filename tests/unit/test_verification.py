"""Verification: every bit counts, what is wrong has a name, notes are no faults, and it goes on where it ended."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qms.codec import encode
from qms.errors import InvalidInput
from qms.organization import Trail
from qms.ports import Entry, Private, Row, Write
from qms.stores import MemoryStore, SQLiteStore
from qms.testing.contract import counted, noted, record, sealed, write
from qms.trail import EMPTY_ROOT, commitment
from sqlite_files import checked, fill, root_of, tamper

MAIN = ("position", "stream", "seq", "hashes", "data")


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A store of 300 records in 31 streams, closed again."""
    return fill(tmp_path / "office.db")


# ---- every bit


def _turned(value: Any, bit: int) -> Any:
    if isinstance(value, int):
        return value ^ 1 << bit
    data = bytearray(value if isinstance(value, bytes) else value.encode())
    data[bit // 8] ^= 1 << bit % 8
    return bytes(data) if isinstance(value, bytes) else data.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("table", "where", "columns"),
    [
        ("qms_entry", "position = 4", MAIN),
        ("qms_entry", "position = 8", MAIN),
        ("qms_stream", "id = 1", ("id", "name")),
        ("qms_head", "id = 1", ("size", "root")),
        ("qms_private", "seq = 2", ("stream", "seq", "path", "salt", "value")),
        ("qms_row", "stream = 1", ("stream", "process", "steps", "open", "due")),
    ],
)
def test_every_bit_of_every_stored_column_counts(table: str, where: str, columns: tuple[str, ...]) -> None:
    """Each single bit of a record, its stream, the head, a personal value and a row, turned, is found."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    store = SQLiteStore.on(db)
    store.append([counted("a", n=4), sealed("_b", 4)])
    db.execute("COMMIT")
    db.execute("BEGIN")
    held = (store.size, store.root())
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    line = db.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}").fetchone()
    missed, tried = [], 0
    for column, value in zip(columns, line, strict=True):
        for bit in range(63 if isinstance(value, int) else 8 * len(value)):
            db.execute("SAVEPOINT turn")
            try:
                db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (_turned(value, bit),))
            except (sqlite3.IntegrityError, UnicodeEncodeError):
                pass  # the place is taken, or no text can be so
            else:
                tried += 1
                if store.verify(noted, held).consistent:
                    missed.append((column, bit))
            db.execute("ROLLBACK TO turn")
            db.execute("RELEASE turn")
    assert ([], True) == (missed, tried > 60)
    found = store.verify(noted, held)
    assert (True, True, ()) == (found.consistent, found.complete, found.findings)
    db.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"{", b'{"x":1,', 1),
        lambda data: data.replace(b"{", b'{"seq":7,', 1),
        lambda data: b'{"type":"noted",' + data.replace(b',"type":"noted"', b"")[1:],
        lambda data: data + b" ",
        lambda data: data.replace(b":", b": ", 1),
        lambda data: data.replace(b'"seq":7', b'"seq":7.0'),
        lambda data: data.replace(b'"seq":7', b'"seq":"7"'),
        lambda data: data.replace(b'"seq"', b'"\\u0073eq"'),
    ],
    ids=["a field", "a key twice", "another order", "a space after", "a space within", "a float", "a text", "an escape"],
)
def test_bytes_that_mean_the_same_are_not_the_same(filled: Path, change: Callable[[bytes], bytes]) -> None:
    """The bytes are hashed as they are stored: nothing is read and written anew to judge them."""
    data = change(record("case/0", 7))
    assert data != record("case/0", 7)
    tamper(filled, f"UPDATE qms_entry SET data = x'{data.hex()}' WHERE position = 7")
    found = checked(filled)
    assert (False, "altered", 7) == (found.consistent, found.findings[0].code, found.findings[0].position)


@pytest.mark.parametrize(
    ("value", "twin"),
    [(1, "1"), (1, True), (0, False), (None, "null"), ([], {}), ("", None), ("\u00e9", "e\u0301"), ([1], 1), ("a\x00", "a")],
)
def test_values_of_different_kinds_are_different_records(value: Any, twin: Any) -> None:
    """One, "1" and true, composed and decomposed letters: other bytes, other leaves, other commitments."""
    assert encode({"v": value}) != encode({"v": twin})
    made = [commitment(b"s" * 16, "v", "a", 1, encode(one)) for one in (value, twin)]
    assert made[0] != made[1]


# ---- what is wrong has a name

NAMED = {
    "UPDATE qms_entry SET data = CAST(replace(data, 'noted', 'nOted') AS BLOB) WHERE position = 7": ("altered", "bytes", 7),
    "UPDATE qms_entry SET hashes = zeroblob(64) WHERE position = 6": ("altered", "bytes", 6),
    "UPDATE qms_entry SET hashes = CAST(substr(hashes, 1, 32) || zeroblob(32) AS BLOB) WHERE position = 6": ("altered", "tree", 6),
    "DELETE FROM qms_entry WHERE position = 100": ("missing", "tree", 100),
    "DELETE FROM qms_entry WHERE position = 1": ("missing", "tree", 1),
    "DELETE FROM qms_entry WHERE position = 300": ("truncated", "tree", 300),
    "DELETE FROM qms_entry WHERE position > 290": ("truncated", "tree", 291),
    "DELETE FROM qms_entry": ("truncated", "tree", 1),
    "UPDATE qms_entry SET position = position - 7 WHERE position IN (3, 4);"
    "UPDATE qms_entry SET position = -position WHERE position < 0": ("reordered", "tree", 3),
    "UPDATE qms_entry SET data = (SELECT data FROM qms_entry WHERE position = 8) WHERE position = 7": ("altered", "bytes", 7),
    "UPDATE qms_entry SET seq = -seq WHERE position IN (3, 4); UPDATE qms_entry SET seq = 7 + seq WHERE seq < 0": ("reordered", "streams", 3),
    "UPDATE qms_entry SET stream = 5, seq = 10 WHERE position = 9": ("moved", "streams", 9),
    "UPDATE qms_stream SET name = 'x' WHERE id = 1": ("moved", "streams", 1),
    "DELETE FROM qms_row WHERE stream = 2": ("missing", "semantics", None),
    "UPDATE qms_row SET due = 3 WHERE stream = 2": ("altered", "semantics", None),
    "UPDATE qms_row SET stream = 99 WHERE stream = 2": ("stray", "streams", None),
    "UPDATE qms_private SET value = x'00'": ("altered", "semantics", 272),
    "DELETE FROM qms_head": ("unreadable", "file", 1),
}  # fmt: skip


@pytest.mark.parametrize("statements", NAMED)
def test_what_is_wrong_has_a_name(filled: Path, statements: str) -> None:
    """Altered, missing, reordered, moved, truncated, stray, unreadable: the first of the findings, and the first bad record."""
    code, level, position = NAMED[statements]
    tamper(filled, *statements.split(";"))
    found = checked(filled)
    assert (code, level, position) == (found.findings[0].code, found.findings[0].level, found.findings[0].position)
    if position is None:
        assert found.first is None
    else:
        assert found.first is not None and position == found.first.position


def test_a_checkpoint_names_what_was_cut_and_what_was_forked(filled: Path) -> None:
    """Truncated names the first record that is missing; forked, that the first records are others."""
    size, root = root_of(filled)
    for held, code, position in (((size + 5, root), "truncated", size + 1), ((size, EMPTY_ROOT), "forked", None)):
        found = checked(filled, held)
        (finding,) = found.findings
        assert (True, False) == (found.consistent, found.complete)
        assert (code, "checkpoint", position) == (finding.code, finding.level, finding.position)


# ---- notes


def _at(at: int, occurred: int | None = None, seq: int = 1) -> bytes:
    given = {} if occurred is None else {"occurred": occurred}
    return record("a", seq, at=at, **given)


def test_time_running_backwards_and_late_entries_are_notes() -> None:
    """Positions are the order: a clock set back, and a record entered late, are told and are no fault."""
    day = 86_400_000_000
    times = [(9 * day, None), (2 * day, None), (9 * day, 3 * day), (9 * day - 500_000, None), (2**52, None), (9 * day, None)]
    with MemoryStore() as store:
        store.append([Write("a", 0, tuple(_at(at, occurred, n) for n, (at, occurred) in enumerate(times, 1)))])
        found = store.verify()
    told = [(note.code, note.position, note.seq) for note in found.notes]
    assert [("time-backwards", 2, 2), ("time-backwards", 6, 6), ("late-entry", 3, 3)] == told
    assert (True, (), None) == (found.consistent, found.findings, found.first)
    assert [
        "consistent, completeness unknown",
        "note: position 2, a #2: it was recorded 604,800 s before a record that precedes it",
        "note: position 3, a #3: what it records had happened before it was entered",
    ] == str(found).splitlines()
    assert ["time-backwards"] * 2 + ["late-entry"] == [note["code"] for note in found.to_tree()["notes"]]


def test_many_notes_are_counted() -> None:
    """Twenty of a kind are told, and how many more there are."""
    with MemoryStore() as store:
        store.append([Write("a", 0, tuple(_at(100, 50, n) for n in range(1, 31)))])
        notes = store.verify().notes
    assert (21, "and 10 more of this kind") == (len(notes), notes[-1].message)


# ---- going on


@pytest.mark.parametrize("kind", ["memory", "file"])
@pytest.mark.parametrize("size", [0, 1, 7, 64, 100, 299])
def test_a_verification_goes_on_where_one_ended(tmp_path: Path, kind: str, size: int) -> None:
    """With the size and root of an earlier one only what came after is read, and the answer is the same."""
    store: Any = MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "office.db")
    with store:
        for n in range(100):
            store.append([counted("a", n), counted(f"b/{n}"), counted(f"c/{n % 7}", n // 7)])
        whole, told = store.verify(noted), []
        folded: list[str] = []

        def fold(stream: str, entries: Any) -> Any:
            folded.append(stream)
            return noted(stream, entries)

        found = store.verify(fold, (5, store.root(5)), lambda *n: told.append(n), since=(size, store.root(size)))
        assert (whole.size, whole.root, True, True, ()) == (
            found.size,
            found.root,
            found.consistent,
            found.complete,
            found.findings,
        )
        if size:
            assert (300 - size, 300 - size) == told[-1]
        if size == 299:
            assert ["c/1"] == folded
        wrong = store.verify(None, (5, EMPTY_ROOT), since=(size, store.root(size)))
        assert ["forked"] == [finding.code for finding in wrong.findings]


def test_what_was_verified_before_must_still_be_there(filled: Path) -> None:
    """Where the log no longer begins with it, that is told, and all is looked at."""
    size, root = root_of(filled)
    with SQLiteStore(filled, read_only=True) as store:
        half = (150, store.root(150))
        for since, code in (((size + 1, root), "truncated"), ((150, EMPTY_ROOT), "forked")):
            found = store.verify(noted, since=since)
            assert ([code], size, root) == ([finding.code for finding in found.findings], found.size, found.root)
    tamper(filled, "UPDATE qms_entry SET data = CAST(replace(data, 'noted', 'nOted') AS BLOB) WHERE position IN (7, 200)")
    with SQLiteStore(filled, read_only=True) as store:
        assert [200, None] == [finding.position for finding in store.verify(since=half).findings]  # the head is not met either
        assert [7, 200, None] == [finding.position for finding in store.verify().findings]


def test_a_gap_after_what_was_verified_is_found(filled: Path) -> None:
    """Streams are followed from the record before on."""
    with SQLiteStore(filled, read_only=True) as store:
        half = (150, store.root(150))
    tamper(filled, "UPDATE qms_entry SET seq = seq + 50 WHERE position > 150 AND stream = 17")
    with SQLiteStore(filled, read_only=True) as store:
        assert {"reordered", "missing"} == {finding.code for finding in store.verify(since=half).findings}


def test_only_so_far_as_asked(filled: Path) -> None:
    """Levels: bytes and tree in one pass, then streams, then private values and rows."""
    tamper(filled, "UPDATE qms_row SET due = 3 WHERE stream = 2", "UPDATE qms_row SET stream = 99 WHERE stream = 3")
    with SQLiteStore(filled, read_only=True) as store:
        found = {level: store.verify(noted, level=level).findings for level in ("bytes", "tree", "streams", "semantics")}
        assert [0, 0, 1, 3] == [len(findings) for findings in found.values()]
        with pytest.raises(InvalidInput, match="no such level: 'rows'; there are bytes, tree, streams, semantics"):
            store.verify(level="rows")


def test_an_organization_goes_on_too() -> None:
    """`Trail.verify` takes the size and root of the last verification, and a level."""
    with MemoryStore() as store:
        store.append([counted("a", n=5)])
        trail = Trail(store, noted, recorded=lambda: 0)
        first = trail.verify()
        store.append([counted("b", n=3)])
        found = trail.verify((5, first.root), since=(first.size, first.root), level="streams")
        assert (8, "consistent, complete") == (found.size, str(found))
        assert ["forked"] == [one.code for one in trail.verify(since=(5, EMPTY_ROOT)).findings]


# ---- large logs, odd names


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.postgres)])
def on_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """An empty store of each kind that outlives its process."""
    if request.param == "file":
        with SQLiteStore(tmp_path / "office.db") as store:
            yield store
        return
    url = request.getfixturevalue("postgres_log")
    with pytest.importorskip("qms.stores.postgres").PostgresStore(url, synchronous=True) as store:
        yield store


def test_memory_does_not_grow_with_the_log(on_disk: Any) -> None:
    """Verifying 50,000 records of one stream on all levels takes no more memory than a page of them."""

    def fold(stream: str, entries: Iterable[Entry]) -> Row:
        return Row("counted", due=sum(1 for _ in entries))

    peaks, length = [], 0
    for size in (2_000, 50_000):
        data = tuple(record("a", n) for n in range(length + 1, size + 1))
        on_disk.append([Write("a", length, data, row=Row("counted", due=size))])
        length = size
        tracemalloc.start()
        found = on_disk.verify(fold)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (size, True) == (found.size, found.consistent)
    assert peaks[1] < 1.5 * peaks[0] < 4_000_000


@pytest.mark.parametrize(
    "name", ["a\nb", "a — b", "'; DROP TABLE qms_entry; --", "a\x1b[31m", "\u2028", "𝒜", "—\n\n— x+y AAAA"]
)
def test_names_are_never_part_of_a_statement(tmp_path: Path, name: str) -> None:
    """Streams, subjects, units and keys with anything in them are kept as text and found again."""
    private = Private(1, name, b"s" * 16, b"v")
    held = commitment(b"s" * 16, name, name, 1, b"v")
    data = record(name, 1, x={"sealed": held})
    with SQLiteStore(tmp_path / "office.db") as store:
        store.append([Write(name, 0, (data,), (private,))])
        store.append([write("b")])
        assert ([name, "b"], 2) == ([entry.stream for entry in store.scan()], store.size)
        assert {name: private} == store.private(name, 1)
        assert {"missing", "stray"} == {finding.code for finding in store.verify().findings}  # its path is none of the record's
