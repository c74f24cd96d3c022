"""Stores that ship: in memory, and one SQLite file; and anchors, where checkpoints of them are kept."""

from __future__ import annotations

from .anchors import DatabaseAnchor, FileAnchor, MemoryAnchor
from .memory import MemoryStore
from .sqlite import SQLiteStore

__all__ = ["DatabaseAnchor", "FileAnchor", "MemoryAnchor", "MemoryStore", "SQLiteStore"]
