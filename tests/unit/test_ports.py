"""The records that stores take and give."""

from __future__ import annotations

import pytest

from qms.errors import InvalidInput
from qms.ports import Private, Query, Verification, VerifyFinding

FOUND = Verification(
    consistent=False,
    complete=None,
    size=3,
    root=b"\x01" * 32,
    findings=(
        VerifyFinding("altered", "altered", 2, "a", 1, "bytes"),
        VerifyFinding("altered", "differs", stream="a", level="semantics"),
        VerifyFinding("truncated", "grew", level="tree"),
    ),
)


def test_a_verification_is_told_in_words() -> None:
    """A line for the whole, and one for each finding with its place."""
    words = ["inconsistent, completeness unknown", "position 2, a #1: altered", "a: differs", "grew"]
    assert words == str(FOUND).splitlines()


@pytest.mark.parametrize(("complete", "words"), [(None, "completeness unknown"), (True, "complete"), (False, "incomplete")])
def test_consistent_is_not_complete(complete: bool | None, words: str) -> None:
    """The two are told apart, and unknown is a word of its own."""
    assert f"consistent, {words}" == str(Verification(consistent=True, complete=complete, size=0, root=b""))


def test_a_verification_is_not_yes_or_no() -> None:
    """Asked as a condition it would hide that completeness is unknown."""
    with pytest.raises(TypeError, match=r"ask \.consistent and \.complete"):
        bool(FOUND)


def test_a_verification_becomes_plain_values() -> None:
    """For JSON: the root in hexadecimal, findings with all their fields."""
    tree = FOUND.to_tree()
    assert {"consistent": False, "complete": None, "size": 3, "root": "01" * 32} == {
        k: v for k, v in tree.items() if k not in {"findings", "notes"}
    }
    first = {"code": "altered", "level": "bytes", "message": "altered", "position": 2, "stream": "a", "seq": 1}
    assert (first, []) == (tree["findings"][0], tree["notes"])


def test_a_private_value_is_not_shown() -> None:
    """The repr of a personal value, which ends in logs, holds neither value nor salt."""
    assert "Private(seq=1, path='name')" == repr(Private(1, "name", b"s" * 16, b"Lan"))


@pytest.mark.parametrize("limit", [-1, True, 1.5, "3", 2**63])
def test_a_limit_of_rows_is_a_whole_number(limit):
    """Stores would each make something else of another value."""
    with pytest.raises(InvalidInput, match=r"limit: .* is no number of rows"):
        Query(limit=limit)
