"""Definitions as retained records: every process, procedure, calendar and rule, published in full into the log, by hash.

Rule 1: a case names what it runs by with content hashes, and reads it from the log, not from a worker's memory.
Rule 2: a hash is published once; what was published is never revised (ISO 9001:2015, 7.5.3).
Rule 3: a long definition is published in parts that follow each other in one batch.
Rule 4: of calendars of one name the one published last is in force, or the one that a record puts in force after it. What is
in force is read from the log. While open cases may rest on an earlier one it is pending, until a record says that all of
them were looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from threading import Lock
from typing import Any

from attrs import frozen

from .authority import SYSTEM
from .calendar import WorkCalendar
from .codec import decode, encode
from .errors import Conflict, InvalidInput, NotFound
from .limits import CountingRule
from .ports import Store, Write
from .process import Bound, Procedure, Process

__all__ = ["STREAM", "Definitions", "PutInForce", "Withdrawn"]

STREAM = "definitions"
_PART = 12_000
"""Characters of a part: with four bytes a character it stays below the size of a record."""

Definition = Process | Procedure | WorkCalendar | CountingRule


@frozen
class PutInForce:
    """A calendar put in force: its *name* and *version*, the version *before*, *at* (µs UTC), *by* whom and why."""

    name: str
    version: str
    before: str | None
    at: int
    by: str
    reason: str | None = None


@frozen
class Withdrawn:
    """A process or procedure under which no case is opened any more: since when (µs UTC), by whom, why."""

    name: str
    version: str
    at: int
    by: str
    reason: str


class Definitions:
    """What is published in a store's log, and what is in force in this organization."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = 0
        self._last = b""
        self._lock = Lock()
        self._texts: dict[str, tuple[str, str, str]] = {}
        self._loaded: dict[str, Definition] = {}
        self._bound: dict[tuple[str, str | None], Bound] = {}
        self._put: dict[str, PutInForce] = {}
        self._pending: dict[str, PutInForce] = {}
        self._withdrawn: dict[str, Withdrawn] = {}
        self._times = 0
        self.refresh()

    @property
    def seen(self) -> int:
        """How many records of the log of definitions are known."""
        return self._seen

    @property
    def times(self) -> int:
        """How often what is in force was learned anew."""
        return self._times

    def current(self) -> None:
        """Read what others have added since, where they have."""
        if self._store.joined or self._store.length(STREAM) != self._seen:
            self.refresh()

    def refresh(self, *, anew: bool = False) -> None:
        """Read what others have published since; *anew*, or in a caller's transaction, forget what was taken back."""
        anew = anew or (self._store.joined and bool(self._seen) and not self._is_there())
        while True:  # the store is read before the lock is taken: a transaction may hold the store, and wait for the lock
            start = 0 if anew else self._seen
            entries = list(self._store.read(STREAM, start))
            with self._lock:
                if not anew and self._seen != start:
                    continue
                if anew:
                    self._times += 1
                    self._seen, self._texts, self._put, self._pending, self._withdrawn = 0, {}, {}, {}, {}
                for entry in entries:
                    self._take(decode(entry.data))
                    self._seen, self._last = entry.seq, entry.data
                return

    def _take(self, record: Mapping[str, Any]) -> None:
        kind = record.get("type")
        if kind == "published":
            _, _, text = self._texts.get(record["hash"], ("", "", ""))
            self._texts[record["hash"]] = (record["kind"], record["name"], text + record["text"])
            if record["kind"] == "calendar" and record["part"] == record["parts"]:
                self._put_in_force(record)
        elif kind == "put-in-force":
            self._put_in_force(record)
        elif kind == "withdrawn":
            self._withdrawn[record["hash"]] = Withdrawn(
                record["name"], record["hash"], record["at"], record["by"], record["reason"]
            )
        elif kind == "recalculated":
            put = self._pending.get(record["name"])
            if put is not None and put.version == record["hash"]:
                del self._pending[put.name]

    def _put_in_force(self, record: Mapping[str, Any]) -> None:
        name, version = record["name"], record["hash"]
        last = self._put.get(name)
        before = None if last is None else last.version
        if last is not None and before == version:  # published and put in force in one batch
            before = last.before
        put = PutInForce(name, version, before, record["at"], record["by"], record.get("reason"))
        self._put[name] = put
        self._times += 1
        if before is not None:
            self._pending[name] = put

    def in_force(self, name: str) -> PutInForce | None:
        """How the calendar of that name that is in force came to be so; None where none was published."""
        return self._put.get(name)

    @property
    def is_pending(self) -> bool:
        """Whether a calendar is in force by which not all open cases were looked at."""
        return bool(self._pending)

    def pending(self, name: str | None = None) -> PutInForce | None:
        """The calendar of that *name*, or any, that is in force while open cases may rest on an earlier one."""
        return next(iter(self._pending.values()), None) if name is None else self._pending.get(name)

    def name_of(self, key: str) -> str | None:
        """The name of the definition with that content hash; None where the log has none."""
        found = self._texts.get(key)
        return None if found is None else found[1]

    def _is_there(self) -> bool:
        return any(entry.data == self._last for entry in islice(self._store.read(STREAM, self._seen - 1), 1))

    def publish(self, definitions: Iterable[Definition], at: int, by: str = SYSTEM) -> tuple[str, ...]:
        """Publish those not yet in the log, in one batch; their hashes. *at* is µs UTC.

        Raises:
            StoreError: the store could not write; nothing was published.
        """
        wanted = {hash_of(definition): definition for definition in definitions}
        self._loaded |= wanted
        if self._store.joined:
            self.refresh()
        for _ in range(8):
            missing = {key: definition for key, definition in wanted.items() if key not in self._texts}
            if not missing:
                return ()
            entries = self._entries(missing, at, by)
            try:
                self._store.append([Write(STREAM, self._seen, entries)])
            except Conflict:
                self.refresh()
                continue
            self.refresh()
            return tuple(missing)
        raise Conflict("others keep publishing definitions; try again")

    def put_in_force(self, calendar: WorkCalendar, at: int, by: str = SYSTEM, reason: str | None = None) -> PutInForce:
        """Put *calendar* in force (at µs UTC), published with it where it is not in the log; again changes nothing.

        Raises:
            Conflict: others put definitions in force again and again.
        """
        self._loaded[calendar.version] = calendar
        for _ in range(8):
            self.refresh()
            put = self._put.get(calendar.name)
            told = put is not None and (put.name not in self._pending or put.reason or not reason)
            if put is not None and put.version == calendar.version and told:
                return put
            missing = {} if calendar.version in self._texts else {calendar.version: calendar}
            entries = self._entries(missing, at, by)
            record = {"stream": STREAM, "seq": self._seen + len(entries) + 1, "type": "put-in-force", "at": at, "by": by}
            record |= {"kind": "calendar", "name": calendar.name, "hash": calendar.version}
            try:
                self._store.append([Write(STREAM, self._seen, (*entries, encode(record | _why(reason))))])
            except Conflict:
                continue
        raise Conflict("others keep publishing definitions; try again")

    def withdrawn(self, key: str) -> Withdrawn | None:
        """How the definition with that content hash was withdrawn; None where it was not."""
        return self._withdrawn.get(key)

    def withdraw(self, definition: Process | Procedure, at: int, by: str, reason: str) -> Withdrawn:
        """Withdraw *definition*: no case is opened under it any more, and cases that run go on. Again changes nothing.

        Raises:
            NotFound: it is not published here.
            InvalidInput: no *reason*.
            Conflict: others put definitions in force again and again.
        """
        if not reason.strip():
            raise InvalidInput("withdrawing a definition needs a reason", "reason")
        key = hash_of(definition)
        for _ in range(8):
            self.refresh()
            if (found := self._withdrawn.get(key)) is not None:
                return found
            if key not in self._texts:
                raise NotFound(f"no definition {key} is published in this store")
            kind, name, _ = _described(definition)
            record = {
                "stream": STREAM,
                "seq": self._seen + 1,
                "type": "withdrawn",
                "at": at,
                "by": by,
                "kind": kind,
                "name": name,
            }
            try:
                self._store.append([Write(STREAM, self._seen, (encode(record | {"hash": key, "reason": reason}),))])
            except Conflict:
                continue
        raise Conflict("others keep publishing definitions; try again")

    def settle(self, put: PutInForce, at: int, by: str, moved: int) -> bool:
        """Record that every open case was looked at by the calendar *put* in force; whether it is so.

        Nothing is written where it is recorded already, or where another calendar of that name is in force by now.
        """
        for _ in range(8):
            self.refresh()
            pending, last = self._pending.get(put.name), self._put.get(put.name)
            if pending is None or pending.version != put.version:
                return last is not None and last.version == put.version
            record = {"stream": STREAM, "seq": self._seen + 1, "type": "recalculated", "at": at, "by": by, "kind": "calendar"}
            record |= {"name": put.name, "hash": put.version, "moved": moved}
            try:
                self._store.append([Write(STREAM, self._seen, (encode(record),))])
            except Conflict:
                continue
        raise Conflict("others keep publishing definitions; try again")

    def _entries(self, missing: Mapping[str, Definition], at: int, by: str) -> tuple[bytes, ...]:
        entries = []
        seq = self._seen
        for key, definition in missing.items():
            kind, name, tree = _described(definition)
            text = json.dumps(tree, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            parts = [text[i : i + _PART] for i in range(0, len(text), _PART)]
            for number, part in enumerate(parts, 1):
                seq += 1
                record = {"stream": STREAM, "seq": seq, "type": "published", "at": at, "by": by, "kind": kind, "name": name}
                entries.append(encode(record | {"hash": key, "part": number, "parts": len(parts), "text": part}))
        return tuple(entries)

    def published(self, kind: str | None = None) -> tuple[tuple[str, str, str], ...]:
        """What is in the log, as (kind, name, hash), in the order it was published."""
        return tuple((k, name, key) for key, (k, name, _) in list(self._texts.items()) if kind in (None, k))

    def load(self, key: str) -> Any:
        """The definition with that content hash, as it was published.

        Raises:
            NotFound: nothing of that hash is in the log.
        """
        if key not in self._loaded:
            if key not in self._texts:
                self.refresh()
            if key not in self._texts:
                raise NotFound(f"no definition {key} is published in this store")
            kind, _, text = self._texts[key]
            self._loaded[key] = _READERS[kind](json.loads(text))
        return self._loaded[key]

    def bound(self, process: str, procedure: str | None) -> Bound:
        """The process with hash *process*, its blanks filled by the procedure with hash *procedure*."""
        found = self._bound.get((process, procedure))
        if found is None:
            found = self.load(process).bind(self.load(procedure) if procedure else None)
            self._bound[process, procedure] = found
        return found


def hash_of(definition: Definition) -> str:
    """The content hash of a definition."""
    return definition.content_hash if isinstance(definition, (Process, Procedure)) else definition.version


def _why(reason: str | None) -> dict[str, str]:
    return {"reason": reason} if reason else {}


def _described(definition: Definition) -> tuple[str, str, Mapping[str, Any]]:
    if isinstance(definition, Process):
        return "process", definition.name, definition.tree
    if isinstance(definition, Procedure):
        return "procedure", definition.code, definition.tree
    if isinstance(definition, WorkCalendar):
        return "calendar", definition.name, definition.to_tree()
    if isinstance(definition, CountingRule):
        return "rule", definition.name, definition.to_tree()
    raise InvalidInput(f"{definition!r} is no definition")


_READERS: dict[str, Callable[[Any], Definition]] = {
    "process": Process.from_tree,
    "procedure": Procedure.from_tree,
    "calendar": WorkCalendar.from_tree,
    "rule": CountingRule.from_tree,
}
