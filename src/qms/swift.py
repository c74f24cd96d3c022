"""Frozen classes that are made quickly: the same classes, in a third of the time.

Rule 1: nothing can be told apart from a plain `attrs.frozen` class: fields, order, equality, pickles, and that it cannot change.
Rule 2: while it is being made, and not seen by anybody, an instance is of a twin without the lock; then it is locked for good.

A frozen class of attrs sets each field by a call of ``object.__setattr__``, which for an event of 14 fields takes longer than to
decide on it. For classes of plain fields only: no converter, no validator, no factory, nothing to do afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from attrs import NOTHING, Factory, fields

__all__ = ["swift"]

C = TypeVar("C", bound=type[Any])

_become: Final[Callable[[Any, type], None]] = object.__dict__["__class__"].__set__


def swift(cls: C) -> C:
    """*cls*, a frozen attrs class with slots, whose instances are made quickly.

    >>> from attrs import frozen
    >>> @swift
    ... @frozen
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(1)
    Point(x=1, y=0)
    >>> Point(1).x = 2
    Traceback (most recent call last):
    attr.exceptions.FrozenInstanceError: can't set attribute

    Raises:
        TypeError: a field is converted, validated or made anew for each instance.
    """
    attributes = fields(cls)
    for one in attributes:
        if one.converter or one.validator or isinstance(one.default, Factory) or not one.init or one.alias != one.name:  # type: ignore[arg-type]
            raise TypeError(f"{cls.__name__}.{one.name} is more than a plain field; leave out @swift")
    unlocked = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    twin = type(cls.__name__, (cls,), unlocked)
    known = {f"default_{one.name}": one.default for one in attributes if one.default is not NOTHING}
    taken = ", ".join(f"{one.name}=default_{one.name}" if one.default is not NOTHING else one.name for one in attributes)
    kept = "\n".join(f"    self.{one.name} = {one.name}" for one in attributes)
    text = f"def __init__(self, {taken}):\n    become(self, twin)\n{kept}\n    self.__class__ = cls\n"
    made: dict[str, Any] = {"become": _become, "twin": twin, "cls": cls, **known}
    exec(text, made)  # noqa: S102 - only names of fields, as attrs itself does it
    init, plain = made["__init__"], cls.__init__
    init.__annotations__, init.__qualname__, init.__module__ = plain.__annotations__, plain.__qualname__, cls.__module__
    cls.__init__ = init
    return cls
