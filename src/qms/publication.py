"""Definitions as retained records: every process, procedure, calendar and rule, published in full into the log, by hash.

Rule 1: a case names what it runs by with content hashes, and reads it from the log, not from a worker's memory.
Rule 2: a hash is published once; what was published is never revised (ISO 9001:2015, 7.5.3).
Rule 3: a long definition is published in parts that follow each other in one batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from threading import Lock
from typing import Any

from .authority import SYSTEM
from .calendar import WorkCalendar
from .codec import decode, encode
from .errors import Conflict, InvalidInput, NotFound
from .limits import CountingRule
from .ports import Store, Write
from .process import Bound, Procedure, Process

__all__ = ["STREAM", "Definitions"]

STREAM = "definitions"
_PART = 12_000
"""Characters of a part: with four bytes a character it stays below the size of a record."""

Definition = Process | Procedure | WorkCalendar | CountingRule


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
        self.refresh()

    def refresh(self) -> None:
        """Read what others have published since; in a caller's transaction, forget what the caller has taken back."""
        with self._lock:
            if self._store.joined and self._seen and not self._is_there():
                self._seen = 0
                self._texts.clear()
            for entry in self._store.read(STREAM, self._seen):
                record = decode(entry.data)
                self._seen, self._last = entry.seq, entry.data
                if record.get("type") == "published":
                    _, _, text = self._texts.get(record["hash"], ("", "", ""))
                    self._texts[record["hash"]] = (record["kind"], record["name"], text + record["text"])

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
