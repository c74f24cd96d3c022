"""Sealed prefixes pruned: the bodies of old records dropped, their hashes kept, by a decision that stands in the log.

Rule 1: only what a signed checkpoint covers is pruned, so that what is dropped was proved to have been there.
Rule 2: of that, the records of cases that have ended, that nothing keeps, and that no personal values are left of.
Definitions, the trail's own records and open cases keep their bodies: the log still tells what is in force and by whom.
Rule 3: the decision goes first: by whom, on what basis, under which checkpoint. What it names and is still there is pruned by
whoever prunes next.
Rule 4: leaves stay, so the tree, its root and every proof of the rest stay; `verify` says what was pruned by whose decision.

C2SP tlog-tiles, "Pruning".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from .codec import decode
from .errors import InvalidInput
from .ports import Query, Store
from .reading import remember
from .trail import PRUNED

__all__ = ["Pruning", "prune", "prunings"]


@frozen
class Pruning:
    """A decision: the first *size* records under *root* may lack their bodies; so many *cases* were chosen, of so many *records*. At µs UTC."""

    size: int
    root: bytes
    cases: int
    records: int
    at: int
    by: str
    basis: str


def prune(
    store: Store,
    size: int,
    root: bytes,
    *,
    at: int,
    by: str,
    basis: str,
    kept: Callable[[str], Iterable[object]] | None,
    forget: Callable[[str], object] | None = None,
) -> Pruning:
    """Drop the bodies of ended cases among the first *size* records of *store*, which a signed checkpoint covers.

    *forget* is told each case, so that none is shown from memory.

    Raises:
        InvalidInput: no basis, nobody who decides, or a store that cannot prune.
        StoreError: recorded, and not carried out yet; do it again.
    """
    drop: Any = getattr(store, "prune", None)
    if drop is None:
        raise InvalidInput("this store cannot be pruned; a SQLite file can, and a log in PostgreSQL", "store")
    if not basis.strip() or not by.strip():
        raise InvalidInput("pruning needs the basis on which it is done, and who decides", "basis")
    streams = tuple(_chosen(store, size, kept))
    records = sum(store.length(stream) for stream in streams)
    record = {"type": "pruned", "at": at, "by": by, "basis": basis, "size": size, "root": root.hex()}
    remember(store, PRUNED, record | {"cases": len(streams), "records": records})
    drop(streams, size)
    if forget is not None:
        for stream in streams:
            forget(stream)
    return Pruning(size, root, len(streams), records, at, by, basis)


def _chosen(store: Store, size: int, kept: Callable[[str], Iterable[object]] | None) -> Iterator[str]:
    """The cases that may be pruned."""
    for stream, _ in store.select(Query(open=False)):
        entries = list(store.read(stream))
        last = entries[-1].position
        if last is None or last > size or any(store.private(stream, entry.seq) for entry in entries):
            continue
        if kept is None or not any(True for _ in kept(stream)):
            yield stream


def prunings(store: Store) -> Sequence[Pruning]:
    """Every decision to prune that the log records."""
    found = (decode(entry.data) for entry in store.read(PRUNED))
    return tuple(
        Pruning(r["size"], bytes.fromhex(r["root"]), r["cases"], r["records"], r["at"], r["by"], r["basis"]) for r in found
    )
