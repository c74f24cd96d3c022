"""Checking a whole store: the same four levels for every store that can show its tables.

Rule 1: *bytes*: each record hashes to the leaf kept with it, and says inside which stream and number it is.
Rule 2: *tree*: the records, hashed again, make every node kept with them, and the head; a trusted checkpoint is met
on the way. After the first record that is missing or altered only the head and the checkpoint are judged.
Rule 3: *streams*: each counts 1, 2, 3 ... in the order of the log, and all of them together are the log; what lies
beside it (keys, rows, private values) points to records that are there. *private*: a value opens the commitment that its
record holds. One that was erased, a key or its request that was altered or taken away: nothing here can tell.
Rule 4: *rows*: folding a stream gives the row that is stored for it.
Rule 5: a store that cannot be read is a finding, named after the last record that could be.
Rule 6: records go by one at a time: memory does not grow with the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Protocol

from attrs import asdict, define, field

from ..errors import InvalidInput, StoreError
from ..ports import Checkpoint, Entry, Fold, Private, Progress, Row, Verification, VerifyFinding
from ..trail import EMPTY_ROOT, Frontier, commitment, leaf_hash

__all__ = ["Tables", "verify"]

MOST = 20
"""Findings told for each level; how many more there are is counted."""

PAGE = 512


class Tables(Protocol):
    """What a store shows of itself, all as of one moment."""

    def head(self) -> tuple[int, bytes]:
        """A size and root the log is known to have had: it may have grown since, and never shrinks."""

    def records(self) -> Iterator[tuple[int, str | None, int, bytes, bytes]]:
        """(position, stream, seq, kept hashes, bytes) by position; a stream whose name is lost is None."""

    def sequences(self) -> Iterator[tuple[str | None, int, int]]:
        """(stream, seq, position), stream by stream, by seq."""

    def rows(self) -> Iterator[tuple[str, Row | None]]:
        """Every stream that has entries or a row, with its row."""

    def entries(self, stream: str) -> Iterator[Entry]:
        """The entries of *stream* in order."""

    def private(self) -> Iterator[tuple[str, Private, bytes]]:
        """(stream, private value, the bytes of its record), for each whose record is there."""

    def strays(self) -> Iterator[str]:
        """What lies beside the log and points to records that are not in it, in words."""


def verify(
    tables: Tables, fold: Fold | None = None, checkpoint: Checkpoint | None = None, progress: Progress | None = None
) -> Verification:
    """Check the store behind *tables* on every level; see `qms.ports.Store.verify`."""
    if checkpoint is not None and (checkpoint[0] < 0 or len(checkpoint[1]) != len(EMPTY_ROOT)):
        raise InvalidInput(f"a checkpoint is a size and a root of {len(EMPTY_ROOT)} bytes, not {checkpoint!r}")
    check = _Check(tables, progress, fold is not None)
    complete: bool | None = None
    try:
        check.head = tables.head()
        complete = check.records(checkpoint)
        check.streams()
        check.private()
        if fold is not None:
            check.rows(fold)
    except StoreError as error:
        check.find("file", f"cannot be read on from here: {error}", check.position + 1)
        complete = None if checkpoint is None else bool(complete)
    findings = check.told()
    consistent = all(finding.code == "checkpoint" for finding in findings)
    return Verification(consistent, complete, check.seen.size, check.seen.root(), findings)


@define(eq=False)
class _Check:
    tables: Tables
    progress: Progress | None
    folding: bool
    head: tuple[int, bytes] = (0, EMPTY_ROOT)
    seen: Frontier = Frontier()
    position: int = 0
    done: int = 0
    astray: bool = False
    findings: dict[str, list[VerifyFinding]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)

    def find(
        self, code: str, message: str, position: int | None = None, stream: str | None = None, seq: int | None = None
    ) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= MOST:
            self.findings.setdefault(code, []).append(VerifyFinding(code, message, position, stream, seq))

    def told(self) -> tuple[VerifyFinding, ...]:
        """All findings, level by level, with a count of those left out."""
        told = []
        for code, findings in self.findings.items():
            told += findings
            if more := self.counts[code] - len(findings):
                told.append(VerifyFinding(code, f"and {more} more of this level"))
        return tuple(told)

    def step(self, n: int) -> None:
        self.done += n
        if self.progress is not None:
            self.progress(self.done, max(self.head[0], self.seen.size) * (2 if self.folding else 1))

    def records(self, checkpoint: Checkpoint | None) -> bool | None:
        """Bytes and tree in one pass; answers whether the log holds what *checkpoint* covered."""
        roots: dict[int, bytes | None] = dict.fromkeys([self.head[0], *([] if checkpoint is None else checkpoint[:1])])
        roots |= {0: EMPTY_ROOT}
        leaves: list[bytes] = []
        kept: list[bytes] = []
        for position, stream, seq, hashes, data in self.tables.records():
            leaf = leaf_hash(data)
            self.record(position, stream, seq, data, leaf == hashes[: len(leaf)])
            leaves.append(leaf)
            kept.append(hashes)
            size = self.seen.size + len(leaves)
            if size in roots or len(leaves) == PAGE:
                self.grow(leaves, kept)
                if size in roots:
                    roots[size] = self.seen.root()
        self.grow(leaves, kept)
        self.tree(roots[self.head[0]])
        return None if checkpoint is None else self.meets(checkpoint, roots[checkpoint[0]])

    def record(self, position: int, stream: str | None, seq: int, data: bytes, is_leaf: bool) -> None:
        expected = self.position + 1
        if position != expected:
            last = f" to {position - 1}" if position > expected + 1 else ""
            self.find("tree", f"no record stands here{last}", expected)
            self.astray = True
        self.position = position
        if not is_leaf:
            self.find("bytes", "the record's bytes are not those whose hash was kept", position, stream, seq)
            self.astray = True
        inside = _inside(data)
        if inside is None:
            self.find("bytes", "the record cannot be read: it is no JSON object with a stream and a seq", position, stream, seq)
        elif inside != (stream, seq):
            self.find("bytes", f"the record says inside that it is {inside[0]} #{inside[1]}", position, stream, seq)

    def grow(self, leaves: list[bytes], kept: list[bytes]) -> None:
        made: list[bytes] = []
        first = self.seen.size + 1
        self.seen = self.seen.extended(leaves, made.append)
        if made != kept and not self.astray:
            for position, (old, new) in enumerate(zip(kept, made, strict=True), first):
                if old != new:
                    self.find("tree", "the hashes of the tree kept with this record are not those the records make", position)
        self.step(len(leaves))
        leaves.clear()
        kept.clear()

    def tree(self, met: bytes | None) -> None:
        size, root = self.head
        if met is None:
            self.find("tree", f"the head says {size} records, and {self.seen.size} are there", self.seen.size + 1)
        elif met != root:
            self.find("tree", f"the first {size} records make the root {met.hex()}, and the head says {root.hex()}")

    def meets(self, checkpoint: Checkpoint, met: bytes | None) -> bool:
        size, root = checkpoint
        if met is None:
            self.find(
                "checkpoint",
                f"cut short: the checkpoint covers {size} records, and {self.seen.size} are left",
                self.seen.size + 1,
            )
        elif met != root:
            self.find("checkpoint", f"forked: the first {size} records make {met.hex()}, and the checkpoint says {root.hex()}")
        return met == root

    def streams(self) -> None:
        current, last, place, count = "", 0, 0, 0
        for stream, seq, position in self.tables.sequences():
            count += 1
            if stream is None:
                self.find("streams", "the record belongs to a stream that has no name", position, None, seq)
                continue
            if stream != current:
                current, last, place = stream, 0, 0
            if seq != last + 1:
                self.find(
                    "streams", f"#{last + 1} is expected here: the stream has a gap or a repetition", position, stream, seq
                )
            elif position <= place:
                self.find("streams", "the record stands before the one it follows", position, stream, seq)
            last, place = seq, position
        for stray in self.tables.strays():
            self.find("streams", stray)
        if count != self.seen.size:
            self.find("streams", f"the streams have {count} records together, and the log has {self.seen.size}")

    def private(self) -> None:
        for stream, value, data in self.tables.private():
            if not _opens(stream, value, data):
                message = f"the private value {value.path} does not open the commitment that the record holds there"
                self.find("private", message, None, stream, value.seq)

    def rows(self, fold: Fold) -> None:
        for stream, stored in self.tables.rows():
            counted = _Counted(self.tables.entries(stream))
            try:
                made = fold(stream, counted)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - a fold of damaged records may raise anything; that is the finding
                message = f"the records cannot be folded: {type(error).__name__}: {error}"
                self.find("rows", message, counted.position, stream, counted.seq)
            else:
                if made != stored:
                    self.find("rows", _difference(stored, made), None, stream)
            self.step(counted.seen)


@define(eq=False)
class _Counted:
    """Entries that remember which came last."""

    source: Iterator[Entry]
    seen: int = 0
    position: int | None = None
    seq: int | None = None

    def __iter__(self) -> Iterator[Entry]:
        for entry in self.source:
            self.seen += 1
            self.position, self.seq = entry.position, entry.seq
            yield entry


def _opens(stream: str, value: Private, data: bytes) -> bool:
    """Whether the record *data* holds, at its path, the commitment to *value*."""
    try:
        held = json.loads(str(data, "utf-8"))
        for name in value.path.split("."):
            held = held[name]
        made: bool = held["sealed"] == commitment(value.salt, value.path, stream, value.seq, value.value)
    except (ValueError, KeyError, TypeError, RecursionError):  # a salt that is too short is a ValueError too
        return False
    return made


def _inside(data: bytes) -> tuple[str, int] | None:
    """The stream and number that the bytes name themselves."""
    try:
        record = json.loads(str(data, "utf-8"))
    except (ValueError, RecursionError):
        return None
    if type(record) is not dict:
        return None
    stream, seq = record.get("stream"), record.get("seq")
    return (stream, seq) if type(stream) is str and type(seq) is int else None


def _difference(stored: Row | None, made: Row | None) -> str:
    if stored is None or made is None:
        return "a row is stored, and the records make none" if made is None else "the records make a row, and none is stored"
    old, new = asdict(stored), asdict(made)
    return f"the stored row differs from what the records make, in {', '.join(name for name in old if old[name] != new[name])}"
