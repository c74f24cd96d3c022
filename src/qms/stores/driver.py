"""The database driver's own connection, inside what frameworks call a connection."""

from __future__ import annotations

from typing import TypeVar

from ..errors import InvalidInput

__all__ = ["unwrapped"]

_C = TypeVar("_C")
_HOLDERS = ("driver_connection", "dbapi_connection", "connection")
_DEEP = 4


def unwrapped(connection: object, kind: type[_C], driver: str) -> _C:
    """The connection of *kind* inside what Django or SQLAlchemy call a connection; *driver* names that kind in the error.

    Raises:
        InvalidInput: there is none inside.
    """
    found: object = connection
    for _ in range(_DEEP):
        if isinstance(found, kind):
            return found
        if callable(ensure := getattr(found, "ensure_connection", None)):  # Django connects when it is first asked
            ensure()
        found = next((inner for name in _HOLDERS if (inner := getattr(found, name, None)) is not None), None)
    given = type(connection)
    raise InvalidInput(f"{given.__module__}.{given.__name__} is no connection of {driver}, and holds none", "connection")
