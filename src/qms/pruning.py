"""Sealed prefixes pruned: the bodies of old records dropped, their hashes kept, by a decision that stands in the log.

Rule 1: only what a signed checkpoint covers is pruned, so that what is dropped was proved to have been there.
Rule 2: of that, the records of cases that have ended with their whole family, that nothing keeps, no hold and no time of
retention, and that no personal values are left of. Definitions, the trail's own records and open cases keep their bodies.
Rule 3: the decision and the dropping land together or not at all: by whom, on what basis, under which checkpoint. Each pruned
case ends with a record that says so, which no later act can follow, and without which a missing body is a fault.
Rule 4: leaves stay, so the tree, its root and every proof of the rest stay; `verify` says what was pruned by whose decision.

C2SP tlog-tiles, "Pruning".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from .codec import decode, encode
from .erasure import Kept, reasons
from .errors import InvalidInput, said
from .ports import Query, Store, Write
from .reading import decided
from .trail import KEEPING

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
    kept: Kept | None,
    family: Callable[[str], tuple[str, ...]],
    forget: Callable[[str], object],
) -> Pruning:
    """Drop the bodies of ended cases among the first *size* records of *store*, which a signed checkpoint covers.

    *family* gives all cases that a case belongs with, itself among them. *forget* is told each case, so that none is shown
    from memory.

    Raises:
        InvalidInput: no basis, nobody who decides, or a store that cannot prune.
        StoreError: it cannot be written.
    """
    drop: Any = getattr(store, "prune", None)
    if drop is None:
        raise InvalidInput("this store cannot be pruned; a SQLite file can, and a log in PostgreSQL", "store")
    said(by, "by")
    said(basis, "basis")
    facts = {"type": "pruned", "at": at, "by": by, "basis": basis, "size": size, "root": root.hex()}
    lengths: dict[str, int] = {}

    def decide() -> tuple[list[Mapping[str, Any]], list[Write]]:
        lengths.clear()
        for each in _families(store, family):
            told = {name: store.length(name) for name in each}
            if all(_may(store, name, size, kept) for name in each):
                lengths.update(told)
        ends = [Write(name, n, (encode({"stream": name, "seq": n + 1, **facts}),)) for name, n in lengths.items()]
        return [facts | {"cases": len(lengths), "records": sum(lengths.values())}] if lengths else [], ends

    decided(store, KEEPING, decide, lambda writes: drop(writes, tuple(lengths), size))
    for name in lengths:
        forget(name)
    return Pruning(size, root, len(lengths), sum(lengths.values()), at, by, basis)


def _families(store: Store, family: Callable[[str], tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The families of the ended cases, each once."""
    seen: set[str] = set()
    for name in [name for name, _ in store.select(Query(open=False))]:
        if name not in seen:
            found = family(name)
            seen.update(found)
            yield found


def _may(store: Store, case: str, size: int, kept: Kept | None) -> bool:
    """Whether *case* may be pruned: covered, nothing keeps it, and no personal values are left."""
    entries = list(store.read(case))
    if not entries or any(entry.position is None or entry.position > size for entry in entries):
        return False
    return not reasons(store, [case], kept) and not any(store.private(case, entry.seq) for entry in entries)


def prunings(store: Store) -> Sequence[Pruning]:
    """Every decision to prune that the log records."""
    found = (decode(entry.data) for entry in store.read(KEEPING))
    return tuple(
        Pruning(r["size"], bytes.fromhex(r["root"]), r["cases"], r["records"], r["at"], r["by"], r["basis"])
        for r in found
        if r["type"] == "pruned"
    )
