"""Values to canonical bytes and back; TOML and JSON trees; the files shipped with the package.

Rule 1: canonical bytes are RFC 8785 on a restricted model: no floats, ASCII keys, integers below 2^53, no lone
surrogates, nesting to 64, 64 KiB a record. On that model the standard encoder with sorted keys is byte-equal to RFC 8785,
and so is orjson (extra `fast`).
Rule 2: what was stored is hashed as stored; nothing is re-encoded to be verified.
Rule 3: this module knows no class of ours. It reads trees and turns them into attrs classes that are handed to it.
"""

from __future__ import annotations

import json
import re
import reprlib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import attrs
import cattrs
from cattrs.cols import list_structure_factory
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_mapping_structure_fn

from .errors import InvalidInput, NotFound, Problem

__all__ = [
    "decode",
    "digest",
    "encode",
    "is_text",
    "make_converter",
    "parse_tree",
    "read_tree",
    "refuse_deep",
    "register_exactly",
    "shipped",
    "shipped_names",
    "structure",
    "structure_class",
]

MAX_DEPTH = 64
MAX_BYTES = 64 * 1024
MAX_INT = 2**53 - 1

T = TypeVar("T")

_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_SAMPLE = {"b": [1, -(2**53) + 1, None, True, ("",)], "a": {"Z": '\x00\x1f\x7f"\\/\u2028ễ𝄞', "Y": {}, "_": []}}


def _plain_dumps(value: Any) -> bytes:
    return _JSON.encode(value).encode()


@cache
def writer() -> Callable[[Any], bytes]:
    """What writes canonical bytes: orjson where it is installed and writes a sample as the standard encoder does, else that one."""
    try:
        import orjson
    except ImportError:
        return _plain_dumps
    fast = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)
    return fast if fast(_SAMPLE) == _plain_dumps(_SAMPLE) else _plain_dumps


def encode(value: Any, *, limit: int = MAX_BYTES) -> bytes:
    """The canonical bytes of *value* (RFC 8785, restricted): dict, list, tuple, str, int, bool, None.

    Raises:
        InvalidInput: a float, a key that is no ASCII string, an integer of 2^53 or more, a lone surrogate, nesting
            deeper than 64, or more than *limit* bytes; all faults at once, each with its path.
    """
    if not _is_plain(value, 0):
        raise InvalidInput(_faults(value, "", 0))
    data = writer()(value)
    if len(data) > limit:
        raise InvalidInput(
            f"{len(data)} bytes are more than the {limit} a record may have; keep the large part beside it, by hash"
        )
    return data


def _is_plain(value: Any, depth: int) -> bool:
    """Whether `_faults` would find nothing; on the path of every record, so it stops at the first and makes no paths."""
    kind = type(value)
    if kind is str:
        return value.isascii() or _SURROGATE.search(value) is None
    if kind is int:
        return bool(-MAX_INT <= value <= MAX_INT)
    if value is None or kind is bool:
        return True
    if depth >= MAX_DEPTH:
        return False
    if kind is dict:
        for key, item in value.items():  # plain loops: twice as fast as all() here
            if type(key) is not str or not key.isascii() or not _is_plain(item, depth + 1):
                return False
        return True
    if kind is not list and kind is not tuple:
        return False
    for item in value:  # noqa: SIM110
        if not _is_plain(item, depth + 1):
            return False
    return True


def _faults(value: Any, path: str, depth: int) -> Iterator[Problem]:
    kind = type(value)
    if kind is str:
        if not value.isascii() and _SURROGATE.search(value):
            yield Problem(path, "a lone surrogate cannot be encoded as UTF-8")
    elif kind is int:
        if not -MAX_INT <= value <= MAX_INT:
            yield Problem(path, f"{value} is beyond 2^53; write it as a string")
    elif value is None or kind is bool:
        return
    elif depth >= MAX_DEPTH:
        yield Problem(path, f"nested deeper than {MAX_DEPTH}")
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                yield Problem(path, f"the key {key!r} is not an ASCII string")
            else:
                yield from _faults(item, f"{path}.{key}" if path else key, depth + 1)
    elif kind in (list, tuple):
        for index, item in enumerate(value):
            yield from _faults(item, f"{path}[{index}]", depth + 1)
    else:
        yield Problem(path, f"{kind.__name__} {value!r} has no canonical form; use text, integers, lists and tables")


