"""The database driver's own connection, inside what frameworks call a connection."""

from __future__ import annotations

from typing import TypeVar

from ..errors import InvalidInput

__all__ = ["lapsed", "unwrapped"]

_C = TypeVar("_C")
_HOLDERS = ("driver_connection", "dbapi_connection", "connection")
_DEEP = 4
_ANEW = "ask the store's `on` anew in each transaction"


def unwrapped(connection: object, kind: type[_C], driver: str) -> _C:
    """The connection of *kind* inside what Django or SQLAlchemy call a connection; *driver* names that kind in the error.

    Raises:
        InvalidInput: there is none inside.
    """
    if callable(ensure := getattr(connection, "ensure_connection", None)):  # Django connects when it is first asked
        ensure()
    found = _held(connection, kind)
    if found is None:
        given = type(connection)
        raise InvalidInput(f"{given.__module__}.{given.__name__} is no connection of {driver}, and holds none", "connection")
    return found


def lapsed(connection: object, inner: object) -> str | None:
    """Why what the caller calls *connection* is in no transaction over *inner* any more, and the mend; None when it may be.

    SQLAlchemy commits only what it began itself, and gives a driver's connection to others once it is done with it.
    """
    if getattr(connection, "closed", False):
        return f"the connection is closed; {_ANEW}"
    if callable(begun := getattr(connection, "in_transaction", None)) and not begun():
        return (
            f"SQLAlchemy has begun no transaction over it, and would not commit; write `with connection.begin():`, and {_ANEW}"
        )
    if _held(connection, type(inner)) is not inner:
        return f"it is over another connection by now; {_ANEW}"
    return None


def _held(connection: object, kind: type[_C]) -> _C | None:
    found: object = connection
    for _ in range(_DEEP):
        if isinstance(found, kind):
            return found
        found = next((inner for name in _HOLDERS if (inner := getattr(found, name, None)) is not None), None)
    return None
