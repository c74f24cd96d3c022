"""Checking a whole store: the same four levels for every store that can show its tables.

Rule 1: *bytes*: each record hashes to the leaf kept with it.
Rule 2: *tree*: the records, hashed again, make every node kept with them, and the head; a trusted checkpoint is met
on the way. After the first record that is missing or altered only the head and the checkpoint are judged.
Rule 3: *streams*: each record says inside which stream and number it is; each stream counts 1, 2, 3 ... in the order of the
log, and all of them together are the log; what lies beside it (keys, rows, private values) points to records that are there.
Rule 4: *semantics*: records are in canonical form; each commitment has the value that opens it beside the log, or an erasure in it;
folding a stream gives the row that is stored for it. A key or its request that was altered or taken away: nothing here can tell.
Rule 5: a store that cannot be read is a finding, named after the last record that could be. Where the connection or a right is
missing, nothing was found: that is raised.
Rule 6: records go by in pages: memory does not grow with the log. A page whose hashes are all as they were kept is judged
at once; another one record by record.
Rule 7: with the size and root of an earlier verification, that tree is met first, and only what came after is looked at; where it
is not met, that is a finding, and all is looked at.
Rule 8: positions are the order; time is no judge of it. A record entered late, or recorded more than a second before one
that precedes it, is a note; so is a guard that does not stand, since the log may be whole without.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Protocol, TypeAlias

from attrs import asdict, define, field

from ..codec import encode
from ..errors import InvalidInput, StoreError, TryAgain, Unavailable
from ..ports import Checkpoint, Entry, Fold, Private, Progress, Row, Verification, VerifyFinding
from ..trail import (
    EMPTY_ROOT,
    KEEPING,
    Frontier,
    NodeReader,
    commitment,
    consistency_proof,
    leaf_hash,
    root_at,
    sealed,
    verify_consistency,
)

__all__ = ["LEVELS", "Tables", "kept_whole", "verify"]

LEVELS = ("bytes", "tree", "streams", "semantics")
"""What can be asked for, each with those before it; bytes and tree are one pass."""

_ORDER = ("bytes", "tree", "checkpoint", "streams", "semantics", "file")

MOST = 20
"""Findings told for each level; how many more there are is counted."""

PAGE = 512

SLACK = 1_000_000
"""By how much (µs) a record may be recorded before one that precedes it without a note: writers at once do not meet."""


_NOT_READ = (TryAgain, Unavailable)
"""Errors that say nothing about the log."""

Stored: TypeAlias = tuple[int, str | None, int, bytes, bytes]
"""(position, stream, seq, kept hashes, bytes) of a record."""


class Tables(Protocol):
    """What a store shows of itself, all as of one moment."""

    def head(self) -> tuple[int, bytes]:
        """A size and root the log is known to have had: it may have grown since, and never shrinks."""

    def last(self) -> int:
        """The highest position there is."""

    def nodes(self) -> NodeReader:
        """The tree that is kept with the records."""

    def records(self, after: int) -> Iterator[Stored]:
        """(position, stream, seq, kept hashes, bytes) by position, from *after* + 1, as they are stored; a name that is lost is None."""

    def sequences(self, after: int) -> Iterator[tuple[str | None, int, int]]:
        """(stream, seq, position), stream by stream, by seq; positions from *after* + 1."""

    def before(self, stream: str, seq: int) -> tuple[int, int]:
        """(seq, position) of the entry of *stream* that comes before number *seq*; zeros when there is none."""

    def rows(self, after: int) -> Iterator[tuple[str, Row | None]]:
        """Every stream that has entries or a row, with its row; above zero, those with a position from *after* + 1."""

    def entries(self, stream: str) -> Iterator[Entry]:
        """The entries of *stream* in order."""

    def private(self, first: int, last: int) -> Iterator[tuple[str, Private]]:
        """(stream, private value), for each whose record stands at one of the positions from *first* to *last*."""

    def guards(self) -> Iterable[str]:
        """What of the guards of the log is not as this version ships it, in words."""

    def strays(self) -> Iterator[str]:
        """What lies beside the log and points to records that are not in it, in words."""


def kept_whole(found: Mapping[int, object], numbers: Iterable[int], place: str) -> Callable[[int], bytes]:
    """The hashes *found* beside the records at the positions *numbers*, once each has one for every subtree that it completes.

    Raises:
        StoreError: one is missing, or of another length.
    """
    whole: dict[int, bytes] = {}
    for number in numbers:
        hashes = found.get(number)
        if type(hashes) is not bytes or len(hashes) != (number & -number).bit_length() * len(EMPTY_ROOT):
            raise StoreError(f"{place}: the hashes of the record at position {number} are missing or damaged; verify says more")
        whole[number] = hashes
    return whole.__getitem__


def verify(
    tables: Tables,
    fold: Fold | None = None,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
    *,
    since: Checkpoint | None = None,
    level: str = "semantics",
) -> Verification:
    """Check the store behind *tables* up to *level*; see `qms.ports.Store.verify`."""
    for given in (checkpoint, since):
        if given is not None and (given[0] < 0 or len(given[1]) != len(EMPTY_ROOT)):
            raise InvalidInput(f"a checkpoint is a size and a root of {len(EMPTY_ROOT)} bytes, not {given!r}")
    if level not in LEVELS:
        raise InvalidInput(f"no such level: {level!r}; there are {', '.join(LEVELS)}", "level")
    reading = level in ("streams", "semantics")
    check = _Check(
        tables, progress, reading, level == "semantics", fold is not None and level == "semantics" and not (since and since[0])
    )
    complete: bool | None = None
    try:
        check.head = tables.head()
        check.resume(since or (0, EMPTY_ROOT))
        check.learn_pruned()
        for fault in tables.guards():
            check.find("note", "guards", fault)
        complete = check.records(checkpoint)
        if reading:
            check.streams()
        if level == "semantics" and fold is not None:
            check.rows(fold)
    except _NOT_READ:
        raise
    except StoreError as error:
        check.find("file", "unreadable", f"cannot be read on from here: {error}", check.position + 1)
        complete = None if checkpoint is None else bool(complete)
    findings = check.told()
    consistent = all(finding.level == "checkpoint" for finding in findings)
    return Verification(consistent, complete, check.seen.size, check.seen.root(), findings, check.noted())


@define(eq=False, slots=False)
class _Check:
    tables: Tables
    progress: Progress | None
    reading: bool
    semantics: bool
    folding: bool
    head: tuple[int, bytes] = (0, EMPTY_ROOT)
    since: int = 0
    seen: Frontier = Frontier()
    position: int = 0
    latest: int | None = None
    done: int = 0
    astray: bool = False
    pruned: dict[str, int] = field(factory=dict)
    prunes: bool = False
    findings: dict[str, list[VerifyFinding]] = field(factory=dict)
    notes: dict[str, list[VerifyFinding]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)

    def find(
        self,
        level: str,
        code: str,
        message: str,
        position: int | None = None,
        stream: str | None = None,
        seq: int | None = None,
    ) -> None:
        kept, name = (self.notes, code) if level == "note" else (self.findings, level)
        self.counts[name] = self.counts.get(name, 0) + 1
        if self.counts[name] <= MOST:
            kept.setdefault(name, []).append(VerifyFinding(code, message, position, stream, seq, level))

    def told(self) -> tuple[VerifyFinding, ...]:
        """All findings, level by level, with a count of those left out."""
        told = []
        for level, findings in sorted(self.findings.items(), key=lambda each: _ORDER.index(each[0])):
            told += findings
            if more := self.counts[level] - len(findings):
                told.append(VerifyFinding(findings[-1].code, f"and {more} more of this level", level=level))
        return tuple(told)

    def noted(self) -> tuple[VerifyFinding, ...]:
        """All notes, with a count of those left out."""
        told = []
        for code, notes in self.notes.items():
            told += notes
            if more := self.counts[code] - len(notes):
                told.append(VerifyFinding(code, f"and {more} more of this kind", level="note"))
        return tuple(told)

    def step(self, n: int) -> None:
        self.done += n
        if self.progress is not None:
            whole = max(self.head[0], self.seen.size) * (2 if self.folding else 1)
            self.progress(self.done, max(whole - self.since, self.done))

    def resume(self, since: Checkpoint) -> None:
        """Begin after what was verified before, where the log still begins with it."""
        size, last = since[0], self.tables.last()
        if size == 0:
            return
        if size > last:
            self.meets(since, None, last)
            return
        try:
            read = self.tables.nodes()
            met, frontier = root_at(size, read), Frontier.at(size, read)
        except _NOT_READ:
            raise
        except StoreError as error:
            self.find("tree", "altered", f"the tree of what was verified before cannot be read: {error}")
            return
        if self.meets(since, met, last):
            self.since = self.position = size
            self.seen = frontier

    def learn_pruned(self) -> None:
        """What decisions in the log say was pruned; each is a note."""
        for entry in self.tables.entries(KEEPING):
            decision = _inside(entry.data) or {}
            if decision.get("type") == "pruned":
                self.prunes = True
                records, size, by, basis = (decision.get(name) for name in ("records", "size", "by", "basis"))
                message = f"{records} records up to position {size} were pruned by {by}: {basis}"
                self.find("note", "pruned", message, entry.position, entry.stream, entry.seq)

    def is_pruned(self, stream: str | None, position: int) -> bool:
        """Whether the last record of *stream* says that those up to *position* were pruned."""
        if stream is None:
            return False
        if stream not in self.pruned:
            last = _inside(deque(self.tables.entries(stream), 1)[0].data) or {}
            size = last.get("size") if last.get("type") == "pruned" else 0
            self.pruned[stream] = size if type(size) is int else 0
        return position <= self.pruned[stream]

    def earlier(self, size: int, root: bytes) -> bytes:
        """The root the tree had at *size*, which was verified before: *root* where a proof shows it, or what it is instead."""
        read = self.tables.nodes()
        proof = consistency_proof(size, self.since, read)
        return root if verify_consistency(size, self.since, proof, root, self.seen.root()) else root_at(size, read)

    def records(self, checkpoint: Checkpoint | None) -> bool | None:
        """Bytes and tree in one pass; answers whether the log holds what *checkpoint* covered."""
        asked = [self.head, *([] if checkpoint is None else [checkpoint])]
        roots: dict[int, bytes | None] = {
            size: self.earlier(size, root) if 0 < size < self.since else None for size, root in asked
        }
        roots |= {0: EMPTY_ROOT, self.since: self.seen.root()}
        records = self.tables.records(self.since)
        while page := list(islice(records, PAGE)):
            leaves, grown = self.whole(page) or self.each(page)
            for size in roots:
                if self.seen.size < size <= self.seen.size + len(page):
                    roots[size] = self.seen.extended(leaves[: size - self.seen.size]).root()
            if self.reading:
                self.inside(page)
            self.seen = grown
            self.step(len(page))
        self.tree(roots[self.head[0]])
        return None if checkpoint is None else self.meets(checkpoint, roots[checkpoint[0]], self.seen.size)

    def whole(self, page: Sequence[Stored]) -> tuple[list[bytes], Frontier] | None:
        """The leaves of *page* and the tree with them, where all its records are there and make the hashes kept with them."""
        positions, _, _, kept, bodies = zip(*page, strict=True)
        first, last = self.position + 1, self.position + len(page)
        if self.astray or {*map(type, bodies)} != {bytes} or positions != tuple(range(first, last + 1)):
            return None
        leaves, made = [leaf_hash(data) for data in bodies], list[bytes]()
        grown = self.seen.extended(leaves, made.append)
        if tuple(made) != kept:
            return None
        self.position = last
        return leaves, grown

    def each(self, page: Sequence[Stored]) -> tuple[list[bytes], Frontier]:
        """The same, record by record, with what is wrong with each."""
        leaves, kept = list[bytes](), list[bytes]()
        for position, stream, seq, hashes, data in page:
            hashes, data = hashes if type(hashes) is bytes else b"", data if type(data) is bytes else b""  # noqa: PLW2901
            is_pruned = not data and self.is_pruned(stream, position)
            leaf = hashes[: len(EMPTY_ROOT)] if is_pruned else leaf_hash(data)
            expected = self.position + 1
            if position != expected:
                last = f" to {position - 1}" if position > expected + 1 else ""
                self.find("tree", "missing", f"no record stands here{last}", expected)
                self.astray = True
            self.position = position
            if leaf != hashes[: len(EMPTY_ROOT)]:
                self.find("bytes", "altered", "the record's bytes are not those whose hash was kept", position, stream, seq)
                self.astray = True
            leaves.append(leaf)
            kept.append(hashes)
        return leaves, self.grown(leaves, kept)

    def inside(self, page: Sequence[Stored]) -> None:
        """What the records of *page* say of themselves, and what stands beside them."""
        told = [self.said(*line) for line in page]
        if self.semantics:
            self.private(page, told)

    def said(self, position: int, stream: str | None, seq: int, _: bytes, data: bytes) -> dict[str, Any] | None:
        """What a record says of itself; None for one that was pruned, or says nothing."""
        if not data and self.is_pruned(stream, position):
            return None
        inside = _inside(data)
        if inside is None:
            message = "the record cannot be read: it is no JSON object with a stream and a seq"
            self.find("streams", "altered", message, position, stream, seq)
            return None
        if (inside["stream"], inside["seq"]) != (stream, seq):
            message = f"the record says inside that it is {inside['stream']} #{inside['seq']}"
            self.find("streams", "reordered" if inside["stream"] == stream else "moved", message, position, stream, seq)
        if self.semantics and not _is_canonical(inside, data):
            message = "the record is not in canonical form (RFC 8785): two readers may read it differently"
            self.find("semantics", "not-canonical", message, position, stream, seq)
        self.time(inside, position, stream, seq)
        return inside

    def time(self, inside: dict[str, Any], position: int, stream: str | None, seq: int) -> None:
        """Notes on when the record was made."""
        at, occurred = inside.get("at"), inside.get("occurred")
        if type(at) is not int:
            return
        if type(occurred) is int and occurred < at and inside.get("by") != "system":  # what a clock did is recorded later
            self.find("note", "late-entry", "what it records had happened before it was entered", position, stream, seq)
        if self.latest is not None and at < self.latest - SLACK:
            message = f"it was recorded {(self.latest - at) / 1e6:,.0f} s before a record that precedes it"
            self.find("note", "time-backwards", message, position, stream, seq)
        if self.latest is None or at > self.latest:
            self.latest = at

    def grown(self, leaves: list[bytes], kept: list[bytes]) -> Frontier:
        """The tree with *leaves*; what was kept with each is compared with what they make."""
        made: list[bytes] = []
        grown = self.seen.extended(leaves, made.append)
        for position, (old, new) in enumerate(zip(kept, made, strict=True), self.seen.size + 1):
            if old != new and not self.astray:
                code = "altered" if len(old) == len(new) else "reordered"
                self.find("tree", code, "the hashes of the tree kept with this record are not those the records make", position)
        return grown

    def tree(self, met: bytes | None) -> None:
        size, root = self.head
        if met is None:
            message = f"the head says {size} records, and {self.seen.size} are there"
            self.find("tree", "truncated", message, self.seen.size + 1)
        elif met != root:
            self.find("tree", "altered", f"the first {size} records make the root {met.hex()}, and the head says {root.hex()}")

    def meets(self, checkpoint: Checkpoint, met: bytes | None, there: int) -> bool:
        size, root = checkpoint
        if met is None:
            message = f"cut short: the checkpoint covers {size} records, and {there} are left"
            self.find("checkpoint", "truncated", message, there + 1)
        elif met != root:
            self.find(
                "checkpoint",
                "forked",
                f"forked: the first {size} records make {met.hex()}, and the checkpoint says {root.hex()}",
            )
        return met == root

    def streams(self) -> None:
        current, last, place, count = "", 0, 0, 0
        for stream, seq, position in self.tables.sequences(self.since):
            count += 1
            if stream is None:
                self.find("streams", "altered", "the record belongs to a stream that has no name", position, None, seq)
                continue
            if stream != current:
                current, (last, place) = stream, self.tables.before(stream, seq) if self.since else (0, 0)
            if seq != last + 1:
                message = f"#{last + 1} is expected here: the stream has a gap or a repetition"
                self.find("streams", "missing" if seq > last + 1 else "reordered", message, position, stream, seq)
            elif position <= place:
                self.find("streams", "reordered", "the record stands before the one it follows", position, stream, seq)
            last, place = seq, position
        for stray in self.tables.strays():
            self.find("streams", "stray", stray)
        if count != self.seen.size - self.since:
            message = f"the streams have {count + self.since} records together, and the log has {self.seen.size}"
            self.find("streams", "missing", message)

    def private(self, page: Sequence[Stored], told: Sequence[dict[str, Any] | None]) -> None:
        """The personal values beside the records of *page*, against the commitments in them."""
        beside = {(stream, value.seq, value.path): value for stream, value in self.tables.private(page[0][0], page[-1][0])}
        for (position, stream, seq, _, data), record in zip(page, told, strict=True):
            for path, held in sealed(record) if record is not None and b'"sealed"' in data else ():
                value = beside.pop((stream or "", seq, path), None)
                if value is None and (stream, seq, path) not in self.erased:
                    message = f"the private value {path} is not there, and nothing in the log says that it was erased"
                    self.find("semantics", "missing", message, position, stream, seq)
                if value is not None and not _opens(value, stream or "", held):
                    message = f"the private value {path} does not open the commitment that the record holds there"
                    self.find("semantics", "altered", message, position, stream, seq)
        for stream, seq, path in beside:
            message = f"a private value stands at {path}, where the record holds no commitment"
            self.find("semantics", "stray", message, None, stream, seq)

    @cached_property
    def erased(self) -> set[tuple[str, int, str]]:
        """The places of the values that the log says were erased."""
        records = (_inside(entry.data) or {} for entry in self.tables.entries(KEEPING))
        values = (value for record in records if record.get("type") == "erased" for value in record.get("values", ()))
        return {tuple(value) for value in values if isinstance(value, list) and len(value) == 3}

    def is_bare(self, stream: str) -> bool:
        """Whether the records of *stream* were pruned."""
        first = next(self.tables.entries(stream), None)
        return first is not None and not first.data and self.is_pruned(stream, first.position or 0)

    def rows(self, fold: Fold) -> None:
        for stream, stored in self.tables.rows(self.since):
            counted = _Counted(self.tables.entries(stream))
            if self.prunes and self.is_bare(stream):
                if stored is not None:
                    self.find("semantics", "stray", "a row is stored for records that were pruned", None, stream)
                continue
            try:
                made = fold(stream, counted)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - a fold of damaged records may raise anything; that is the finding
                message = f"the records cannot be folded: {type(error).__name__}: {error}"
                self.find("semantics", "altered", message, counted.position, stream, counted.seq)
            else:
                if made != stored:
                    code = "missing" if stored is None else "stray" if made is None else "altered"
                    self.find("semantics", code, _difference(stored, made), None, stream)
            self.step(counted.seen if self.folding else 0)


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


def _opens(value: Private, stream: str, held: object) -> bool:
    """Whether *value* is what the commitment *held* was made of."""
    try:
        return held == commitment(value.salt, value.path, stream, value.seq, value.value)
    except InvalidInput:  # a salt that is too short
        return False


def _is_canonical(record: dict[str, Any], data: bytes) -> bool:
    try:
        return encode(record) == data
    except InvalidInput:
        return False


def _inside(data: bytes) -> dict[str, Any] | None:
    """The record, when it says its stream and number."""
    try:
        record = json.loads(str(data, "utf-8"))
    except (TypeError, ValueError, RecursionError):
        return None
    if type(record) is not dict or type(record.get("stream")) is not str or type(record.get("seq")) is not int:
        return None
    return record


def _difference(stored: Row | None, made: Row | None) -> str:
    if stored is None or made is None:
        return "a row is stored, and the records make none" if made is None else "the records make a row, and none is stored"
    old, new = asdict(stored), asdict(made)
    return f"the stored row differs from what the records make, in {', '.join(name for name in old if old[name] != new[name])}"
