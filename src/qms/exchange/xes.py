"""XES (IEEE 1849-2016), plain or gzip, read in one pass: what the file says, trace by trace, and what is wrong with its form.

Rule 1: nothing is applied that nobody asked for: globals and classifiers are kept in the header and change no event.
Rule 2: an *error* is what leaves no log (no ``<log>``, an element of the structure inside another's place, broken XML) or a part
        of the header that cannot be read; all errors of the header come at once. Inside a trace a value that cannot be read
        is a *fault* of its event, and the rest is read. What is merely not as the standard has it is a *warning*. Each names
        element and line.
Rule 3: a document type definition is refused, so there are no entities to expand and nothing is fetched; what is nested
        deeper than 100 elements, or a single tag of more than 4 MB, is refused too. Names are taken without their namespace.
Rule 4: memory holds one trace at a time, and a bounded number of warnings.

The parser is the standard library's expat with those refusals, not `defusedxml`: that makes the same three handlers raise,
but hands out trees without line numbers. XES 1.0 to 2.0 and files without a version read alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.parsers import expat

from attrs import Factory, define, field, frozen

from ..errors import InvalidInput, Problem
from .eventlog import plain_bytes, reading, size_of

__all__ = ["Container", "Id", "Nested", "Value", "XesEvent", "XesFault", "XesFile", "XesHeader", "XesTrace"]

CHUNK = 1 << 18
LONGEST = 1 << 22
"""The longest tag, in bytes, that is read."""
DEEPEST = 100
WARNINGS = 1_000
"""How many warnings are kept; the others are counted."""


class Id(str):
    """A value of the type ``id``."""

    __slots__ = ()


@frozen
class Container:
    """A ``list`` (or a ``container`` of XES 2.0): its items, which may share keys, in their order."""

    items: tuple[tuple[str, Value], ...] = ()


@frozen
class Nested:
    """A value with attributes of its own."""

    value: Scalar | Container
    attributes: dict[str, Value]


Scalar = str | int | float | bool | datetime
Value = Scalar | Container | Nested


@frozen
class XesFault:
    """A value inside a trace that could not be read: *element* at *line*, under *key* ('' where it has none)."""

    line: int
    element: str
    key: str
    message: str


@define
class XesEvent:
    """An event: its attributes in the order of the file, where it begins, and what of it could not be read."""

    attributes: dict[str, Value]
    line: int
    faults: list[XesFault] = Factory(list)


@define
class XesTrace:
    """A trace: its attributes and events. `number` counts from 1; 0 is an event that stands in no trace."""

    attributes: dict[str, Value]
    events: list[XesEvent]
    line: int
    number: int
    faults: list[XesFault] = Factory(list)


@define
class XesHeader:
    """What stands before the traces: attributes, extensions by prefix, globals by scope, classifiers by name with their keys."""

    version: str | None = None
    attributes: dict[str, Value] = Factory(dict)
    extensions: dict[str, str] = Factory(dict)
    globals: dict[str, dict[str, Value]] = Factory(dict)
    classifiers: dict[str, tuple[str, ...]] = Factory(dict)


class XesFile:
    """The traces of the file at *path*, read anew at each iteration; header and warnings grow while it is read.

    *progress* is called with the bytes read so far, of `size`.
    """

    def __init__(self, path: str | Path, progress: Callable[[int], None] | None = None) -> None:
        self.path = Path(path)
        self.header = XesHeader()
        self.warnings: list[Problem] = []
        self.warned = 0
        self.size = size_of(self.path)
        self._progress = progress

    def __iter__(self) -> Iterator[XesTrace]:
        """The traces in the order of the file, and each event outside of them as a trace of number 0.

        Raises:
            InvalidInput: the file is no log, or damaged; with the line, and the errors of the header all at once.
        """
        self.header = XesHeader()
        self.warnings.clear()
        self.warned = 0
        builder = _Builder(self)
        place = [0]
        with reading(self.path, place) as raw:
            plain = plain_bytes(raw)
            fed = 0
            try:
                while data := plain.read(CHUNK):
                    fed += len(data)
                    builder.parser.Parse(data, False)
                    place[0] = builder.parser.CurrentLineNumber
                    if fed - builder.parser.CurrentByteIndex > LONGEST:
                        raise builder.error(f"one tag or text is longer than {LONGEST >> 20} MB; this is no log")
                    yield from builder.finished()
                    if self._progress is not None:
                        self._progress(raw.tell())
                builder.parser.Parse(b"", True)
            except expat.ExpatError as error:
                why = expat.errors.messages.get(error.code, str(error.code))
                hint = "; the file is cut short, fetch it again" if error.code in _CUT_SHORT else ""
                where = f"{self.path}: line {error.lineno}, column {error.offset}"
                raise InvalidInput([*builder.errors, Problem(where, f"no XML: {why}{hint}")]) from error
            except (ValueError, LookupError) as error:  # an encoding that Python does not know, or bytes it cannot read
                if isinstance(error, InvalidInput):
                    raise
                raise InvalidInput(f"cannot be read: {error}", f"{self.path}: line {place[0]}") from error
            builder.check()
            yield from builder.finished()


_CUT_SHORT = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)

# Values

_WHOLE = re.compile(r"[+-]?[0-9]+").fullmatch
_REAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN").fullmatch
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def _whole(text: str) -> int:
    if len(text) > 400 or not _WHOLE(text.strip()):
        raise ValueError(f"{text[:40]!r} is no whole number")
    return int(text)


def _real(text: str) -> float:
    if not _REAL(text.strip()):
        raise ValueError(f"{text[:40]!r} is no number")
    return float(text)


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.strip()]
    except KeyError:
        raise ValueError(f"{text[:40]!r} is neither true nor false") from None


def _date(text: str) -> datetime:
    told = text if text[4:5] == "-" else text.strip()
    try:
        if told[4:5] == "-" == told[7:8]:
            return datetime.fromisoformat(told)
    except ValueError as error:
        raise ValueError(_no_date(text)) from error
    raise ValueError(_no_date(text))


def _no_date(text: str) -> str:
    return f"{text[:40]!r} is no date and time like 2011-10-11T13:45:40.276+02:00"


_READ: dict[str, Callable[[str], Scalar] | None] = {
    "string": None,
    "date": _date,
    "int": _whole,
    "float": _real,
    "boolean": _boolean,
    "id": Id,
}
_ATTRIBUTES = frozenset((*_READ, "list", "container"))
_RANKS = {"extension": 0, "global": 1, "classifier": 2, "trace": 4, "event": 5}
_ATTRIBUTE_RANK = 3
_STRUCTURE = frozenset((*_RANKS, "log"))
_ALLOWED = {
    "log": frozenset(("xes.version", "xes.features", "version")),
    "extension": frozenset(("name", "prefix", "uri")),
    "global": frozenset(("scope",)),
    "classifier": frozenset(("name", "scope", "keys")),
    "values": frozenset(("key",)),
    "trace": frozenset(),
    "event": frozenset(),
}
_NEEDED = {"extension": ("name", "prefix", "uri"), "global": ("scope",), "classifier": ("name", "keys")}
_EXTENSION_TYPES = {
    "concept": {"concept:name": "string", "concept:instance": "string"},
    "lifecycle": {"lifecycle:transition": "string", "lifecycle:model": "string", "lifecycle:state": "string"},
    "org": {"org:resource": "string", "org:role": "string", "org:group": "string"},
    "time": {"time:timestamp": "date"},
    "identity": {"identity:id": "id"},
}
_QUOTED_KEYS = re.compile(r"'([^']*)'|(\S+)")


# Building


class _Late(dict[str, Any]):
    """The place of a trace's attributes once an event of it was read: what comes now is out of order."""


