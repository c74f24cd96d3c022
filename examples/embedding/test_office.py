"""The example holds what its page promises."""

from __future__ import annotations

import importlib.util
import sqlite3
from pathlib import Path
from types import ModuleType

import pendulum
import pytest

from qms import SQLiteStore

NOW = pendulum.datetime(2021, 2, 9, 9, tz="Asia/Ho_Chi_Minh")


@pytest.fixture
def example() -> ModuleType:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("embedding_office", Path(__file__).with_name("office.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_card_and_its_record_land_together(example: ModuleType, tmp_path: Path) -> None:
    """After asking, the card is registered, the due date is told, and the record verifies."""
    office = example.Office(tmp_path / "office.db", lambda: NOW)
    assert office.ask("card-1", "An") == pendulum.datetime(2021, 2, 18, 17, tz="Asia/Ho_Chi_Minh")
    assert office.cards() == ["card-1"]
    with SQLiteStore(tmp_path / "office.db") as store:
        assert store.length("card-1") == 2
        assert store.verify().consistent


def test_an_error_takes_both_back(example: ModuleType, tmp_path: Path) -> None:
    """A card without a holder is refused by the office's own table, and nothing of its record is kept."""
    office = example.Office(tmp_path / "office.db", lambda: NOW)
    office.ask("card-1", "An")
    with pytest.raises(sqlite3.IntegrityError):
        office.ask("card-2", None)
    assert office.cards() == ["card-1"]
    with SQLiteStore(tmp_path / "office.db") as store:
        assert store.length("card-2") == 0
        assert store.verify().consistent
