"""Stores that ship: in memory, and one SQLite file."""

from __future__ import annotations

from .memory import MemoryStore
from .sqlite import SQLiteStore

__all__ = ["MemoryStore", "SQLiteStore"]
