"""Who looked at what, where an organization asks to know: reads and exports as records of the log.

Rule 1: off unless asked for. Where it is on, nothing is shown before it stands in the log who looks and what for.
Rule 2: a record names the case and what was asked, never what was shown.
Rule 3: reads of a case stand in a stream of their own beside it, those of lists and exports in one for all.
Rule 4: what an act reads to decide is no look of anybody, and is not recorded; a denied attempt is, always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from attrs import field, frozen

from .codec import decode, encode
from .errors import Conflict, InvalidInput, said
from .ports import Store, Write

__all__ = ["STREAM", "Denial", "Look", "Looks", "decided", "denials", "looks", "remember"]

STREAM = "trail/reads"
TRIES = 8


@frozen
class Look:
    """Somebody looked: *what* (``case``, ``history``, ``list``, ``overdue``, ``export`` ...), when (µs UTC), *by* whom and what *for*."""

    what: str
    at: int
    by: str
    purpose: str
    case: str | None = None
    asked: Mapping[str, Any] = field(factory=dict)


@frozen
class Denial:
    """An attempt that was denied: what *action* on which case, when (µs UTC), by whom, and the codes of the reasons."""

    case: str
    action: str
    at: int
    by: str
    codes: tuple[str, ...]


class Looks:
    """Notes looks into *store* while it is *on*; *recorded* is now (µs UTC)."""

    def __init__(self, store: Store, recorded: Callable[[], int], *, on: bool) -> None:
        self.on = on
        self._store, self._recorded = store, recorded
        self._reader: ContextVar[tuple[str, str] | None] = ContextVar("reader", default=None)

    @contextmanager
    def by(self, actor: str, purpose: str) -> Iterator[None]:
        """A span in which it is *actor* who looks, for a *purpose*.

        Raises:
            InvalidInput: nobody, or no purpose.
        """
        token = self._reader.set((said(actor, "by"), said(purpose, "purpose")))
        try:
            yield
        finally:
            self._reader.reset(token)

    def note(self, what: str, case: str | None = None, **asked: Any) -> None:
        """Record that somebody looks, before anything is shown.

        Raises:
            InvalidInput: looks are recorded here, and nobody said who looks.
            Conflict: other writers were first again and again.
        """
        if not self.on:
            return
        reader = self._reader.get()
        if reader is None:
            raise InvalidInput("who looks is recorded here; look inside `with org.reading(by=..., purpose=...)`", "by")
        record: dict[str, Any] = {"type": "read", "what": what, "at": self._recorded(), "by": reader[0], "purpose": reader[1]}
        if case is not None:
            record["case"] = case
        told = {name: value for name, value in asked.items() if value is not None}
        remember(self._store, _stream(case), record | ({"asked": told} if told else {}))


def _stream(case: str | None) -> str:
    return STREAM if case is None else f"{STREAM}/{case}"


def remember(store: Store, stream: str, record: Mapping[str, Any]) -> None:
    """Append *record* to *stream*, after whatever others append meanwhile.

    Raises:
        Conflict: other writers were first again and again.
    """
    decided(store, stream, lambda: ([record], ()))


def decided(
    store: Store,
    stream: str,
    decide: Callable[[], tuple[Iterable[Mapping[str, Any]], Iterable[Write]]],
    land: Callable[[Sequence[Write]], object] | None = None,
) -> None:
    """Append to *stream* the records that *decide* makes, with its other writes; made anew while others come between.

    What *decide* read of *stream* still holds when they land; so does what it read of those streams that it writes to, or
    holds to their length. Without records nothing is written. *land* appends them (default: the store).

    Raises:
        Conflict: other writers were first again and again.
    """
    for _ in range(TRIES):
        length = store.length(stream)
        records, more = decide()
        entries = tuple(encode({"stream": stream, "seq": length + n, **record}) for n, record in enumerate(records, 1))
        if not entries:
            return
        try:
            (land or store.append)([Write(stream, length, entries), *more])
        except Conflict:
            continue
        return
    raise Conflict(f"{stream}: other writers were first {TRIES} times; try again")


def looks(store: Store, case: str | None = None) -> tuple[Look, ...]:
    """Who looked at *case*, in order; without one, who looked at lists and took exports."""
    found = (decode(entry.data) for entry in store.read(_stream(case)))
    return tuple(Look(r["what"], r["at"], r["by"], r["purpose"], r.get("case"), r.get("asked", {})) for r in found)


def denials(store: Store, stream: str, case: str) -> tuple[Denial, ...]:
    """The denied attempts on *case*, which *stream* keeps."""
    found = (decode(entry.data) for entry in store.read(stream))
    return tuple(Denial(case, r["action"], r["at"], r["by"], tuple(r["codes"])) for r in found)
