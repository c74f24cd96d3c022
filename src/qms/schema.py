"""The JSON Schemas of definition files, made from the classes that read them, for editors and other systems.

Rule 1: what the reader refuses for its shape the schema refuses, and what it takes the schema takes. What only the whole
can tell (names that lead nowhere, unsound nets) is `Process.check`'s to say.
Rule 2: the published files, ``definitions/schemas/*.json``, are `process_schema` and `procedure_schema`, byte for byte.

JSON Schema, draft 2020-12.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from .definition import (
    EFFECTS,
    AtMost,
    Blank,
    Choice,
    ClockEffect,
    GuardUse,
    Limit,
    ProcedureDefinition,
    ProcessDefinition,
    Trigger,
)
from .invariant import FORMS, Invariant
from .limits import TimeLimit

__all__ = ["procedure_schema", "process_schema"]

Schema = dict[str, Any]

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final[Schema] = {"type": "string"}
_NAMES: Final[Schema] = {"type": "array", "items": _TEXT, "uniqueItems": True}
_NAME_OR_NAMES: Final[Schema] = {"anyOf": [_TEXT, _NAMES]}
_KEY: Final[Schema] = {"pattern": "^[a-z0-9][a-z0-9.-]*$"}
_NAMED: Final = (
    "steps", "actions", "roles", "limits", "phases", "blanks", "axes", "inputs", "outputs", "criteria", "risks", "indicators",
)  # fmt: skip
_PERIOD: Final[Schema] = {"type": "string", "examples": ["15 working days", "8 working hours", "1 month", "same day"]}
_BY: Final[Schema] = {"type": "string", "pattern": r"^(form|procedure)\."}
_FORM: Final[Schema] = {"type": "string", "pattern": r"^form\."}
_WORD: Final[Schema] = {"type": "string", "pattern": r"\S"}
_EFFECT: Final[Schema] = {"enum": list(EFFECTS)}
_AT: Final[Schema] = {"type": "string", "pattern": r"^(form\.|action:)"}


def process_schema() -> Schema:
    """The schema of a process file."""
    return {"$schema": _DRAFT, "title": "A process of qms", **_object(ProcessDefinition)}


def procedure_schema() -> Schema:
    """The schema of a procedure file."""
    return {"$schema": _DRAFT, "title": "A procedure of qms", **_object(ProcedureDefinition)}


def _object(cls: type) -> Schema:
    hints = typing.get_type_hints(cls)
    fields = attrs.fields(cls)
    properties = {attribute.name.removesuffix("_"): _of(hints[attribute.name], attribute.name) for attribute in fields}
    required = [attribute.name.removesuffix("_") for attribute in fields if attribute.default is attrs.NOTHING]
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if doc := (cls.__doc__ or "").strip().partition("\n")[0]:
        schema["description"] = doc
    return schema | ({"required": required} if required else {})


def _of(hint: Any, name: str = "") -> Schema:
    """The schema of what a field of that type may hold."""
    if hint in _SPECIAL:
        return _SPECIAL[hint]()
    if name == "from_any":
        return {"anyOf": [{"const": "*"}, _NAMES]}
    if hint is Any:
        return {}
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        (only,) = (one for one in typing.get_args(hint) if one is not type(None))
        return _or_null(_of(only, name))
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        return _NAMES if item is str else {"type": "array", "items": _of(item)}
    if typing.get_origin(hint) in (dict, Mapping):
        schema: Schema = {"type": "object", "additionalProperties": _of(typing.get_args(hint)[1])}
        return schema | ({"propertyNames": _KEY} if name in _NAMED else {})
    return _SCALARS[hint] if hint in _SCALARS else _object(hint)


def _or_null(schema: Schema) -> Schema:
    """JSON may say null where TOML leaves a key out."""
    ways = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return {"anyOf": [*ways, {"type": "null"}]}


def _choice() -> Schema:
    branches = {"type": "object", "properties": {"by": _BY}, "required": ["by"], "minProperties": 2}
    return {"anyOf": [_TEXT, _NAMES, branches | {"additionalProperties": _NAME_OR_NAMES}]}


def _clock_effect() -> Schema:
    said: Schema = {"at": _AT, "reason": _WORD, "authority": _WORD}
    by = {"type": "object", "properties": {"by": _BY, **said}, "required": ["by"], "additionalProperties": _EFFECT}
    ways: list[Schema] = [_EFFECT, by, _closed({"effect": _EFFECT, "period": _FORM, **said}, "effect")]
    ways += [_closed({effect: _FORM, **said}, effect) for effect in ("start", "extend")]
    return {"anyOf": ways}


def _guard() -> Schema:
    return {"anyOf": [_TEXT, {"type": "object", "properties": {"name": _TEXT}, "required": ["name"]}]}


def _at_most() -> Schema:
    count = {"type": "integer", "minimum": 1}
    return {"anyOf": [count, _closed({"n": count, "phase": _TEXT}, "n")]}


def _trigger() -> Schema:
    apart: list[Schema] = [
        _closed({"limit": _TEXT, side: _PERIOD, "anytime": {"type": "boolean"}}, "limit", side) for side in ("before", "after")
    ]
    need = {"anyOf": [{"enum": ["all", "any", "each"]}, {"type": "integer", "minimum": 1}]}
    return {"anyOf": [_TEXT, *apart, _closed({"children": _TEXT, "need": need}, "children")]}


def _blank() -> Schema:
    values = _NAMES | {"minItems": 1}
    return {"anyOf": [values, _closed({"values": {"anyOf": [_TEXT, values]}, "default": _TEXT}, "values")]}


def _limit() -> Schema:
    table = _object(Limit)
    table["properties"]["from"] = {"const": "procedure"}
    table["oneOf"] = [{"required": ["period"]}, {"required": ["from"]}]
    return {"anyOf": [_PERIOD, table]}


def _invariant() -> Schema:
    some = _NAMES | {"minItems": 1}
    word = {"type": "string", "minLength": 1}
    count = {"type": "integer", "minimum": 0}
    known: Schema = {"apart": {"type": "boolean"}, "at_most": count}
    known |= dict.fromkeys(("before", "within", "clock", "after"), word)
    title = _of(dict[str, str], "title")
    ways = []
    for form, (needed, more) in FORMS.items():
        may = {key: known.get(key, some) for key in (form, *more)}
        ways += [_closed({"title": title, **may, key: known.get(key, some)}, form, key) for key in needed or (form,)]
    for way in ways:
        way["required"] = list(dict.fromkeys(way["required"]))
    return {"anyOf": ways}


def _closed(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_SCALARS: Final[Mapping[Any, Schema]] = {str: _TEXT, bool: {"type": "boolean"}, int: {"type": "integer"}, TimeLimit: _PERIOD}
_SPECIAL: Final[Mapping[Any, Callable[[], Schema]]] = {
    Choice | tuple[str, ...] | None: lambda: _or_null(_choice()),
    ClockEffect: _clock_effect,
    GuardUse: _guard,
    AtMost | None: lambda: _or_null(_at_most()),
    Trigger | None: lambda: _or_null(_trigger()),
    Blank: _blank,
    Limit: _limit,
    Invariant: _invariant,
}


def text_of(schema: Schema) -> str:
    """A schema as its published file has it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