@define(eq=False)
class _Open:
    """An attribute that is still open, off the beaten track: its value, what stands in it, and where it belongs."""

    key: str
    value: Any
    put: Callable[[str, Value], None]
    items: list[tuple[str, Value]] | None = None
    attributes: dict[str, Value] = field(factory=dict)
    late: bool = False


_LOG, _SKIPPED, _LEAF = object(), object(), object()


class _Builder:
    """What the parser calls. The stack holds, for each open element, the table its attributes go to.

    On the beaten track (a plain attribute of an event or a trace) that table is a dict on top, and the open attribute is its
    key, a str; whatever else stands there takes the slow way.
    """

    def __init__(self, file: XesFile) -> None:
        self.file = file
        self.header = file.header
        self.errors: list[Problem] = []
        self.done: list[XesTrace] = []
        self.stack: list[Any] = []
        self.names: dict[str, str] = {}
        self.plain: dict[str, tuple[str, Callable[[str], Scalar] | None]] = {}
        self.types: dict[str, str] = {}
        self.trace: XesTrace | None = None
        self.event: XesEvent | None = None
        self.traces = 0
        self.rank = 0
        self.declared: dict[str, dict[str, str]] = {"event": {}, "trace": {}, "": {}}
        self.scope = ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = _handlers(self)
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.parser.EntityDeclHandler = self.refuse_doctype
        self.parser.ExternalEntityRefHandler = self.refuse_doctype

    def refuse_doctype(self, *_: Any) -> int:
        raise self.error("a document type definition; a log has none, and entities are not expanded: remove it")

    def error(self, message: str, element: str = "") -> InvalidInput:
        """All errors so far, and this one."""
        return InvalidInput([*self.errors, self.problem(message, element, self.file.path)])

    def problem(self, message: str, element: str, path: Path | None = None) -> Problem:
        line = f"line {self.parser.CurrentLineNumber}" + (f", <{element}>" if element else "")
        return Problem(f"{path}: {line}" if path is not None else line, message)

    def warn(self, message: str, element: str) -> None:
        self.file.warned += 1
        if len(self.file.warnings) < WARNINGS:
            self.file.warnings.append(self.problem(message, element))

    def check(self) -> None:
        """Raise the errors of the header, if any."""
        if self.errors:
            raise InvalidInput(self.errors)

    def finished(self) -> Iterator[XesTrace]:
        done, self.done = self.done, []
        yield from done

    # Elements

    def start_slowly(self, name: str, top: Any, given: list[str]) -> None:
        local = self.names.get(name)
        if local is None:
            local = name.rpartition(" ")[2]
            if len(self.names) < WARNINGS:
                self.names[name] = local
            if local in _READ:
                self.plain[name] = (local, _READ[local])
        in_trace = self.trace is not None and (type(top) is _Late or top is self.trace.attributes)
        if in_trace and local == "event":
            self.begin_event(given)
            return
        if len(self.stack) >= DEEPEST:
            raise self.error(f"nested deeper than {DEEPEST} elements; this is no log", local)
        table = dict(zip(given[::2], given[1::2], strict=True))
        if top is None:
            self.begin_log(local, table)
        elif top is _SKIPPED and local not in _STRUCTURE:
            self.stack.append(_SKIPPED)
        elif local in _ATTRIBUTES:
            self.begin_attribute(local, table, top)
        elif local == "values" and type(top) is _Open and top.items is not None:
            self.note_extra(local, table)
            top.late = True
            self.stack.append(_Values(top))
        elif top is _LOG and local in _RANKS:
            self.begin_part(local, table)
        elif local in _STRUCTURE:
            raise self.error(f"<{local}> cannot stand here; close the element before it", local)
        else:
            self.warn("is no element of XES, and is left out with all in it", local)
            self.stack.append(_SKIPPED)

    def end_slowly(self, top: Any) -> None:
        if type(top) is _Open:
            value = Container(tuple(top.items)) if top.items is not None else top.value
            top.put(top.key, Nested(value, top.attributes) if top.attributes else value)
        elif self.event is not None and top is self.event.attributes:
            self.end_event(self.event)
        elif self.trace is not None and (top is self.trace.attributes or type(top) is _Late):
            self.done.append(self.trace)
            self.trace, self.types = None, {}
        elif type(top) is dict:  # a global
            self.declared.setdefault(self.scope, {}).update({key: _type_of(value) for key, value in top.items()})
            self.scope = ""

    def begin_log(self, local: str, table: dict[str, str]) -> None:
        if local != "log":
            raise self.error(f"the file holds <{local}>, not <log>; it is no XES", local)
        self.note_extra(local, table)
        self.header.version = table.get("xes.version", table.get("version"))
        self.stack.append(_LOG)

    def begin_part(self, local: str, table: dict[str, str]) -> None:
        rank = _RANKS[local]
        self.in_order(rank, local)
        self.note_extra(local, table)
        if local in ("trace", "event"):
            self.check()
            if local == "event":
                self.begin_event()
                return
            self.traces += 1
            self.trace = XesTrace({}, [], self.parser.CurrentLineNumber, self.traces)
            self.stack.append(self.trace.attributes)
            self.types = self.declared["trace"]
            return
        missing = [name for name in _NEEDED[local] if not table.get(name)]
        if missing and local == "classifier":
            self.errors.append(self.problem(f"has no {' and no '.join(missing)}", local, self.file.path))
        elif missing:
            self.warn(f"has no {' and no '.join(missing)}", local)
        if local == "global":
            self.scope = scope = table.get("scope", "")
            self.stack.append(self.header.globals.setdefault(scope, {}))
            return
        if local == "extension":
            self.header.extensions[table.get("prefix", "")] = table.get("uri", "")
            for declared in self.declared.values():
                declared.update(_EXTENSION_TYPES.get(table.get("prefix", ""), {}))
        elif not missing:
            keys = (quoted or plain for quoted, plain in _QUOTED_KEYS.findall(table["keys"]))
            self.header.classifiers[table["name"]] = tuple(keys)
        self.stack.append(_LEAF)

    def begin_event(self, given: Sequence[str] = ()) -> None:
        if given:
            self.note_extra("event", dict(zip(given[::2], given[1::2], strict=True)))
        self.event = XesEvent({}, self.parser.CurrentLineNumber)
        self.stack.append(self.event.attributes)
        self.types = self.declared["event"]

    def end_event(self, event: XesEvent) -> None:
        self.event = None
        if self.trace is None:
            self.done.append(XesTrace({}, [event], event.line, 0))
            self.types = {}
            return
        self.trace.events.append(event)
        self.types = self.declared["trace"]
        self.stack[-1] = _LATE

    def begin_attribute(self, local: str, table: dict[str, str], top: Any) -> None:
        """An attribute that the beaten track does not take: nested, a list, one of the header, or faulty."""
        put = self.place(local, top)
        key, text = table.get("key"), table.get("value")
        plain = local in _READ
        for name in table.keys() - ({"key", "value"} if plain else {"key"}):
            self.warn(f"{name!r} is no attribute of it, and is left out", local)
        if key is None or (plain and text is None):
            lack = " and no ".join(
                name for name, given in (("key", key), ("value", text)) if given is None and (plain or name == "key")
            )
            self.fault(f"has no {lack}", local, key or "")
            self.stack.append(_SKIPPED)
            return
        value: Any = None
        if plain and text is not None:
            read = _READ[local]
            try:
                value = text if read is None else read(text)
            except ValueError as error:
                self.fault(str(error), local, key)
                self.stack.append(_SKIPPED)
                return
        known = type(top) in (dict, _Late)
        if known and (expected := self.types.get(key, local)) != local:
            self.warn(f"{key!r} is declared as {expected}; it is taken as it stands", local)
        self.stack.append(_Open(key, value, put, None if plain else []))

    def place(self, local: str, top: Any) -> Callable[[str, Value], None]:
        """Where an attribute that begins under *top* goes when it ends."""
        if top is _LOG:
            self.in_order(_ATTRIBUTE_RANK, local)
            return self.putting(self.header.attributes, local)
        if type(top) is _Late and self.trace is not None:
            self.warn("comes after the events of its trace; attributes come first", local)
            return self.putting(self.trace.attributes, local)
        if type(top) is dict:
            return self.putting(top, local)
        if type(top) is str:  # the attribute on the beaten track has attributes of its own
            table = self.stack[-2]
            opened = _Open(top, table.pop(top), table.__setitem__)
            self.stack[-1] = top = opened
        if type(top) is _Values:
            return top.put
        if type(top) is _Open:
            if top.late:
                self.warn("comes after the values of its list; its attributes come first", local)
            return self.putting(top.attributes, local)
        self.warn("cannot stand here, and is left out", local)
        return _forget

    def putting(self, table: dict[str, Value], local: str) -> Callable[[str, Value], None]:
        def put(key: str, value: Value) -> None:
            if key in table:
                self.warn(f"{key!r} stands twice; the first is taken", local)
            else:
                table[key] = value

        return put

    # What is wrong

    def in_order(self, rank: int, local: str) -> None:
        if rank < self.rank:
            self.warn("comes late; the order is extensions, globals, classifiers, attributes, traces, events", local)
        self.rank = max(rank, self.rank)

    def note_extra(self, local: str, table: dict[str, str]) -> None:
        for name in table.keys() - _ALLOWED[local]:
            self.warn(f"{name!r} is no attribute of it, and is left out", local)

    def fault(self, message: str, local: str, key: str) -> None:
        """A value that cannot be read: an error in the header, a fault of the trace or event elsewhere."""
        told = f"{key!r}: {message}" if key else message
        owner = self.event or self.trace
        if owner is None:
            self.errors.append(self.problem(told, local, self.file.path))
        else:
            owner.faults.append(XesFault(self.parser.CurrentLineNumber, local, key, message))


