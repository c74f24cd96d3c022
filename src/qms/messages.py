"""Messages between organizations: what a case asks another office to open, and what becomes of it there.

    outbox(after) --> carried by whatever carries messages, at least once --> arrive(message)

Rule 1: the outbox is the log read from a position; nothing is kept for it, and it can be read again.
Rule 2: an arrival is idempotent: a case is opened once under its id, and news older than what is known is none.
Rule 3: a message holds opaque ids, dates and outcomes; no personal data.

The envelope is a CloudEvent (CNCF CloudEvents 1.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
from attrs import field, frozen

from .authority import SYSTEM
from .case import Allowed, decide
from .casebook import TRIES, Casebook, after, is_end_of_pruned, names_a_case, news
from .errors import Conflict, Denied, InvalidInput, NotFound
from .event import Opened, Told, When, read
from .state import Case, evolve

__all__ = ["Message", "arrive", "outbox"]

_TYPES = {"asked": "qms.child.asked", "told": "qms.child.told"}


@frozen
class Message:
    """What one organization tells another: `asked` to open a child, or what was `told` of one. Instants in µs UTC.

    *position* is its place in the log of the sender; *at* how many events the child had.
    """

    kind: str
    sender: str
    position: int
    parent: str
    child: str
    link: str
    process: str
    recorded: int
    to: str | None = None
    request: Mapping[str, Any] = field(factory=dict)
    unit: str | None = None
    open: bool = True
    outcome: str | None = None
    due: int | None = None
    ended: int | None = None
    late: bool = False
    at: int = 0
    marks: tuple[str, ...] = ()

    def to_cloudevent(self) -> dict[str, Any]:
        """The message as a CloudEvent; `from_cloudevent` reads it."""
        data = attrs.asdict(self)
        time = datetime.fromtimestamp(self.recorded / 1_000_000, UTC).isoformat().replace("+00:00", "Z")
        kind = _TYPES[self.kind]
        return {
            "specversion": "1.0",
            "id": f"{self.position}/{self.child}",
            "source": self.sender,
            "type": kind,
            "subject": self.child,
            "time": time,
            "datacontenttype": "application/json",
            "data": data,
        }

    @classmethod
    def from_cloudevent(cls, event: Mapping[str, Any]) -> Message:
        """The message in a CloudEvent.

        Raises:
            InvalidInput: it is none of ours, or something of it is missing or unknown.
        """
        try:
            if event["type"] not in _TYPES.values():
                raise InvalidInput(f"{event['type']!r} is no message of ours; known: {', '.join(_TYPES.values())}", "type")
            data = dict(**event["data"])
            return cls(**data | {"marks": tuple(data.get("marks", ()))})
        except (KeyError, TypeError) as error:
            raise InvalidInput(f"this is no message: {type(error).__name__} {error}") from error


def outbox(book: Casebook, after: int = 0) -> Iterator[Message]:
    """What other organizations are to know, from the position after *after* on, in order."""
    folded: dict[str, Case] = {}
    for entry in book.store.scan(after):
        if not names_a_case(entry.stream) or not entry.data or is_end_of_pruned(entry.data):
            continue
        event = read(entry.data)
        position = entry.position or 0
        if isinstance(event, Told) and event.asked is not None:
            case = book.folded(entry.stream, entry.seq)
            yield Message(
                "asked",
                book.name,
                position,
                entry.stream,
                event.child,
                event.link,
                event.kind,
                event.when.recorded,
                event.elsewhere,
                dict(event.asked),
                event.asked.get("unit", case.unit),
            )
            continue
        if isinstance(event, Opened) or entry.stream in folded:
            case = evolve(folded.get(entry.stream), event)
        else:
            case = book.folded(entry.stream, entry.seq)
        source = case.origin.source
        if case.origin.link is None or source is None or book.store.length(source):
            continue
        folded[entry.stream] = case
        told = news(case, case, event.when.recorded, event.when.recorded)
        yield Message(
            "told",
            book.name,
            position,
            source,
            case.id,
            told.link,
            told.kind,
            event.when.recorded,
            open=told.open,
            outcome=told.outcome,
            due=told.due,
            ended=told.ended,
            late=told.late,
            at=told.at,
            marks=told.marks,
        )


def arrive(book: Casebook, message: Message) -> bool:
    """Take in a *message*; False where it is no news.

    Raises:
        NotFound: news of a child of a case that is not here, or a process or procedure that is not in force.
        Denied: the case that is asked for cannot be opened so.
        Conflict: other writers were first again and again.
    """
    return _open(book, message) if message.kind == "asked" else _tell(book, message)


def _open(book: Casebook, message: Message) -> bool:
    if book.store.length(message.child):
        return False
    recorded, asked = book.recorded(), message.request
    when = When(recorded, recorded)
    process = None if asked.get("procedure") else asked.get("process")
    opened, bound = book.opening(
        process, asked.get("procedure"), message.child, SYSTEM, when, message.unit, message.parent, message.link
    )
    case = evolve(None, opened)
    decision = decide(case, asked["action"], SYSTEM, asked.get("form"), when, book.context(bound, SYSTEM, recorded))
    if not isinstance(decision, Allowed):
        raise Denied(decision.reasons)
    try:
        seen = book.definitions.seen
        book.append(case, bound, (opened, *decision.events), decision.raises, None, length=0, seen=seen)
    except Conflict:
        return False  # the same message came twice at once
    return True


def _tell(book: Casebook, message: Message) -> bool:
    for _ in range(TRIES):
        seen = book.definitions.seen
        parent = book.current(message.parent, fresh=True)
        known = parent.children.get(message.child)
        if known is None or known.elsewhere is None:
            raise NotFound(f"{message.parent} asked nobody for {message.child}")
        if known.at >= message.at:
            return False
        recorded = book.recorded()
        if book.settle(parent, recorded, recorded):
            continue
        bound = book.bound(parent)
        first = book.lapsed(parent, recorded, book.context(bound, SYSTEM, recorded))
        now = after(parent, first.events)
        ended = message.ended if message.ended is not None else recorded
        told = Told(
            now.seq + 1,
            SYSTEM,
            When(min(ended, recorded), recorded, None if ended >= recorded else "as it was told"),
            message.child,
            known.link,
            known.kind,
            message.open,
            message.outcome,
            message.due,
            message.ended,
            message.late,
            message.at,
            known.elsewhere,
            marks=message.marks,
        )
        then = book.lapsed(evolve(now, told), recorded, book.context(bound, SYSTEM, recorded))
        events = (*first.events, told, *then.events)
        try:
            book.append(parent, bound, events, (*first.raises, *then.raises), None, length=parent.seq, seen=seen)
        except Conflict:
            continue
        return True
    raise Conflict(f"{message.parent}: other writers were first {TRIES} times; try again")