def is_text(value: object) -> bool:
    """Whether *value* is text that can be encoded as UTF-8: without lone surrogates."""
    return isinstance(value, str) and (value.isascii() or _SURROGATE.search(value) is None)


_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes) -> Any:
    """The value of stored bytes.

    Raises:
        InvalidInput: not UTF-8, not JSON, a duplicate key, a float, a number of thousands of digits.
    """
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"the bytes are no record: {error}") from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        twice = next(key for n, (key, _) in enumerate(pairs) if any(key == other for other, _ in pairs[:n]))
        raise ValueError(f"the key {twice!r} stands twice in one table")
    return table


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is a float")


_DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_float=_no_float, parse_constant=_no_float)
"""Made once: `json.loads` with hooks makes one for each call."""


def digest(value: Any) -> str:
    """The SHA-256 of the canonical bytes of *value*, as 64 hexadecimal digits. Large values (a calendar) are allowed."""
    return sha256(encode(value, limit=16 * 1024 * 1024)).hexdigest()


def parse_tree(text: str, *, form: str = "toml", where: str = "") -> dict[str, Any]:
    """The table that TOML or JSON text holds.

    Raises:
        InvalidInput: the text is not TOML (or JSON); the message names line and column. Or it nests deeper than 64.
    """
    try:
        tree = json.loads(text, object_pairs_hook=_no_duplicates) if form == "json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not valid {form.upper()}: {error}", where) from error
    if not isinstance(tree, dict):
        raise InvalidInput(f"a table is expected at the top, not {type(tree).__name__}", where)
    refuse_deep(tree, where)
    return tree


def refuse_deep(tree: Any, where: str = "") -> None:
    """Refuse a tree that nests deeper than canonical bytes can, before anything walks down into it.

    Raises:
        InvalidInput: it nests deeper than 64.
    """
    level, depth = [tree], 0
    while level := [item for node in level for item in _items(node) if isinstance(item, (Mapping, list, tuple))]:
        depth += 1
        if depth >= MAX_DEPTH:
            raise InvalidInput(f"nested deeper than {MAX_DEPTH}", where)


def _items(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, Mapping) else node if isinstance(node, (list, tuple)) else ()


