"""The seams: where records are kept, how the log is proved, and where authority comes from.

Rule 1: positions and sequence numbers begin at 1. `after=n` means "from n + 1 on", so `after=0` is everything. The
leaf index of RFC 6962 is position - 1.
Rule 2: a batch lands whole or not at all. Every write says how long its stream was; if it is not, nothing is kept.
Rule 3: stream and sequence number also stand inside the stored bytes, so that a record moved elsewhere is noticed.
Rule 4: a row is derived: the fold's index entry. `verify` can rebuild every one; nothing else may rely on it.
Rule 5: bytes are stored as given and hashed as stored.

Instants are microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from attrs import field, frozen

from .errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection

    from .authority import Grant

__all__ = [
    "Anchor",
    "Checkpoint",
    "Entry",
    "Fold",
    "Found",
    "Key",
    "Log",
    "People",
    "Private",
    "Progress",
    "Query",
    "Receipt",
    "Row",
    "Store",
    "Verification",
    "VerifyFinding",
    "Write",
]


@frozen
class Private:
    """A personal value beside the log: record *seq* of its stream holds only the commitment to it at *path*.

    Deleting it erases the value; the record, its hash and every proof stay as they are.
    """

    seq: int
    path: str
    salt: bytes = field(repr=False)
    value: bytes = field(repr=False)


@frozen
class Row:
    """What a list of cases needs to know of one, derived from its records."""

    process: str
    procedure: str | None = None
    steps: tuple[str, ...] = ()
    subject: str | None = None
    unit: str | None = None
    open: bool = True
    due: int | None = None
    wake: int | None = None


@frozen
class Write:
    """*entries* to follow the *expected* ones that *stream* already has; *row*, when given, replaces its row.

    Without entries it keeps nothing, and the batch lands only while *stream* is *expected* long: a decision may hold fast
    what it was decided by. The first write of a batch has entries.
    """

    stream: str
    expected: int
    entries: tuple[bytes, ...]
    private: tuple[Private, ...] = ()
    row: Row | None = None


@frozen
class Entry:
    """One stored record. *position* is its place in the whole log; None while a store has not given it one."""

    position: int | None
    stream: str
    seq: int
    data: bytes


@frozen
class Receipt:
    """The place of the first record of a batch; *repeated*: the key was known, and this is the first answer."""

    position: int | None
    repeated: bool = False


@frozen
class Key:
    """Makes a batch happen once: its *name*, and the digest of the *request* it was given for."""

    name: str
    request: str


@frozen
class Found:
    """What was kept under a key: the first stream its batch wrote, and that stream's length then."""

    name: str
    request: str
    stream: str
    seq: int
    position: int | None = None


@frozen
class Query:
    """Which rows: every field given must hold. *before* is exclusive; *after* is the last stream already seen."""

    process: str | None = None
    procedure: str | None = None
    unit: str | None = None
    subject: str | None = None
    step: str | None = None
    open: bool | None = None
    due_before: int | None = None
    wake_before: int | None = None
    after: str | None = None
    limit: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.limit is not None and (type(self.limit) is not int or not 0 <= self.limit < 2**63):
            raise InvalidInput(f"{self.limit!r} is no number of rows; write a whole number, or leave it out for all", "limit")

    def matches(self, stream: str, row: Row) -> bool:
        """Whether the *row* of *stream* answers the query, but for its limit."""
        return (
            (self.process is None or row.process == self.process)
            and (self.procedure is None or row.procedure == self.procedure)
            and (self.unit is None or row.unit == self.unit)
            and (self.subject is None or row.subject == self.subject)
            and (self.step is None or self.step in row.steps)
            and (self.open is None or row.open == self.open)
            and (self.due_before is None or (row.due is not None and row.due < self.due_before))
            and (self.wake_before is None or (row.wake is not None and row.wake < self.wake_before))
            and (self.after is None or stream > self.after)
        )


@frozen
class VerifyFinding:
    """One fault of a store, or a note: *code* is what is wrong, *message* says it, *level* is the level that found it.

    Faults are ``altered``, ``missing``, ``reordered``, ``moved``, ``stray`` (beside the log, and of no record), ``unreadable``, and
    by a checkpoint ``truncated`` and ``forked``. Notes are ``late-entry`` and ``time-backwards``. Levels are ``bytes``,
    ``tree``, ``streams``, ``semantics`` (private values and rows), ``checkpoint`` and ``file``.
    """

    code: str
    message: str
    position: int | None = None
    stream: str | None = None
    seq: int | None = None
    level: str = ""

    def __str__(self) -> str:
        place = [f"position {self.position}"] if self.position is not None else []
        if self.stream is not None:
            place.append(self.stream if self.seq is None else f"{self.stream} #{self.seq}")
        return f"{', '.join(place)}: {self.message}" if place else self.message

    def to_tree(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "code": self.code,
            "level": self.level,
            "message": self.message,
            "position": self.position,
            "stream": self.stream,
            "seq": self.seq,
        }


