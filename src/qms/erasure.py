"""Personal values erased, and kept: what may be erased when, by whose decision, and what then remains.

    erase:  nothing keeps it? --> the fact into the log --> the values removed wherever the store reaches

Rule 1: a record holds a salted commitment, the value lies beside the log. Erasing removes the value and its salt; the record,
its hash and every proof stay, and nobody can guess the value from what is left.
Rule 2: the fact goes first: who erased what, why, by which decision. What was recorded and not yet removed is removed by
whoever erases next, so that a crash in between leaves nothing half done.
Rule 3: what must be kept is not erased: an open case, one within its time of retention, one under a legal hold. The denial says
until when, or by which decision.
Rule 4: holds, releases, erasures and prunings stand in one stream, so that each is decided knowing those before it. A case that
changes meanwhile is looked at again.
Rule 5: a value that is gone without such a record was not erased, but lost: `verify` finds it, and `missing` names all.

ISO 9001:2015, 7.5.3.2 (retention and disposition of documented information); Law 91/2025/QH15 on personal data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from .codec import decode
from .errors import Denied, InvalidInput, NotFound, Reason, said
from .ports import Query, Store, Write
from .reading import decided
from .trail import KEEPING, sealed

__all__ = [
    "Erasure",
    "Hold",
    "Kept",
    "Personal",
    "erase",
    "erasures",
    "finish",
    "hold",
    "holds",
    "missing",
    "personal",
    "reasons",
]

_MOST = 200
"""Values named by one record: it stays below the size of a record."""

Value = tuple[str, int, str]
"""A personal value by the stream, the number and the path of its place."""

Kept = Callable[[str], Iterable[Reason]]
"""What keeps the values of a case from being erased."""


@frozen
class Erasure:
    """Personal values erased: which, when (µs UTC), by whom, on what basis."""

    values: tuple[Value, ...]
    at: int
    by: str
    basis: str


@frozen
class Hold:
    """A case whose values are kept for a dispute or an inspection: since when (µs UTC), by whom, on what basis."""

    case: str
    at: int
    by: str
    basis: str


@frozen
class Personal:
    """A personal value as a view shows it: its place, and the value, or None where it was erased."""

    seq: int
    path: str
    value: Any
    erased: Erasure | None = None

    def text(self, language: str = "en") -> str:
        """The value, or that it was erased, in ``en`` or ``vi``."""
        if self.erased is not None:
            return {"en": "erased", "vi": "đã xóa"}[language]
        return str(self.value)


def erase(
    store: Store,
    cases: Collection[str],
    *,
    at: int,
    by: str,
    basis: str,
    paths: Collection[str] | None = None,
    kept: Kept | None = None,
) -> Erasure:
    """Erase the personal values of *cases*, those at *paths* (``form.applicant``; one path is a text) or all; at µs UTC.

    Raises:
        Denied: something keeps them; every reason for every case. Nothing was erased.
        InvalidInput: no basis, nobody who erases, or a path at which no record of these cases has a personal value.
        StoreError: they are recorded as erased, and could not be removed from everywhere yet; do it again.
    """
    said(by, "by")
    said(basis, "basis")
    names = tuple(dict.fromkeys(cases))
    asked = (paths,) if isinstance(paths, str) else paths
    finish(store)
    values: tuple[Value, ...] = ()

    def decide() -> tuple[list[dict[str, Any]], list[Write]]:
        nonlocal values
        held = [Write(name, store.length(name), ()) for name in names]
        if against := reasons(store, names, kept):
            raise Denied(against)
        if asked is not None:
            _known(store, names, asked)
        values = tuple(value for name in names for value in _values(store, name, asked))
        parts = [values[start : start + _MOST] for start in range(0, len(values), _MOST)]
        told = {"type": "erased", "at": at, "by": by, "basis": basis}
        return [told | {"values": [list(value) for value in part]} for part in parts], held

    decided(store, KEEPING, decide)
    store.erase(values)
    return Erasure(values, at, by, basis)


def _known(store: Store, cases: Iterable[str], paths: Collection[str]) -> None:
    there = {path for case in cases for entry in store.read(case) if entry.data for path, _ in sealed(json.loads(entry.data))}
    if unknown := [path for path in paths if path not in there]:
        raise InvalidInput(
            f"no personal value stands at {', '.join(map(repr, unknown))}; there are {', '.join(sorted(there)) or 'none'}",
            "paths",
        )


def reasons(store: Store, cases: Iterable[str], kept: Kept | None = None) -> tuple[Reason, ...]:
    """Everything that keeps the personal values of *cases*: holds, and what *kept* says of each."""
    named, on_hold = tuple(cases), {held.case: held for held in holds(store)}
    held = [Reason("on-hold", case=one, basis=on_hold[one].basis, by=on_hold[one].by) for one in named if one in on_hold]
    return (*held, *(reason for one in named for reason in (kept(one) if kept is not None else ())))


def finish(store: Store) -> int:
    """Remove what was recorded as erased and is still there; how many values that were."""
    return store.erase([value for erasure in erasures(store) for value in erasure.values])


def _values(store: Store, case: str, paths: Collection[str] | None) -> Iterator[Value]:
    for seq in range(1, store.length(case) + 1):
        yield from ((case, seq, path) for path in store.private(case, seq) if paths is None or path in paths)


def of_subject(store: Store, subject: str) -> tuple[str, ...]:
    """The cases whose subject is *subject*."""
    return tuple(stream for stream, _ in store.select(Query(subject=subject)))


def erasures(store: Store) -> tuple[Erasure, ...]:
    """Every erasure that the log records."""
    found = (decode(entry.data) for entry in store.read(KEEPING))
    return tuple(
        Erasure(tuple((s, n, p) for s, n, p in record["values"]), record["at"], record["by"], record["basis"])
        for record in found
        if record.get("type") == "erased"
    )


def hold(store: Store, cases: Sequence[str], *, at: int, by: str, basis: str, release: bool = False) -> None:
    """Keep the values of *cases* whatever their retention says, or *release* them again.

    Raises:
        InvalidInput: no case, no basis, nobody who decides, or a release of what is not on hold.
        NotFound: no such case.
    """
    said(by, "by")
    said(basis, "basis")
    names = list(dict.fromkeys(cases)) if all(type(name) is str for name in cases) else []
    if not names:
        raise InvalidInput(f"a hold names its cases, each as a text of its own, not {cases!r}", "cases")
    if missing := [name for name in names if not store.length(name)]:
        raise NotFound(f"no case {', '.join(map(repr, missing))} in this store; nothing was held or released")

    def decide() -> tuple[list[dict[str, Any]], tuple[()]]:
        free = set(names) - {held.case for held in holds(store)}
        if release and free:
            raise InvalidInput(f"{', '.join(sorted(free))}: not on hold", "cases")
        return [{"type": "released" if release else "held", "at": at, "by": by, "basis": basis, "cases": names}], ()

    decided(store, KEEPING, decide)


def holds(store: Store) -> tuple[Hold, ...]:
    """The cases that are on hold now."""
    found: dict[str, Hold] = {}
    for entry in store.read(KEEPING):
        record = decode(entry.data)
        for case in record["cases"] if record["type"] in ("held", "released") else ():
            found.pop(case, None)
            if record["type"] == "held":
                found[case] = Hold(case, record["at"], record["by"], record["basis"])
    return tuple(found.values())


def personal(store: Store, case: str) -> tuple[Personal, ...]:
    """The personal values of *case* in the order of its records; those that were erased say so."""
    gone = {value: erasure for erasure in erasures(store) for value in erasure.values}
    told = []
    for entry in store.read(case):
        beside = store.private(case, entry.seq)
        for path, _ in sealed(json.loads(entry.data or b"{}")):
            if path in beside:
                told.append(Personal(entry.seq, path, decode(beside[path].value)))
            else:
                told.append(Personal(entry.seq, path, None, gone.get((case, entry.seq, path))))
    return tuple(told)


def missing(store: Store) -> Iterator[Value]:
    """The personal values that records commit to, that are not there, and of which no erasure is recorded: lost or removed."""
    gone = {value for erasure in erasures(store) for value in erasure.values}
    for entry in store.scan():
        if b'"sealed"' in entry.data:
            beside = store.private(entry.stream, entry.seq)
            for path, _ in sealed(json.loads(entry.data)):
                if path not in beside and (entry.stream, entry.seq, path) not in gone:
                    yield entry.stream, entry.seq, path
