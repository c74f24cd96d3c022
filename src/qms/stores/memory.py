"""A store in plain dictionaries: for tests, trials and what-if runs. The same behaviour as SQLite, without the disk.

Rule 1: a batch is checked whole before anything of it is kept, so there is nothing to take back.
Rule 2: a transaction remembers what stood before; an exception puts it back, the tree's frontier included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import RLock
from typing import Self

from attrs import frozen

from ..errors import InvalidInput, StoreError
from ..ports import Checkpoint, Entry, Fold, Found, Key, Private, Progress, Query, Receipt, Row, Verification, Write
from ..trail import Frontier, NodeReader, consistency_proof, inclusion_proof, kept_nodes, leaf_hash, root_at
from .verification import Stored, verify
from .writes import check_after, check_asked, check_query, check_writes, conflict, matches, other_request

__all__ = ["MemoryStore"]


class MemoryStore:
    """A `Store` and `Log` that lives as long as the process."""

    joined = False

    def __init__(self) -> None:
        self._lock = RLock()
        self._log: list[Entry] = []
        self._hashes: list[bytes] = []
        self._node = kept_nodes(lambda number: self._hashes[number - 1])
        self._frontier = Frontier()
        self._streams: dict[str, list[Entry]] = {}
        self._rows: dict[str, Row] = {}
        self._keys: dict[str, Found] = {}
        self._private: dict[tuple[str, int], dict[str, Private]] = {}
        self._undo: list[Callable[[], object]] | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"MemoryStore(size={self._frontier.size})"

    def append(self, writes: Sequence[Write], key: Key | None = None) -> Receipt:
        """Keep the whole batch, or nothing; see `qms.ports.Store.append`."""
        check_writes(writes, key)
        with self._lock:
            self._open()
            if key is not None and (found := self._keys.get(key.name)) is not None:
                if found.request != key.request:
                    raise other_request(key)
                return Receipt(found.position, repeated=True)
            lengths: dict[str, int] = {}
            for write in writes:
                length = lengths.get(write.stream, len(self._streams.get(write.stream, ())))
                if length != write.expected:
                    raise conflict(write, length)
                lengths[write.stream] = length + len(write.entries)
            first = len(self._log) + 1
            for write in writes:
                self._keep(write)
            if key is not None:
                write = writes[0]
                self._keys[key.name] = Found(key.name, key.request, write.stream, write.expected + len(write.entries), first)
                self._undoing(lambda: self._keys.pop(key.name))
            return Receipt(first)

    def _keep(self, write: Write) -> None:
        """Keep one write whose length was checked; what it changes can be put back."""
        if self._undo is not None:
            self._remember(write, self._frontier, self._rows.get(write.stream))
        entries = self._streams.setdefault(write.stream, [])
        leaves = [leaf_hash(data) for data in write.entries]
        for data in write.entries:
            entry = Entry(len(self._log) + 1, write.stream, len(entries) + 1, data)
            self._log.append(entry)
            entries.append(entry)
        self._frontier = self._frontier.extended(leaves, self._hashes.append)
        for value in write.private:
            self._private.setdefault((write.stream, value.seq), {})[value.path] = value
        if write.row is not None:
            self._rows[write.stream] = write.row

    def _remember(self, write: Write, frontier: Frontier, row: Row | None) -> None:
        def undo() -> None:
            del self._log[frontier.size :], self._hashes[frontier.size :], self._streams[write.stream][write.expected :]
            self._frontier = frontier
            if not write.expected:
                del self._streams[write.stream]
            for value in write.private:
                self._private.pop((write.stream, value.seq), None)
            if row is None:
                self._rows.pop(write.stream, None)
            else:
                self._rows[write.stream] = row

        self._undoing(undo)

    def _undoing(self, undo: Callable[[], object]) -> None:
        if self._undo is not None:
            self._undo.append(undo)

    def erase(self, values: Sequence[tuple[str, int, str]]) -> int:
        """Remove personal values; see `qms.ports.Store.erase`."""
        with self._lock:
            self._open()
            return sum(self._erased(*value) for value in values)

    def _erased(self, stream: str, seq: int, path: str) -> bool:
        beside = self._private.get((stream, seq), {})
        value = beside.pop(path, None)
        if value is not None:
            self._undoing(lambda: beside.__setitem__(path, value))
        return value is not None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A span whose appends all stay or all go; see `qms.ports.Store.transaction`."""
        with self._lock:
            self._open()
            outer = self._undo
            undo: list[Callable[[], object]] = [] if outer is None else outer
            self._undo, mark = undo, len(undo)
            try:
                yield
            except BaseException:
                while len(undo) > mark:
                    undo.pop()()
                raise
            finally:
                self._undo = outer

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `transaction`."""
        with self._lock:
            return self._undo is not None

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries of *stream* from *after* + 1 on."""
        check_asked(stream)
        check_after(after)
        with self._lock:
            self._open()
            return iter(self._streams.get(stream, [])[after:])

    def scan(self, after: int = 0) -> Iterator[Entry]:
        """The whole log from position *after* + 1 on, as it is now."""
        check_after(after)
        with self._lock:
            self._open()
            return iter(self._log[after:])

    def find(self, key: str) -> Found | None:
        """What was kept under *key*."""
        check_asked(key, "key")
        with self._lock:
            self._open()
            return self._keys.get(key)

    def select(self, query: Query) -> Iterator[tuple[str, Row]]:
        """Streams with their rows that answer *query*, ordered by name."""
        check_query(query)
        with self._lock:
            self._open()
            found = sorted((stream, row) for stream, row in self._rows.items() if matches(query, stream, row))
        return islice(iter(found), query.limit)

    def row(self, stream: str) -> Row | None:
        """The row of *stream*."""
        check_asked(stream)
        with self._lock:
            self._open()
            return self._rows.get(stream)

    def length(self, stream: str) -> int:
        """How many entries *stream* has."""
        check_asked(stream)
        with self._lock:
            self._open()
            return len(self._streams.get(stream, ()))

    def private(self, stream: str, seq: int) -> Mapping[str, Private]:
        """The personal values beside record *seq* of *stream*."""
        check_asked(stream)
        check_after(seq, "seq")
        with self._lock:
            self._open()
            return dict(self._private.get((stream, seq), {}))

    @property
    def size(self) -> int:
        """How many records the log has."""
        with self._lock:
            self._open()
            return self._frontier.size

    def root(self, size: int | None = None) -> bytes:
        """The tree's root now, or when it had *size* records."""
        with self._lock:
            return self._frontier.root() if size is None else root_at(self._past(size), self._node)

    def leaf(self, index: int) -> bytes:
        """The leaf hash of the record at position *index* + 1."""
        with self._lock:
            self._past(index)
            self._past(index + 1)
            return self._node(0, index)

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that leaf *index* is in the tree of *size*."""
        with self._lock:
            return inclusion_proof(index, self._past(size), self._node)

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the tree of *new* only added to the tree of *old*."""
        with self._lock:
            return consistency_proof(old, self._past(new), self._node)

    def _past(self, size: int | None) -> int:
        now = self.size
        if size is not None and not 0 <= size <= now:
            raise InvalidInput(f"the log has {now} records; {size} cannot be asked")
        return now if size is None else size

    def verify(
        self,
        fold: Fold | None = None,
        checkpoint: Checkpoint | None = None,
        progress: Progress | None = None,
        *,
        since: Checkpoint | None = None,
        level: str = "semantics",
    ) -> Verification:
        """Check every byte, the tree, the streams and, given *fold*, the rows; see `qms.ports.Store.verify`."""
        with self._lock:
            self._open()
            tables = _Tables(self._frontier, self._hashes, self._log, self._streams, self._rows, self._private)
            return verify(tables, fold, checkpoint, progress, since=since, level=level)

    def close(self) -> None:
        """Refuse further use; what was kept is gone with the object."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _open(self) -> None:
        if self._closed:
            raise StoreError("the store in memory is closed; open another")


@frozen
class _Tables:
    """What `verify` asks of a store in memory."""

    frontier: Frontier
    hashes: list[bytes]
    log: list[Entry]
    streams: dict[str, list[Entry]]
    cases: dict[str, Row]
    beside: dict[tuple[str, int], dict[str, Private]]

    def head(self) -> tuple[int, bytes]:
        return self.frontier.size, self.frontier.root()

    def last(self) -> int:
        return len(self.log)

    def nodes(self) -> NodeReader:
        return kept_nodes(lambda number: self.hashes[number - 1])

    def records(self, after: int) -> Iterator[Stored]:
        for n in range(after, len(self.log)):
            entry = self.log[n]
            yield n + 1, entry.stream, entry.seq, self.hashes[n], entry.data

    def sequences(self, after: int) -> Iterator[tuple[str | None, int, int]]:
        for stream, entries in self.streams.items():
            for entry in entries:
                if (entry.position or 0) > after:
                    yield stream, entry.seq, entry.position or 0

    def before(self, stream: str, seq: int) -> tuple[int, int]:
        return (seq - 1, self.streams[stream][seq - 2].position or 0) if seq > 1 else (0, 0)

    def rows(self, after: int) -> Iterator[tuple[str, Row | None]]:
        for stream, entries in self.streams.items():
            if (entries[-1].position or 0) > after:
                yield stream, self.cases.get(stream)

    def entries(self, stream: str) -> Iterator[Entry]:
        return iter(self.streams.get(stream, ()))

    def private(self, first: int, last: int) -> Iterator[tuple[str, Private]]:
        for entry in self.log[first - 1 : last]:
            for value in self.beside.get((entry.stream, entry.seq), {}).values():
                yield entry.stream, value

    def guards(self) -> Iterator[str]:
        return iter(())

    def strays(self) -> Iterator[str]:
        return iter(())