def _handlers(builder: _Builder) -> tuple[Callable[[str, list[str]], None], Callable[[str], None]]:
    """What the parser calls for each start and end of an element: the beaten track; all else goes to *builder*.

    Closures over what does not change, since a log has tens of millions of attributes.
    """
    stack, plain = builder.stack, builder.plain
    push, pop = stack.append, stack.pop

    def start(name: str, given: list[str]) -> None:
        top = stack[-1] if stack else None
        if type(top) is dict and len(given) == 4:
            known = plain.get(name)
            if known is not None:
                local, read = known
                first, key, second, text = given
                if first == "key" and second == "value" and key not in top and builder.types.get(key, local) == local:
                    try:
                        top[key] = text if read is None else read(text)
                    except ValueError:
                        pass  # the slow way tells
                    else:
                        push(key)
                        return
        builder.start_slowly(name, top, given)

    def end(_: str) -> None:
        top = pop()
        if type(top) is not str:
            builder.end_slowly(top)

    return start, end


def _type_of(value: Value) -> str:
    """The element that a value of a global was."""
    plain = value.value if isinstance(value, Nested) else value
    return _TYPES.get(type(plain), "list")


_TYPES: dict[type, str] = {str: "string", datetime: "date", int: "int", float: "float", bool: "boolean", Id: "id"}
_LATE = _Late()


def _forget(key: str, value: Value) -> None:
    """For what has no place."""


@frozen(eq=False)
class _Values:
    """The values of a list that is open."""

    owner: _Open

    def put(self, key: str, value: Value) -> None:
        assert self.owner.items is not None  # noqa: S101 - made for a list only
        self.owner.items.append((key, value))
