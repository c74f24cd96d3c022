"""Forms: what an action must be told, as attrs classes; how they are read, kept and sealed.

Rule 1: a form is read strictly; every fault of its fields is a reason of its own.
Rule 2: what is kept is plain text and numbers; instants keep their offset from UTC as zero.
Rule 3: fields marked `personal` never enter the trail; a salted commitment does (the value stands beside the log). What
was given for one is not repeated in a message, nor shown when a form is printed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import attrs
import cattrs
import pendulum

from .codec import make_converter, register_exactly, structure, structure_class
from .errors import InvalidInput, Problem
from .instants import YEARS
from .limits import TimeLimit

__all__ = ["field_names", "keep", "personal", "personal_fields", "read_form", "unsaid"]


def personal(**options: Any) -> Any:
    """An attrs field whose value is personal data: sealed in the trail, erasable beside it."""
    return attrs.field(metadata={"personal": True}, repr=False, **options)


@functools.cache
def personal_fields(cls: type[Any]) -> frozenset[str]:
    """The names of the fields of *cls* that are marked personal."""
    return frozenset(a.name for a in attrs.fields(cls) if a.metadata.get("personal"))


@functools.cache
def field_names(cls: type[Any]) -> frozenset[str]:
    """The names of the fields of the form *cls*."""
    return frozenset(a.name for a in attrs.fields(cls))


def read_form(cls: type[Any], value: Any) -> Any:
    """*value* (a table, or an instance of *cls* itself; None for an empty table) as the form *cls*.

    Raises:
        InvalidInput: every fault with the path of its field.
    """
    if isinstance(value, cls):
        return value
    if value is None:
        value = {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"a table of fields or a {cls.__name__} is expected, not {type(value).__name__}")
    if not _known.get(cls):
        structure_class(_converter, cls)
        _known[cls] = True
    try:
        return structure(dict(value), cls, _converter)
    except InvalidInput as error:
        given = {name: value[name] for name in personal_fields(cls).intersection(value)}  # type: ignore[arg-type]  # a class is hashable
        if not given:
            raise
        problems = [Problem(p.where, unsaid(p.message, given.get(_ROOT.split(p.where)[0]))) for p in error.problems]
    raise InvalidInput(problems)  # from nothing: what caused it repeats what was given


_ROOT = re.compile(r"[.\[]")


def unsaid(message: str, value: Any) -> str:
    """*message* without the personal *value* it is about."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return message
    message = message.replace(repr(value), "what was given")
    if any(text in message for text in _texts_in(value)):
        return "what was given does not fit here; it is personal, and is not repeated"
    return message


def _texts_in(value: Any) -> Iterator[str]:
    inner = value.items() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple, set)) else None
    if inner is None:
        yield from (text for text in {str(value), repr(value)} if text.strip())
    else:
        for item in inner:
            yield from _texts_in(item)


def keep(form: Any) -> dict[str, Any]:
    """The fields of *form* as values that canonical bytes can hold; fields that are None or empty are left out."""
    kept = {}
    for name in _fields(form.__class__):
        value = getattr(form, name)
        if value is not None and value != ():
            kept[name] = value if type(value) in _PLAIN else _kept(value)
    return _no_seal(kept)


def _no_seal(table: dict[str, Any]) -> dict[str, Any]:
    if table.keys() == {"sealed"}:
        raise InvalidInput(
            "a table with the one key 'sealed' would be taken for a sealed personal value; give the field another name"
        )
    return table


_PLAIN = (str, int, bool)


@functools.cache
def _fields(cls: type[Any]) -> tuple[str, ...]:
    return tuple(a.name for a in attrs.fields(cls))


def _kept(value: Any) -> Any:
    if isinstance(value, datetime):
        _zoned(value)
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, TimeLimit):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _PLAIN else _kept(item) for item in value]
    if isinstance(value, Mapping):
        return _no_seal({key: item if type(item) in _PLAIN else _kept(item) for key, item in value.items()})
    if attrs.has(type(value)):
        return keep(value)
    raise InvalidInput(f"a form cannot keep a value of type {type(value).__name__}")


def _instant(value: Any, _: Any) -> pendulum.DateTime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidInput(f"{value!r} is no instant; write 2021-03-01T10:00:00+07:00") from None
    if not isinstance(value, datetime):
        raise InvalidInput(f"an instant is expected, not {value!r}")
    _zoned(value)
    return value if isinstance(value, pendulum.DateTime) else pendulum.instance(value)


def _zoned(value: datetime) -> None:
    if value.year not in YEARS:
        raise InvalidInput(f"{value} is no instant that a record holds; the years are {YEARS[0]} to {YEARS[-1]}")
    if value.utcoffset() is None:
        raise InvalidInput(f"{value} has no time zone; say which, such as {value.isoformat()}+07:00")


def _day(value: Any, _: Any) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise InvalidInput(f"{value!r} is no date; write 2021-03-01") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise InvalidInput(f"a date is expected, not {value!r}")


def _texts(value: Any, _: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(f"a list of texts is expected, not {value!r}")
    return tuple(value)


def _make() -> cattrs.Converter:
    made = make_converter()
    for kind, hook in ((pendulum.DateTime, _instant), (date, _day)):
        made.register_structure_hook(kind, hook)
        register_exactly(made, kind | None, _optional(hook))
    made.register_structure_hook(TimeLimit, lambda value, _: TimeLimit.parse(value))
    register_exactly(made, TimeLimit | None, _optional(lambda value, _: TimeLimit.parse(value)))
    for texts in (tuple[str, ...], list[str]):
        register_exactly(made, texts, _texts)
    return made


def _optional(hook: Any) -> Any:
    return lambda value, cls: None if value is None else hook(value, cls)


_converter = _make()
_known: dict[type, bool] = {}