@frozen
class Verification:
    """What a check of the whole store found.

    `complete` is None without a trusted checkpoint: a log that was cut short, or written anew from a point on, can be
    consistent in itself. With one, it says whether the log still holds all that the checkpoint covered. *notes* are no
    faults: what was entered late, and where time ran backwards.
    """

    consistent: bool
    complete: bool | None
    size: int
    root: bytes
    findings: tuple[VerifyFinding, ...] = ()
    notes: tuple[VerifyFinding, ...] = ()

    @property
    def first(self) -> VerifyFinding | None:
        """The first bad record: of the faults that have a place in the log, the one that comes first."""
        placed = [finding for finding in self.findings if finding.position is not None]
        return min(placed, key=lambda finding: finding.position or 0, default=None)

    def __bool__(self) -> bool:
        raise TypeError("a verification is not yes or no: ask .consistent and .complete")

    def __str__(self) -> str:
        words = {None: "completeness unknown", True: "complete", False: "incomplete"}
        head = f"{'consistent' if self.consistent else 'inconsistent'}, {words[self.complete]}"
        first: dict[str, VerifyFinding] = {}
        for note in self.notes:
            first.setdefault(note.code, note)
        return "\n".join([head, *map(str, self.findings), *(f"note: {note}" for note in first.values())])

    def to_tree(self) -> dict[str, Any]:
        """As plain values for JSON; the root in hexadecimal."""
        return {
            "consistent": self.consistent,
            "complete": self.complete,
            "size": self.size,
            "root": self.root.hex(),
            "findings": [finding.to_tree() for finding in self.findings],
            "notes": [note.to_tree() for note in self.notes],
        }


Fold: TypeAlias = Callable[[str, Iterable[Entry]], Row | None]
"""The row that the entries of a stream make; None for a stream that has none."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told (done, total) now and then."""

Checkpoint: TypeAlias = tuple[int, bytes]
"""A trusted (size, root): what the log was known to hold."""


class Store(Protocol):
    """Where records are kept. `qms.testing.contract` is what every store must pass."""

    joined: bool
    """Whether it lives in a caller's transaction: then what was appended may still be taken back by somebody else."""

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside `transaction`, or a caller's: then what it appended may still be taken back."""

    def append(self, writes: Sequence[Write], key: Key | None = None) -> Receipt:
        """Keep the whole batch, in the order given, or nothing.

        A *key* that is known with the same request gives the first receipt again and writes nothing.

        Raises:
            Conflict: a stream is longer or shorter than its write expected.
            InvalidInput: an empty batch or write, or a key that was used for another request.
            StoreError: the store could not write.
        """

    def transaction(self) -> AbstractContextManager[None]:
        """A span whose appends share one commit. Reads inside see them; an exception takes all of them back."""

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries of *stream* in order; none for a stream that does not exist."""

    def scan(self, after: int = 0) -> Iterator[Entry]:
        """The whole log by position: the outbox of other systems."""

    def find(self, key: str) -> Found | None:
        """What was kept under *key*; asked before deciding, since a retry of what succeeded would be denied."""

    def select(self, query: Query) -> Iterator[tuple[str, Row]]:
        """Streams with their rows, ordered by the stream's name."""

    def row(self, stream: str) -> Row | None:
        """The row of *stream*."""

    def length(self, stream: str) -> int:
        """How many entries *stream* has."""

    def private(self, stream: str, seq: int) -> Mapping[str, Private]:
        """The personal values beside record *seq*, by path; without those erased."""

    def erase(self, values: Sequence[tuple[str, int, str]]) -> int:
        """Remove personal values, each named by stream, record and path, wherever the store can reach; how many there were.

        Records, hashes and proofs stay as they are. What is not there is passed over, so that it may be done again.

        Raises:
            StoreError: they could not be removed, or not from everywhere; do it again.
        """

    def verify(
        self,
        fold: Fold | None = None,
        checkpoint: Checkpoint | None = None,
        progress: Progress | None = None,
        *,
        since: Checkpoint | None = None,
        level: str = "semantics",
    ) -> Verification:
        """Check every byte, the tree, the streams, private values and, given *fold*, the rows; only up to *level*.

        *since* is the size and root of an earlier verification: what it covered is not looked at again.

        Raises:
            InvalidInput: a size and root that are none, or no such level.
        """

    def close(self) -> None:
        """Give back what the store holds open."""


class Log(Protocol):
    """The whole store as one RFC 6962 tree: what proofs are made of. Leaf index = position - 1."""

    @property
    def size(self) -> int:
        """How many records the log has."""

    def root(self, size: int | None = None) -> bytes:
        """The tree's root now, or when it had *size* records."""

    def leaf(self, index: int) -> bytes:
        """The leaf hash of one record."""

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that leaf *index* is in the tree of *size*."""

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the tree of *new* only added to the tree of *old*."""


class Anchor(Protocol):
    """Where the checkpoint that was signed last is kept: outside of the store that it is a checkpoint of."""

    def last(self) -> str | None:
        """The signed note kept last; None before the first."""

    def keep(self, note: str, after: str | None) -> None:
        """Keep *note* as the last, where *after* still is.

        Raises:
            Conflict: another one was kept meanwhile.
            StoreError: it cannot be kept.
        """


class People(Protocol):
    """Where authority comes from: an embedding system's own directory, or a `Roster`."""

    def grants(self, actor: str, at: int) -> Sequence[Grant]:
        """What *actor* may at *at*, with the decision that says so."""

    def holders(self, role: str, unit: str | None, at: int) -> Sequence[str]:
        """Who holds *role*, in *unit* or anywhere, at *at*."""

    def conflicts(self, actor: str, at: int) -> Collection[str]:
        """The people, as the parts of cases name them, in whose cases *actor* has an interest and takes no part."""
