"""The kinds of record: for each a file with its forms, its guards and its views.

Rule 1: a kind of record is a definition, its forms and its views; never machinery of its own.
Rule 2: definitions name forms and guards; here the names find them. A name is given once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType, ModuleType

import attrs

from ..case import Guard
from . import children, consultation, correction, destruction, dossier, group, nonconformity, signing, transfer

__all__ = ["FORMS", "GUARDS"]

_KINDS: tuple[ModuleType, ...] = (
    children,
    consultation,
    correction,
    destruction,
    dossier,
    group,
    nonconformity,
    signing,
    transfer,
)


def _forms() -> Iterator[tuple[str, type]]:
    for module in _KINDS:
        for name, value in vars(module).items():
            if isinstance(value, type) and attrs.has(value) and value.__module__ == module.__name__:
                yield name, value


def _guards() -> Iterator[tuple[str, Guard]]:
    for module in _KINDS:
        for value in vars(module).values():
            if isinstance(value, Guard):
                yield value.name, value


FORMS: Mapping[str, type] = MappingProxyType(dict(_forms()))
"""The shipped forms by the name that definitions use."""

GUARDS: Mapping[str, Guard] = MappingProxyType(dict(_guards()))
"""The shipped guards by the name that definitions use."""
