"""Stores that ship: in memory, one SQLite file, PostgreSQL; and anchors, where checkpoints of them are kept.

`PostgresStore` needs the extra ``postgres``, and is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .anchors import DatabaseAnchor, FileAnchor, MemoryAnchor
from .memory import MemoryStore
from .sqlite import SQLiteStore

if TYPE_CHECKING:
    from .postgres import PostgresStore as PostgresStore  # not in __all__: a star takes only what needs no extra

__all__ = ["DatabaseAnchor", "FileAnchor", "MemoryAnchor", "MemoryStore", "SQLiteStore"]


def __getattr__(name: str) -> Any:
    if name != "PostgresStore":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from .postgres import PostgresStore
    except ImportError as error:
        raise ImportError("PostgresStore needs psycopg 3: pip install 'qms[postgres]'") from error
    return PostgresStore