def read_tree(path: str | Path) -> dict[str, Any]:
    """The table in the file at *path*, by its suffix ``.toml`` or ``.json``; a byte order mark is no part of it.

    Raises:
        InvalidInput: no such file, a folder, not UTF-8, another suffix, or not valid TOML or JSON.
    """
    path = Path(path)
    form = path.suffix.lower().lstrip(".")
    if form not in ("toml", "json"):
        raise InvalidInput("a definition is a .toml or .json file", str(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the file is not UTF-8 text: {error}", str(path)) from error
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        raise InvalidInput(f"cannot be read: {getattr(error, 'strerror', None) or error}", str(path)) from error
    return parse_tree(text, form=form, where=str(path))


_ONE = {"processes": "process", "procedures": "procedure", "calendars": "calendar", "rules": "rule"}


def shipped(kind: str, name: str) -> dict[str, Any]:
    """The table of the shipped definition *name* of *kind*: ``processes``, ``procedures``, ``calendars`` or ``rules``.

    Raises:
        NotFound: nothing of that name is shipped; the message lists what is.
    """
    file = resources.files("qms") / "definitions" / kind / f"{name}.toml"
    if name not in shipped_names(kind):
        raise NotFound(f"no {_ONE[kind]} {name!r} is shipped; there are: {', '.join(shipped_names(kind))}")
    return parse_tree(file.read_text(encoding="utf-8"), where=f"{kind}/{name}.toml")


def shipped_names(kind: str) -> tuple[str, ...]:
    """The names of the shipped definitions of *kind*, sorted."""
    folder = resources.files("qms") / "definitions" / kind
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def make_converter() -> cattrs.Converter:
    """A converter that is strict: unknown keys, wrong types and missing keys are faults, and all are gathered."""
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _table(converter.gen_structure_attrs_fromdict(cls)))
    converter.register_structure_hook_factory(_is_mapping, lambda cls: _table(make_mapping_structure_fn(cls, converter)))
    converter.register_structure_hook_factory(_is_list, lambda cls: _list(cls, converter))
    return converter


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            quotes = f'; write it in quotes: "{value}"' if kind is str and isinstance(value, date) else ""
            raise InvalidInput(f"{_NAMES[kind]} is expected, not {_shown(value)}{quotes}")
        if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
            raise InvalidInput("a lone surrogate cannot be encoded as UTF-8")
        return value

    return hook


_NAMES = {str: "text", int: "a whole number", bool: "true or false"}


def _is_mapping(cls: Any) -> bool:
    return get_origin(cls) in (dict, Mapping)


def _is_list(cls: Any) -> bool:
    return get_origin(cls) is list or (get_origin(cls) is tuple and get_args(cls)[1:] == (...,))


def _table(read: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """*read* for tables alone: what is no table is told as such, and a text is not read letter by letter."""

    def hook(value: Any, cls: Any) -> Any:
        if not isinstance(value, Mapping):
            raise InvalidInput(f"a table is expected, not {_shown(value)}")
        return read(value, cls)

    return hook


def _list(cls: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    made: Any = get_origin(cls)
    items: Any = list[get_args(cls)[0]]  # type: ignore[misc]
    read = list_structure_factory(items, converter)

    def hook(value: Any, _: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise InvalidInput(f"a list is expected, not {_shown(value)}")
        return made(read(value, items))

    return hook


_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 100
_shown = _short.repr
"""A value as it is written in a message: no more of it than fits a line, however long or deep it is."""


def structure(tree: Any, cls: type[T], converter: cattrs.Converter, *, where: str = "") -> T:
    """*tree* as an instance of the attrs class *cls*.

    Raises:
        InvalidInput: with every fault and its path (``actions.sign.roles[0]``).
    """
    try:
        return converter.structure(tree, cls)
    except Exception as error:  # cattrs wraps whatever a hook raises
        raise InvalidInput(tuple(_problems(error, where))) from error


def _problems(error: BaseException, path: str) -> Iterator[Problem]:
    if isinstance(error, InvalidInput):
        for problem in error.problems:
            yield Problem(_join(path, problem.where), problem.message)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = sorted(_keys(error.cl))
        for key in sorted(error.extra_fields):
            yield Problem(_join(path, key or '""'), f"unknown key; known here: {', '.join(known)}")
    elif isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _problems(inner, _noted(inner, path))
    elif isinstance(error, KeyError):
        yield Problem(_join(path, str(error.args[0])), "missing")
    else:
        yield Problem(path, str(error))


def _noted(error: BaseException, path: str) -> str:
    for note in getattr(error, "__notes__", ()):
        name = getattr(note, "name", None)
        if isinstance(error, KeyError) and not isinstance(error, BaseValidationError) and name is not None:
            return path
        if name is not None:
            return _join(path, str(_renamed(note)))
        index = getattr(note, "index", None)
        if index is not None:
            return f"{path}[{index}]" if isinstance(index, int) else _join(path, str(index))
    return path


def _renamed(note: Any) -> str:
    return str(note.name).rstrip("_")


def _keys(cls: type) -> Iterator[str]:
    if attrs.has(cls):
        for attribute in attrs.fields(cls):
            yield attribute.name.rstrip("_")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name and not name.startswith("[") else f"{path}{name}"


def register_exactly(converter: cattrs.Converter, wanted: Any, hook: Callable[[Any, Any], Any]) -> None:
    """Register *hook* for the type *wanted* alone: unions and parametrised types are no classes to dispatch on."""
    converter.register_structure_hook_func(lambda cls: cls == wanted, hook)


def structure_class(converter: cattrs.Converter, cls: type[Any], **renames: Any) -> None:
    """Register *cls* with a strict reader in which keys named like Python words lose their underscore (``from_`` → ``from``)."""
    overrides = {a.name: cattrs.override(rename=a.name.rstrip("_")) for a in attrs.fields(cls) if a.name.endswith("_")}
    read = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **{**overrides, **renames})
    converter.register_structure_hook(cls, _table(read))
