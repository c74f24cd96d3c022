"""The log from a position as CloudEvents: what other systems follow, at least once.

    consumer: after = what it kept --> cloudevents(after) --> handle, keep `sequence` --> again

Rule 1: the log is the outbox. Nothing is kept for it; whoever follows keeps the position, and may ask again from an older one.
Rule 2: an id names one record for ever: its stream and number. Source and id together tell a repetition from news.
Rule 3: events come in the order of the log, and none is left out; `sequence` is the position.
Rule 4: the data is the record as stored: a personal value is its commitment and nothing else. `leafhash` is its leaf in the
tree, so that whoever follows can check what came against a signed checkpoint.

The envelope is a CloudEvent (CNCF CloudEvents 1.0.2); `sequence` and `recordedtime` are its documented extensions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from .codec import MAX_INT
from .ports import Entry, Store
from .trail import leaf_hash

__all__ = ["cloudevent", "cloudevents"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def cloudevents(store: Store, source: str, after: int = 0) -> Iterator[dict[str, Any]]:
    """The log from position *after* + 1 on; records appended meanwhile come too, as far as the store reads on."""
    log: Any = store
    for entry in store.scan(after):
        leaf = leaf_hash(entry.data) if entry.data else log.leaf((entry.position or 0) - 1)
        yield cloudevent(entry, source, leaf)


def cloudevent(entry: Entry, source: str, leaf: bytes) -> dict[str, Any]:
    """One record, whose hash is *leaf*, in the envelope of *source*; one that was pruned comes as ``qms.pruned``, without data."""
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{entry.stream}/{entry.seq}",
        "source": quote(source, safe="/:@"),
        "type": "qms.pruned",
        "subject": entry.stream,
        "sequence": f"{entry.position or 0:020}",
        "leafhash": leaf.hex(),
    }
    if not entry.data:
        return event
    record = json.loads(entry.data)
    at = record.get("at")
    times = {"time": record.get("occurred", at), "recordedtime": at}
    return event | {
        **{name: _time(instant) for name, instant in times.items() if type(instant) is int and abs(instant) <= MAX_INT},
        "type": f"qms.record.{record.get('type', 'other')}",
        "datacontenttype": "application/json",
        "data": record,
    }


def _time(at: int) -> str:
    """µs UTC as RFC 3339."""
    return (_EPOCH + timedelta(microseconds=at)).isoformat(timespec="microseconds").replace("+00:00", "Z")
